import type { TimedLoadResult } from '../measure/load-result.ts';

/** What so many successes within a time come to. */
export function latenciesOf(latenciesMs: readonly number[], tookMs: number): Omit<TimedLoadResult, 'failed'> {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    answered: sorted.length,
    perSecond: (1000 * sorted.length) / tookMs,
    medianMs: at(0.5),
    p99Ms: at(0.99),
  };
}
