import type { SaleSecond } from './sale-messages.ts';
import { keptSeconds } from './sale-state.ts';

/** A sale that has just begun is not squeezed into a corner. */
const shownSecondsMin = 30;

/** What a line of a chart is made of. */
export type Figure = 'holds' | 'orders' | 'payments' | 'refusals' | 'p50_ms' | 'p99_ms';

/** One place for each second, null where nothing was told of it: from the first one that is known, at least half a minute. */
export type ChartData = {
  /** In seconds since 1970. */
  readonly instants: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
};

export function chartData(seconds: readonly SaleSecond[], figures: readonly Figure[]): ChartData {
  const [oldest, newest] = [seconds[0], seconds.at(-1)];
  if (oldest === undefined || newest === undefined) {
    return { instants: [], values: figures.map(() => []) };
  }
  const end = instantOf(newest);
  const length = Math.min(keptSeconds, Math.max(shownSecondsMin, end - instantOf(oldest) + 1));
  const instants = Array.from({ length }, (_, index) => end - length + 1 + index);
  const byInstant = new Map(seconds.map((second) => [instantOf(second), second]));
  return {
    instants,
    values: figures.map((figure) => instants.map((instant) => byInstant.get(instant)?.[figure] ?? null)),
  };
}

function instantOf({ at }: SaleSecond): number {
  return Math.floor(Date.parse(at) / 1_000);
}

/** Of the seconds that are known. */
export function sumOf(
  seconds: readonly SaleSecond[],
  figure: 'holds' | 'orders' | 'payments' | 'refusals',
): number {
  return seconds.reduce((sum, second) => sum + second[figure], 0);
}

/** The newest one that is there: a second without holds has no latency. */
export function latest(seconds: readonly SaleSecond[], figure: Figure): number | null {
  return seconds.findLast((second) => second[figure] !== null)?.[figure] ?? null;
}
