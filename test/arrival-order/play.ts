import { expect } from 'vitest';
import type { Body, Checkout } from '../support/checkout.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/until.ts';
import { type EventName, total } from './events.ts';
import { type Case, type End, expectedEnd, expectedWaiting, sellsUnits, type Waiting } from './model.ts';
import type { Paid, Send } from './senders.ts';

/** A sequence of events, where it begins, and in which words it is reported. */
export type Run = Case & {
  readonly names: readonly EventName[];
  /** How many events come before the order of the hold, or before the hold ends. */
  readonly stepAt: number;
};

/**
 * Runs that are under way side by side, so that the service decides their events in common batches. On SQLite 100 took 17 s for 6,600 runs,
 * 20 took 26 s and 1,000 took 21 s.
 */
const atOnce = 100;

/** The worker would send what is due. Log lines would cost a quarter of the time. */
export const quiet = { WORKER: 'false', HOLD_SECONDS: '600', LOG_LEVEL: 'error' } as const;

type Place = Paid & { readonly holdId: number; readonly order: Body | null };

/** Plays the runs on a product of their own, and checks each end, what waits afterwards, and the stock. */
export async function expectEnds(checkout: Checkout, runs: readonly Run[], send: Send): Promise<void> {
  const stock = 2 * runs.length;
  const productId = await checkout.createProduct({ price: total, stock });
  const places = await sideBySide(runs, ({ situation }, index) =>
    placeFor(checkout, productId, situation, String(index)),
  );
  await untilExpired(
    checkout,
    places.filter((_, index) => runs[index]?.situation === 'expired'),
  );
  const orderIds = await sideBySide(runs, (run, index) => play(checkout, run, places[index] as Place, send));

  const ends = await readEnds(checkout, places, orderIds);
  const isSold = runs.map((run) => sellsUnits(run.names, run.stepAt, run));
  const wrong = runs.flatMap((run, index) => {
    const expected = { ...expectedEnd(new Set(run.names), run), isSold: isSold[index] };
    const found = ends[index];
    return JSON.stringify(found) === JSON.stringify(expected)
      ? []
      : [{ ...run, variant: run.variant.name, expected, found }];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
  const sold = isSold.filter(Boolean).length;
  expect((await checkout.product(productId)).body.stock).toBe(stock - sold);
  expect(await waiting(checkout)).toEqual(expectedSum(runs));
  expect(await checkout.auditDifferences()).toEqual([]);
}

async function placeFor(
  checkout: Checkout,
  productId: number,
  situation: Case['situation'],
  key: string,
): Promise<Place> {
  if (situation === 'hold' || situation === 'ended hold') {
    const { hold_id } = (await checkout.hold(productId)).body;
    return { key, about: { hold_id }, holdId: hold_id, order: null };
  }
  const order = await checkout.ordered(productId);
  const { hold_id, order_id } = order;
  const pay = (named: { readonly payment_reference?: string }) =>
    checkout.pay({ ...{ idempotency_key: `first ${key}`, order_id }, ...named });
  switch (situation) {
    case 'failed':
      await checkout.pay({ idempotency_key: `failed ${key}`, order_id, status: 'failed' });
      break;
    case 'cancelled':
      await checkout.cancel(order_id);
      break;
    case 'paid':
      await pay({ payment_reference: `pi_${key}` });
      break;
    case 'paid by another':
      await pay({ payment_reference: `pi_other_${key}` });
      break;
    case 'paid without a reference':
      await pay({});
      break;
    default:
  }
  return { key, about: { order_id }, holdId: hold_id, order };
}

async function untilExpired(checkout: Checkout, places: readonly Place[]): Promise<void> {
  const last = places
    .map(({ order }) => order as Body)
    .toSorted((a, b) => a.payment_due_at.localeCompare(b.payment_due_at))
    .at(-1);
  await until(async () => last === undefined || (await checkout.orderOf(last)).status === 'expired');
}

/** Reports the events one after the other. Resolves to the id of the order, null without one. */
async function play(checkout: Checkout, run: Run, place: Place, send: Send): Promise<number | null> {
  const { situation, names, variant, stepAt } = run;
  let orderId = place.order?.order_id ?? null;
  for (let index = 0; index <= names.length; index += 1) {
    if (index === stepAt && situation === 'hold') {
      orderId = (await checkout.order(place.holdId)).body.order_id;
    }
    if (index === stepAt && situation === 'ended hold') {
      await checkout.release(place.holdId);
    }
    const name = names[index];
    if (name !== undefined) {
      const reply = await send(checkout, place, name, variant);
      if (reply.status !== 200 && reply.status !== 202) {
        throw new Error(`${name} of ${names.join(', ')}: ${reply.text}`);
      }
    }
  }
  return orderId;
}

/** Orders as their buyers see them; holds, and what belongs to a hold without an order, as operators do. */
async function readEnds(
  checkout: Checkout,
  places: readonly Place[],
  orderIds: readonly (number | null)[],
): Promise<readonly unknown[]> {
  const holds = new Map((await checkout.items('/holds')).map((hold) => [hold.hold_id, hold.status]));
  const ofHolds = (items: readonly Body[]) => Map.groupBy(items, ({ hold_id }) => hold_id);
  const refunds = ofHolds(await checkout.items('/refunds'));
  const disputes = ofHolds(await checkout.items('/disputes'));
  return sideBySide(places, async ({ holdId, key }, index): Promise<End & { isSold: boolean }> => {
    const orderId = orderIds[index];
    const order = typeof orderId === 'number' ? await checkout.orderOf({ order_id: orderId }) : null;
    return {
      status: order === null ? null : (order.status as End['status']),
      refunds: (order === null ? (refunds.get(holdId) ?? []) : order.refunds).map(refundOf),
      disputes: (order === null ? (disputes.get(holdId) ?? []) : (order.disputes ?? []))
        .map((dispute) => disputeOf(dispute, key))
        .toSorted((a, b) => a.dispute_id.localeCompare(b.dispute_id)),
      isSold: holds.get(holdId) === 'consumed',
    };
  });
}

function refundOf(refund: Body): End['refunds'][number] {
  const { amount, status, reason, returned } = refund as unknown as End['refunds'][number];
  return { amount, status, reason, ...(returned === undefined ? {} : { returned }) };
}

function disputeOf(dispute: Body, key: string): End['disputes'][number] {
  const { dispute_id, amount, currency, status } = dispute as unknown as End['disputes'][number];
  return { dispute_id: dispute_id.replace(`_${key}`, ''), amount, currency, status };
}

async function waiting(checkout: Checkout): Promise<Waiting> {
  const metrics = await readMetrics(checkout);
  const gauge = (name: string) => metrics.find(`flash_sale_${name}`) ?? -1;
  return {
    refundsDue: gauge('refunds_due'),
    refundsUnderDispute: gauge('refunds_under_dispute'),
    openDisputes: gauge('disputes_open'),
    possibleSecondPayments: gauge('possible_second_payments'),
    factsParked: gauge('payment_facts_parked'),
  };
}

function expectedSum(runs: readonly Run[]): Waiting {
  const all = runs.map(({ names, ...run }) => expectedWaiting(new Set(names), run));
  const sum = (name: keyof Waiting) => all.reduce((total, one) => total + one[name], 0);
  return {
    refundsDue: sum('refundsDue'),
    refundsUnderDispute: sum('refundsUnderDispute'),
    openDisputes: sum('openDisputes'),
    possibleSecondPayments: sum('possibleSecondPayments'),
    factsParked: sum('factsParked'),
  };
}

async function sideBySide<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
