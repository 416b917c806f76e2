import { toMinor } from '../../src/domain/money.ts';
import { fromStripeAmount } from '../../src/payments/stripe/stripe-amounts.ts';
import type { Body, CheckoutClient } from './checkout-client.ts';
import type { StripeCharge } from './stripe-ledger.ts';
import type { StripeServer } from './stripe-server.ts';

/** Money by currency, in minor units. */
export type Sums = Readonly<Record<string, number>>;

/** The same, as the provider has it and as the service has it. */
export type AccountCheck = { readonly name: string; readonly expected: unknown; readonly found: unknown };

export type MoneyAccounts = {
  readonly captured: Sums;
  readonly sentBack: Sums;
  readonly paidOrders: Sums;
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
  const listed = async (path: string): Promise<number> => {
    const { status, body, text } = await client.admin('GET', `${path}&limit=200`);
    if (status !== 200) {
      throw new Error(`there is no list: ${text}`);
    }
    return body.items.length;
  };
  const held = await Promise.all(products.map(async ({ id }) => (await client.product(id)).body.held_stock));
  const open = [...intentIds].filter((id) =>
    ['requires_payment_method', 'processing'].includes(stripe.ledger.intents.get(id)?.status ?? ''),
  );
  const counts = {
    'events on their way': stripe.undelivered,
    'pending orders': await listed('/orders?status=pending'),
    'orders with a refund due': await listed('/orders?status=refund_due'),
    'refunds due': await listed('/refunds?status=due'),
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
  const refunds = await client.items('/refunds');
  const charges = [...ledger.charges.values()];
  const paid = orders.filter(({ status }) => status === 'paid');
  const captured = sumsOf(charges, providerMoney);
  const sentBack = sumsOf(ledger.refunds, providerMoney);
  const paidOrders = sumsOf(paid, ({ total, currency }) => serviceMoney(total, currency));
  const refunded = sumsOf(
    refunds.filter(({ status }) => status === 'succeeded'),
    ({ amount, currency }) => serviceMoney(amount, currency),
  );
  const kept = charges.filter(({ amount_refunded }) => amount_refunded === 0);
  const refundIds = ledger.refunds.map(({ metadata }) => Number(metadata.flash_sale_refund_id));
  const stockOf = async (id: number) => (await client.product(id)).body.stock;

  const checks: AccountCheck[] = [
    {
      name: 'money captured − sent back at the provider = paid orders',
      expected: difference(captured, sentBack),
      found: paidOrders,
    },
    {
      name: 'money captured at the provider = paid orders + refunds of the service',
      expected: captured,
      found: difference(paidOrders, difference({}, refunded)),
    },
    {
      name: 'payments that the provider kept, one for each paid order',
      expected: paid.map(({ order_id }) => order_id).toSorted(),
      found: kept.map((charge) => orderIdOf(charge, orders)).toSorted(),
    },
    {
      name: 'payments that went back went back whole, in one refund',
      expected: charges
        .filter(({ refunded }) => refunded)
        .map(({ id }) => id)
        .toSorted(),
      found: ledger.refunds.map(({ charge }) => charge).toSorted(),
    },
    {
      name: 'payments that went back in part',
      expected: 0,
      found: charges.filter(({ refunded }) => !refunded).length - kept.length,
    },
    {
      name: 'each refund of the service was made at the provider, once',
      expected: refunds.map(({ refund_id }) => refund_id).toSorted(),
      found: refundIds.toSorted(),
    },
    {
      name: 'orders that buyers were told of, and no others',
      expected: [...acknowledged].toSorted(),
      found: orders.map(({ order_id }) => order_id).toSorted(),
    },
    {
      name: 'stock = stock at the start − units of paid orders',
      expected: products.map(({ id, stock }) => stock - unitsOf(paid, id)),
      found: await Promise.all(products.map(({ id }) => stockOf(id))),
    },
    { name: 'differences that the audit finds', expected: [], found: await client.auditDifferences() },
  ];
  return { captured, sentBack, paidOrders, checks };
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

/** Money of a charge or a refund at the provider. */
export function providerMoney(at: { readonly amount: number; readonly currency: string }) {
  const currency = at.currency.toUpperCase();
  return { currency, minor: exact(fromStripeAmount(at.amount, currency)) };
}

function serviceMoney(amount: number, currency: string) {
  return { currency, minor: exact(toMinor(amount, currency)) };
}

function exact(minor: number | null): number {
  if (minor === null) {
    throw new Error('an amount has a part of a minor unit');
  }
  return minor;
}

/** By the order's own id, or by the hold that was paid before the order was there. */
function orderIdOf({ metadata }: StripeCharge, orders: readonly Body[]): number {
  const orderId = Number(metadata.flash_sale_order_id ?? 0);
  return orderId === 0
    ? (orders.find(({ hold_id }) => hold_id === Number(metadata.flash_sale_hold_id))?.order_id ?? 0)
    : orderId;
}

function unitsOf(orders: readonly Body[], productId: number): number {
  return orders
    .filter(({ product_id }) => product_id === productId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
