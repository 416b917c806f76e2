import { setTimeout as pause } from 'node:timers/promises';
import { CheckoutClient } from './checkout-client.ts';
import { type CheckoutProcess, startProcess } from './checkout-process.ts';
import { accountsOf, type MoneyAccounts, unfinished } from './money-accounts.ts';
import { deliveryPlan, faultsOfProvider } from './payment-fates.ts';
import { freePort } from './servers.ts';
import { stripePath, stripeSecret } from './signed-events.ts';
import { StripeServer } from './stripe-server.ts';
import { type SaleProduct, UnluckyBuyers } from './unlucky-buyers.ts';
import { until } from './until.ts';

export type MoneyRunOptions = {
  readonly databaseUrl: string;
  readonly orders: number;
  readonly buyersAtATime: number;
  /** How many `flash-sale serve` work on the database. Each is killed once. */
  readonly processes: number;
  readonly paymentSeconds: number;
  /** How long the provider is away. */
  readonly awayMs: number;
  /** So many faults of the provider are one request that is never answered; without it there is none. */
  readonly silentEvery?: number;
  /** While a killed process is gone. */
  readonly killed?: () => Promise<void>;
  /** While something is unfinished. */
  readonly waiting?: () => Promise<void>;
  /** Told how far it is. */
  readonly say?: (text: string) => void;
  /** Is given what ends servers and processes. */
  readonly atEnd: (end: () => Promise<void>) => void;
  /** Ends every wait that is in vain. */
  readonly patience: AbortSignal;
};

export type MoneyRun = {
  readonly stripe: StripeServer;
  readonly buyers: UnluckyBuyers;
  readonly accounts: MoneyAccounts;
};

/** How often is looked whether everything has ended. */
const lookMs = 500;

/**
 * A sale against a provider with every fault that it can have, on processes that are killed in the middle of it. It comes in two rushes:
 * between them the units of those who have not paid in time are free again, and the second one takes what is scarce of them, so that
 * some late payments find units and some do not. It ends when all money has gone where it belongs.
 */
export async function runMoney(options: MoneyRunOptions): Promise<MoneyRun> {
  const { orders, buyersAtATime, say = () => {}, patience, atEnd } = options;
  const stripe = await StripeServer.start();
  atEnd(() => stripe.close());
  const nodes = await startNodes(options, stripe);
  const clients = nodes.map(({ url }) => new CheckoutClient(url, ''));
  const [client] = clients;
  if (client === undefined) {
    throw new Error('expected one process or more');
  }
  atEnd(async () => {
    for (const each of clients) {
      each.hangUp();
    }
  });
  const products = await createProducts(client, orders);
  const buyers = new UnluckyBuyers(clients, stripe, products, patience);
  stripe.webhook = {
    url: `${client.url}${stripePath}`,
    secret: stripeSecret,
    plan: deliveryPlan(buyers.fates, () => buyers.returned.isLosing),
  };
  stripe.faultOf = faultsOfProvider(options.silentEvery);

  const atShare = (share: number) => until(() => buyers.begun.length >= orders * share, 5, patience);
  const indexes = Array.from({ length: orders }, (_, index) => index);
  const firstRush = Math.round(orders * 0.8);
  const kill = async (node: Node | undefined): Promise<void> => {
    await node?.killAndStart();
    say(`a process was killed and started again; ${buyers.begun.length} orders were begun`);
  };
  await together([
    buyers.placeOrders(indexes.slice(0, firstRush), buyersAtATime),
    atShare(0.3).then(() => kill(nodes[0])),
    atShare(0.5).then(async () => {
      stripe.isDown = true;
      say('the provider is away');
      await pause(options.awayMs, undefined, { signal: patience });
      stripe.isDown = false;
      say('the provider is back');
    }),
  ]);
  say('the first rush is over');
  await buyers.lateOnesHaveExpired();
  await together([
    buyers.placeOrders(indexes.slice(firstRush), buyersAtATime),
    ...nodes.slice(1).map((node) => atShare(0.9).then(() => kill(node))),
  ]);
  say('the second rush is over');
  buyers.rushIsOver();
  await buyers.done();
  const nothingIsLeft = () =>
    untilNothingIsLeft(
      () => unfinished(client, stripe, { products, intentIds: buyers.fates.keys() }),
      options,
    );
  await nothingIsLeft();
  // The last refunds that were sent may fail too.
  await buyers.returned.done();
  await nothingIsLeft();
  return { stripe, buyers, accounts: await accountsOf(client, stripe, products, buyers.orderIds) };
}

/** Waits for all of it even when some fails: a process that is started again must not be left behind. */
async function together(work: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}

/** @throws Error with what is still unfinished when patience has run out */
async function untilNothingIsLeft(
  ask: () => Promise<Readonly<Record<string, number>>>,
  { say = () => {}, waiting = async () => {}, patience }: MoneyRunOptions,
): Promise<void> {
  let left = '';
  try {
    await until(
      async () => {
        left = JSON.stringify(await ask());
        say(`left: ${left}`);
        await waiting();
        return left === '{}';
      },
      lookMs,
      patience,
    );
  } catch (error) {
    throw new Error(`left over: ${left}`, { cause: error });
  }
}

type Node = { readonly url: string; killAndStart(): Promise<void> };

/** Processes on ports that stay the same, one after the other: the first one makes the schema. */
async function startNodes(options: MoneyRunOptions, stripe: StripeServer): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let count = 0; count < options.processes; count += 1) {
    const start = await starterOf(options, stripe);
    let running = await start();
    nodes.push({
      url: running.url,
      killAndStart: async () => {
        await running.kill();
        running.hangUp();
        await options.killed?.();
        running = await start();
      },
    });
  }
  return nodes;
}

async function starterOf(
  { databaseUrl, paymentSeconds, atEnd }: MoneyRunOptions,
  stripe: StripeServer,
): Promise<() => Promise<CheckoutProcess>> {
  const variables = {
    PORT: String(await freePort()),
    PAYMENT_SECONDS: String(paymentSeconds),
    STRIPE_API_KEY: 'sk_test_1',
    STRIPE_API_URL: stripe.url,
    STRIPE_WEBHOOK_SECRETS: stripeSecret,
  };
  return () => startProcess({ databaseUrl, variables }, atEnd);
}

/** Two that sell out, and four that do not: in currencies with cents, without, and with those that only Stripe still counts. */
async function createProducts(
  client: CheckoutClient,
  orders: number,
): Promise<readonly (SaleProduct & { readonly stock: number })[]> {
  const kinds = [
    { name: 'Sneakers', currency: 'USD', price: 119.99, unitAmount: 11_999, isScarce: true },
    { name: 'Figure', currency: 'JPY', price: 4_500, unitAmount: 4_500, isScarce: true },
    { name: 'Jumper', currency: 'ISK', price: 24_900, unitAmount: 2_490_000, isScarce: false },
    { name: 'Cap', currency: 'USD', price: 0.99, unitAmount: 99, isScarce: false },
    { name: 'Print', currency: 'JPY', price: 50, unitAmount: 50, isScarce: false },
    { name: 'Phone', currency: 'USD', price: 1_199.49, unitAmount: 119_949, isScarce: false },
  ];
  return Promise.all(
    kinds.map(async ({ name, price, ...kind }) => {
      const stock = kind.isScarce ? Math.ceil(orders / 8) : orders * 2;
      const id = await client.createProduct({ name, price, currency: kind.currency, stock });
      return { ...kind, id, stock };
    }),
  );
}
