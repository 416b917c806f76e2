import Table from 'cli-table3';
import type { LoadResult } from '../load/post.ts';

/** One of two things that are compared: what makes a load of so many seconds on it. */
export type Side = { readonly name: string; readonly load: (seconds: number) => Promise<LoadResult> };

export type Plan = { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number };

export type Round = { readonly measured: LoadResult; readonly beside: LoadResult; readonly ratio: number };

export type Comparison = {
  readonly rounds: readonly Round[];
  /** The median of the rounds' ratios, measured ÷ beside. */
  readonly ratio: number;
};

/**
 * Loads two sides in turn, A B A B, because a machine's speed drifts: a ratio is made of two loads that
 * followed each other, and what is quoted is the median of the ratios.
 *
 * @throws Error when any request failed: a rate of refusals says nothing
 */
export async function compare(measured: Side, beside: Side, plan: Plan): Promise<Comparison> {
  await loadWithoutFailure(beside, plan.warmUpSeconds);
  await loadWithoutFailure(measured, plan.warmUpSeconds);
  const rounds: Round[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    const besideResult = await loadWithoutFailure(beside, plan.seconds);
    const measuredResult = await loadWithoutFailure(measured, plan.seconds);
    const ratio = measuredResult.perSecond / besideResult.perSecond;
    rounds.push({ measured: measuredResult, beside: besideResult, ratio });
  }
  return { rounds, ratio: median(rounds.map(({ ratio }) => ratio)) };
}

/** @throws Error when any request failed */
export async function loadWithoutFailure(side: Side, seconds: number): Promise<LoadResult> {
  const result = await side.load(seconds);
  if (result.failed > 0) {
    throw new Error(`${result.failed} requests to ${side.name} were not answered with 201`);
  }
  return result;
}

/** The rounds as a table for a terminal or a file, and the median of their ratios. */
export function comparisonText(measured: string, beside: string, { rounds, ratio }: Comparison): string {
  const table = new Table({
    head: ['round', `${beside}/s`, `${measured}/s`, 'ratio', `${beside} p99 ms`, `${measured} p99 ms`],
    // No colours: the table is also read from files.
    style: { head: [], border: [] },
  });
  for (const [index, round] of rounds.entries()) {
    table.push([
      index + 1,
      Math.round(round.beside.perSecond),
      Math.round(round.measured.perSecond),
      round.ratio.toFixed(2),
      round.beside.p99Ms.toFixed(1),
      round.measured.p99Ms.toFixed(1),
    ]);
  }
  return `${table.toString()}\nmedian ratio ${ratio.toFixed(2)}\n`;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
