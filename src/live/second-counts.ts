import { latencyBoundsMs } from '../telemetry/metrics/latency.ts';
import type { SaleTotals } from '../telemetry/metrics/process-counts.ts';

/** What happened in one second: in one process, or in several of them added up. */
export type SecondCounts = {
  readonly holds: number;
  readonly orders: number;
  readonly payments: number;
  /** Answers to `POST /holds` other than 201. */
  readonly refusals: number;
  /** Commands in the queue at its end. */
  readonly waiting: number;
  /** Answers to `POST /holds`, one count for each bucket of latencies. */
  readonly latencies: readonly number[];
};

/** How many buckets there are: one for each bound, and one for what took longer. */
export const latencyBuckets = latencyBoundsMs.length + 1;

export const nothingHappened: SecondCounts = {
  holds: 0,
  orders: 0,
  payments: 0,
  refusals: 0,
  waiting: 0,
  latencies: new Array<number>(latencyBuckets).fill(0),
};

/** What happened between two readings of a process. */
export function countsBetween(before: SaleTotals, after: SaleTotals): SecondCounts {
  return {
    holds: after.holdsCreated - before.holdsCreated,
    orders: after.ordersCreated - before.ordersCreated,
    payments: after.ordersPaid - before.ordersPaid,
    refusals: after.refusals - before.refusals,
    waiting: after.waiting,
    latencies: after.holdLatency.map((count, index) => count - (before.holdLatency[index] ?? 0)),
  };
}

export function addedUp(a: SecondCounts, b: SecondCounts): SecondCounts {
  return {
    holds: a.holds + b.holds,
    orders: a.orders + b.orders,
    payments: a.payments + b.payments,
    refusals: a.refusals + b.refusals,
    waiting: a.waiting + b.waiting,
    latencies: a.latencies.map((count, index) => count + (b.latencies[index] ?? 0)),
  };
}

/** Bounds grow by this factor; from the middle of a bucket no value is further away than the half of it. */
const middleOfBucket = Math.sqrt((latencyBoundsMs[0] ?? 1) / (latencyBoundsMs[1] ?? 1));

/**
 * The latency in ms below which this share of the answers lies, as exact as the buckets are: 9 %. Null where nothing was answered.
 *
 * @param share 0.5 for the median
 */
export function latencyAt(share: number, latencies: readonly number[]): number | null {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [index, count] of latencies.entries()) {
    below += count;
    if (count > 0 && below >= share * total) {
      const boundMs = latencyBoundsMs[index];
      return Number(((boundMs ?? longest) * (boundMs === undefined ? 1 : middleOfBucket)).toPrecision(3));
    }
  }
  return null;
}

/** What took longer than the last bound is shown as this. */
const longest = latencyBoundsMs.at(-1) ?? 0;
