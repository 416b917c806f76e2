import type { Body, CheckoutClient } from './checkout-client.ts';
import {
  disputeText,
  intentOf,
  orderIdOf,
  providerAccount,
  providerMoney,
  ServiceBooks,
} from './payment-accounts.ts';
import type { StripeServer } from './stripe-server.ts';

/** Money by currency, in minor units. */
export type Sums = Readonly<Record<string, number>>;

/** The same, as the provider has it and as the service has it. */
export type AccountCheck = { readonly name: string; readonly expected: unknown; readonly found: unknown };

/** Where the money of all payments is, as the service has it. */
export type MoneyAccounts = {
  /** What came in at the provider. */
  readonly captured: Sums;
  /** What paid orders keep. */
  readonly kept: Sums;
  /** What went back, whoever sent it. */
  readonly returned: Sums;
  /** What banks took in disputes. */
  readonly lost: Sums;
  /** What is owed and waits for the end of a dispute. */
  readonly due: Sums;
  readonly checks: readonly AccountCheck[];
};

/** What is not finished yet, each by its name; empty when everything is. What is in a list is counted up to a page's length. */
export async function unfinished(
  client: CheckoutClient,
  stripe: StripeServer,
  {
    products,
    intentIds,
  }: { readonly products: readonly { readonly id: number }[]; readonly intentIds: Iterable<string> },
): Promise<Readonly<Record<string, number>>> {
  const list = async (path: string): Promise<readonly Body[]> => {
    const { status, body, text } = await client.admin('GET', `${path}&limit=200`);
    if (status !== 200) {
      throw new Error(`there is no list: ${text}`);
    }
    return body.items;
  };
  const listed = async (path: string) => (await list(path)).length;
  // An open dispute holds back what is due.
  const disputed = new Set(
    stripe.ledger.disputes
      .filter(({ status }) => status === 'needs_response')
      .map(({ payment_intent }) => payment_intent),
  );
  const due = (await list('/refunds?status=due')).filter((refund) => !disputed.has(intentOf(refund)));
  const waiting = new Set(due.map(({ order_id }) => order_id));
  const refundDue = await list('/orders?status=refund_due');
  const held = await Promise.all(products.map(async ({ id }) => (await client.product(id)).body.held_stock));
  const open = [...intentIds].filter((id) =>
    ['requires_payment_method', 'processing'].includes(stripe.ledger.intents.get(id)?.status ?? ''),
  );
  const counts = {
    'events on their way': stripe.undelivered,
    'pending orders': await listed('/orders?status=pending'),
    'orders with a refund due': refundDue.filter(({ order_id }) => waiting.has(order_id)).length,
    'refunds due': due.length,
    'parked events': await listed('/payment-events?result=parked'),
    'flagged events': await listed('/payment-events?result=possible_second_payment'),
    'units held': held.reduce((sum, units) => sum + units, 0),
    'payments open at the provider': open.length,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/**
 * Where the money and the units are when everything has ended, counted at the provider and in the service, each by itself.
 *
 * @param products with the stock that each began with
 * @param acknowledged ids of orders that buyers were told of
 */
export async function accountsOf(
  client: CheckoutClient,
  { ledger }: StripeServer,
  products: readonly { readonly id: number; readonly stock: number }[],
  acknowledged: readonly number[],
): Promise<MoneyAccounts> {
  const orders = await client.items('/orders');
  const books = new ServiceBooks(orders, await client.items('/refunds'), await client.items('/disputes'));
  const charges = [...ledger.charges.values()];
  const atProvider = charges.map((charge) => providerAccount(ledger, charge));
  const inService = charges.map((charge) => books.accountOf(charge));
  const captured = sumsOf(charges, providerMoney);
  const [kept, returned, lost, due] = (['kept', 'returned', 'lost', 'due'] as const).map((part) =>
    sumsOf(inService, (account) => ({ currency: account.currency, minor: account[part] })),
  ) as [Sums, Sums, Sums, Sums];
  const consumed = (await client.items('/holds')).filter(({ status }) => status === 'consumed');
  const statusOf = new Map(orders.map(({ order_id, status }) => [order_id, status]));
  const withStatus = (status: string) =>
    orders.filter((order) => order.status === status).map(({ order_id }) => order_id);
  const stockOf = async (id: number) => (await client.product(id)).body.stock;

  const checks: AccountCheck[] = [
    {
      name: 'money captured at the provider = kept + returned + lost + due of the service, in each currency',
      expected: captured,
      found: [kept, returned, lost, due].reduce((sum, part) => difference(sum, difference({}, part)), {}),
    },
    {
      name: 'what went back, was lost and is still there of each payment, at the provider and in the service',
      expected: atProvider,
      found: inService.map(({ kept: here, due: owed, ...account }) => ({ ...account, left: here + owed })),
    },
    {
      name: 'payments of which more went back or was lost than was paid',
      expected: [],
      found: atProvider.filter(({ left }) => left < 0),
    },
    {
      name: 'payments that the provider has not returned, one for each paid order',
      expected: withStatus('paid').toSorted(),
      found: charges
        .filter((_, index) => (inService[index]?.kept ?? 0) > 0)
        .map((charge) => orderIdOf(charge, orders))
        .toSorted(),
    },
    {
      name: 'refunds at the provider that carry the id of a refund of the service, and no such refund',
      expected: [],
      found: ledger.refunds.filter((refund) => !books.hasSent(refund)).map(({ id }) => id),
    },
    {
      name: 'disputes with their amounts and ends',
      expected: ledger.disputes.map(disputeText).toSorted(),
      found: books.disputeTexts(),
    },
    {
      name: 'orders that buyers were told of, and no others',
      expected: [...acknowledged].toSorted(),
      found: orders.map(({ order_id }) => order_id).toSorted(),
    },
    {
      name: 'stock = stock at the start − units of consumed holds',
      expected: products.map(({ id, stock }) => stock - unitsOf(consumed, id)),
      found: await Promise.all(products.map(({ id }) => stockOf(id))),
    },
    {
      name: 'orders of consumed holds that are neither paid nor refunded, and paid orders of other holds',
      expected: [[], []],
      found: [
        consumed.filter(({ order_id }) => !['paid', 'refunded'].includes(statusOf.get(order_id) ?? '')),
        withStatus('paid').filter((id) => !consumed.some(({ order_id }) => order_id === id)),
      ],
    },
    { name: 'differences that the audit finds', expected: [], found: await client.auditDifferences() },
  ];
  return { captured, kept, returned, lost, due, checks };
}

/** What does not come in a currency is not in the result. */
export function difference(whole: Sums, part: Sums): Sums {
  return Object.fromEntries(
    [...new Set([...Object.keys(whole), ...Object.keys(part)])]
      .toSorted()
      .map((currency) => [currency, (whole[currency] ?? 0) - (part[currency] ?? 0)]),
  );
}

/** In the order of the currencies' codes, so that two can be compared. */
export function sumsOf<Item>(
  items: readonly Item[],
  moneyOf: (item: Item) => { readonly currency: string; readonly minor: number },
): Sums {
  const sums: Record<string, number> = {};
  for (const { currency, minor } of items.map(moneyOf)) {
    sums[currency] = (sums[currency] ?? 0) + minor;
  }
  return difference(sums, {});
}

function unitsOf(orders: readonly Body[], productId: number): number {
  return orders
    .filter(({ product_id }) => product_id === productId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
