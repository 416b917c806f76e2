import { latencyBuckets, type SecondCounts } from './second-counts.ts';

/** A second of one process on its way to the others. */
export type SharedSecond = {
  /** Names the process. */
  readonly from: string;
  /** In s since 1970. */
  readonly second: number;
  readonly counts: SecondCounts;
};

/** Most buckets are empty in most seconds, so only those with something in them travel. */
export function secondText({ from, second, counts }: SharedSecond): string {
  const { latencies, ...numbers } = counts;
  return JSON.stringify({
    from,
    second,
    ...numbers,
    latencies: [...latencies.entries()].filter(([, count]) => count > 0),
  });
}

/** The second in a text that came from outside of this process, or null when it is none. */
export function secondFrom(text: string): SharedSecond | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) {
    return null;
  }
  const fields: Readonly<Record<string, unknown>> = { ...parsed };
  const { from, second, holds, orders, payments, refusals, waiting } = fields;
  const latencies = latenciesFrom(fields.latencies);
  return typeof from === 'string' &&
    isCount(second) &&
    isCount(holds) &&
    isCount(orders) &&
    isCount(payments) &&
    isCount(refusals) &&
    isCount(waiting) &&
    latencies !== null
    ? { from, second, counts: { holds, orders, payments, refusals, waiting, latencies } }
    : null;
}

function latenciesFrom(value: unknown): readonly number[] | null {
  if (!Array.isArray(value)) {
    return null;
  }
  const latencies = new Array<number>(latencyBuckets).fill(0);
  for (const entry of value) {
    const [index, count]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    if (!isCount(index) || index >= latencyBuckets || !isCount(count)) {
      return null;
    }
    latencies[index] = count;
  }
  return latencies;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
