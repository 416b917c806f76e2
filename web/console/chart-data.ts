import type { SaleSecond } from './sale-messages.ts';
import { keptSeconds } from './sale-state.ts';

/** What a line of a chart is made of. */
export type Figure = 'holds' | 'orders' | 'payments' | 'refusals' | 'p50_ms' | 'p99_ms';

/** The last five minutes, one place for each second; null where nothing was told of it. */
export type ChartData = {
  /** In seconds since 1970. */
  readonly instants: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
};

export function chartData(seconds: readonly SaleSecond[], figures: readonly Figure[]): ChartData {
  const newest = seconds.at(-1);
  if (newest === undefined) {
    return { instants: [], values: figures.map(() => []) };
  }
  const end = Math.floor(Date.parse(newest.at) / 1_000);
  const instants = Array.from({ length: keptSeconds }, (_, index) => end - keptSeconds + 1 + index);
  const byInstant = new Map(seconds.map((second) => [Math.floor(Date.parse(second.at) / 1_000), second]));
  return {
    instants,
    values: figures.map((figure) => instants.map((instant) => byInstant.get(instant)?.[figure] ?? null)),
  };
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
