import { setTimeout as pause } from 'node:timers/promises';
import { type BrokenPromises, brokenPromises } from '../history/auditor.ts';
import type { Books, Exchange, History, Rules } from '../history/history.ts';
import { Buyers } from '../stories/buyers.ts';
import { Random } from '../stories/random.ts';
import { priceMinor, type Step } from '../stories/step.ts';
import type { CheckoutClient } from '../support/checkout-client.ts';
import type { Arrangement } from './arrangement.ts';
import { isAtRest, readBooks } from './books.ts';
import { Ends } from './ends.ts';
import { RealCounter } from './real-counter.ts';
import { cacheMs, RealShop } from './real-shop.ts';
import { stepsOf, unitsOnSale } from './rush.ts';
import { storm } from './storm.ts';

export type RoundOptions = {
  readonly seed: number;
  /** How long buyers come and things go wrong. The start before it and the rest after it take their own time. */
  readonly stormMs: number;
  readonly buyersPerSecond: number;
  /** Told what happens, in words. */
  readonly say: (text: string) => void;
  /** Given what has been asked and answered so far, while it grows. */
  readonly watch?: (exchanges: readonly Exchange[]) => void;
  /** Ends the round where it is. */
  readonly stop: AbortSignal;
};

/** What came of a round. */
export type Round = {
  readonly arrangement: string;
  readonly stormMs: number;
  /** By kind. */
  readonly faults: ReadonlyMap<string, number>;
  readonly history: History;
  readonly broken: BrokenPromises & {
    /** What the service itself finds wrong, and where its nodes disagree. */
    readonly accounts: readonly string[];
  };
  /** What could not be done on this machine. */
  readonly leftOut: readonly string[];
};

/** Longer than anything that is still under way at the end of the storm may take. */
const restMinMs = 8_000;
/** Whatever is not at rest by then never will be. */
const restMaxMs = 120_000;
/** The wall clock is read a little before it is told. */
const readingErrorMs = 50;

/** A sale on real processes in which everything goes wrong that can, until all of it has come to rest and been audited. */
export async function runRound(arrangement: Arrangement, options: RoundOptions): Promise<Round> {
  const ends = new Ends();
  try {
    return await roundOn(arrangement, options, ends);
  } finally {
    await ends.now();
  }
}

async function roundOn(arrangement: Arrangement, options: RoundOptions, ends: Ends): Promise<Round> {
  const { seed, stormMs, buyersPerSecond, say, stop } = options;
  const random = new Random(seed, 4);
  const rules: Rules = {
    holdSeconds: random.pick([1, 2, 4]),
    paymentSeconds: random.pick([2, 4]),
    parkedSeconds: 4,
    requestTimeoutMs: random.pick([2_000, 4_000]),
  };
  say(`${arrangement.name} starts`);
  const shop = await RealShop.open(arrangement, { rules, random, ends, stop });
  const rush = { seed, nodes: shop.nodes.length, forMs: stormMs, buyersPerSecond };
  const onSale = await putOnSale(shop.clients, unitsOnSale(rush));
  const productIds = onSale.map(({ id }) => id);

  const beginsAtMs = Math.ceil(Date.now() / 1000) * 1000;
  const patience = abortsAfter(stormMs + restMaxMs, stop, ends);
  const times = { beginsAtMs, clientTimeoutMs: random.pick([700, 2_500]) };
  const counter = new RealCounter(shop.clients, times, patience);
  const steps = stepsOf(rush, productIds);
  const buyers = new Buyers({ seed, steps }, counter, new Random(seed, 5));
  options.watch?.(buyers.exchanges);
  const acted = buyers.act();
  acted.catch(() => 'awaited below');
  say(`${arrangement.name}: the storm begins`);
  const faults = await storm(shop.hands, { seed, say, forMs: stormMs, stop });
  stop.throwIfAborted();
  say(`${arrangement.name}: nothing goes wrong any more`);
  await pause(restMinMs, undefined, { signal: stop });
  const isAnswered = await acted.then(
    () => true,
    () => false,
  );
  const books = await booksAtRest(shop.clients, { productIds, buyers, patience });
  const history: History = {
    rules,
    onSale,
    beginsAtMs,
    clockErrorMs: readingErrorMs + shop.clockErrorMs,
    exchanges: buyers.exchanges,
    books,
  };
  return {
    arrangement: arrangement.name,
    stormMs,
    faults,
    history,
    broken: {
      ...brokenPromises(history),
      accounts: [
        ...(isAnswered ? [] : ['not everybody got an answer']),
        ...(await shop.disagreements(books.products)),
      ],
    },
    leftOut: shop.leftOut,
  };
}

/** A timer holds it: a signal of `AbortSignal.timeout` may be forgotten while nobody listens. */
function abortsAfter(ms: number, stop: AbortSignal, ends: Ends): AbortSignal {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Error('it never came to rest')), ms);
  stop.addEventListener('abort', () => patience.abort(stop.reason), { once: true });
  ends.add(async () => clearTimeout(timer));
  return patience.signal;
}

async function putOnSale(
  [client]: readonly CheckoutClient[],
  units: readonly number[],
): Promise<History['onSale']> {
  const onSale: { id: number; units: number }[] = [];
  for (const stock of units) {
    const fields = { name: 'Sneakers', price: priceMinor / 100, currency: 'USD', stock };
    onSale.push({ id: (await client?.createProduct(fields)) ?? 0, units: stock });
  }
  return onSale;
}

/** The books when nothing is left to happen in them; else as they are when patience has run out, and the auditor says what is left. */
async function booksAtRest(
  clients: readonly CheckoutClient[],
  its: { readonly productIds: readonly number[]; readonly buyers: Buyers; readonly patience: AbortSignal },
): Promise<Books> {
  const settles: Step = { id: -1, buyer: -1, atMs: 0, node: 0, kind: 'settle' };
  const client = clients.at(-1);
  if (client === undefined) {
    throw new Error('a shop without nodes');
  }
  for (;;) {
    await its.buyers.settle(settles).catch(() => 'patience has run out');
    const isOver = isAtRest(await readBooks(client, its.productIds)) || its.patience.aborted;
    // Longer than a product may be shown as it was.
    await pause(isOver ? 2 * cacheMs : 500);
    if (isOver) {
      return readBooks(client, its.productIds);
    }
  }
}
