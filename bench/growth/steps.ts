import { type Comparison, compare, median, type Plan, type Side } from '../measure/compare.ts';
import type { LoadResult } from '../measure/load-result.ts';
import type { Measurement, SideFigures, Target } from '../measure/measurement.ts';
import { say } from '../measure/progress.ts';

/** What one step of something that grows comes to, beside the baseline. */
export type Step = { readonly at: number; readonly comparison: Comparison };

/** Compares, and tells the terminal. */
export async function step(at: number, measured: Side, baseline: Side, plan: Plan): Promise<Step> {
  const comparison = await compare(measured, baseline, plan);
  say(
    `${measured.name}: ${perSecond(comparison.rounds.map((round) => round.measured))}/s, ` +
      `${comparison.ratio.toFixed(2)} of ${baseline.name}`,
  );
  return { at, comparison };
}

export function perSecond(results: readonly LoadResult[]): number {
  return Math.round(median(results.map((result) => result.perSecond)));
}

/** The ratio of a step as a figure. */
export function stepRatio(
  name: string,
  { comparison }: Step,
  target: Target | null,
  how: string,
): Measurement {
  const { rounds, ratio } = comparison;
  const side = (which: 'measured' | 'beside', called: string): SideFigures => ({
    name: called,
    unit: '/s',
    samples: rounds.map((round) => round[which].perSecond),
  });
  return {
    name,
    value: ratio,
    unit: 'ratio',
    samples: rounds.map((round) => round.ratio),
    target,
    how,
    sides: [side('measured', 'this'), side('beside', 'baseline')],
  };
}

/** The line of a chart: each step relative to the baseline, which stands at its place with 1. */
export function ratioPoints(
  baselineAt: number,
  steps: readonly Step[],
): readonly (readonly [x: number, y: number])[] {
  const points = steps.map(({ at, comparison }) => [at, comparison.ratio] as const);
  return [...points, [baselineAt, 1] as const].toSorted(([a], [b]) => a - b);
}
