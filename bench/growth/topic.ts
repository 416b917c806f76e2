import type { LoadResult } from '../load/post.ts';
import type { BenchDatabases } from '../measure/bench-databases.ts';
import { type Comparison, compare, median, type Plan, type Side } from '../measure/compare.ts';
import type { Findings } from '../measure/findings.ts';
import type { MeasuredCheckout } from '../measure/measured-checkout.ts';
import type { Measurement, SideFigures, Target } from '../measure/measurement.ts';

/** How much is measured of everything. */
export type GrowthOptions = {
  readonly rounds: number;
  readonly seconds: number;
  /** How many live holds there are before, besides none. */
  readonly liveHolds: readonly number[];
};

/** Something that grows, measured on one kind of database. */
export type Topic = (databases: BenchDatabases, folder: string, options: GrowthOptions) => Promise<Findings>;

/** Holds of a load stay live behind it. */
export const longHolds = { HOLD_SECONDS: '86400' } as const;

export function planOf({ rounds, seconds }: GrowthOptions): Plan {
  return { rounds, seconds, warmUpSeconds: Math.min(2, seconds) };
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

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
export function ratioOf(name: string, { comparison }: Step, target: Target | null, how: string): Measurement {
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

/** @throws Error unless every counter and rule agrees with the rows */
export async function assertClean({ client }: MeasuredCheckout): Promise<void> {
  const differences = await client.auditDifferences();
  if (differences.length > 0) {
    throw new Error(`the audit is not clean: ${JSON.stringify(differences)}`);
  }
}
