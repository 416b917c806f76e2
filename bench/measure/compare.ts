import Table from 'cli-table3';
import type { LoadResult } from './load-result.ts';

/** One of the things that are compared: what makes a load of so many seconds on it. */
export type Side<Result extends LoadResult = LoadResult> = {
  readonly name: string;
  readonly load: (seconds: number) => Promise<Result>;
};

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
  const turns = await inTurn({ beside, measured }, plan);
  const rounds = turns.map((turn) => ({ ...turn, ratio: turn.measured.perSecond / turn.beside.perSecond }));
  return { rounds, ratio: median(rounds.map(({ ratio }) => ratio)) };
}

/** What came of one round: a result for each side. */
export type Turn<Name extends string, Result extends LoadResult> = Readonly<Record<Name, Result>>;

/**
 * The same for any number of sides: A B C A B C, after each was warmed up once.
 *
 * @param sides in the order in which they are loaded
 * @param beginRound told before each round, which count from 1
 * @throws Error when any request failed
 */
export async function inTurn<Name extends string, Result extends LoadResult>(
  sides: Readonly<Record<Name, Side<Result>>>,
  { rounds, seconds, warmUpSeconds }: Plan,
  beginRound: (round: number) => void = () => {},
): Promise<readonly Turn<Name, Result>[]> {
  await loadEach(sides, warmUpSeconds);
  const turns: Turn<Name, Result>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    beginRound(round);
    turns.push(await loadEach(sides, seconds));
  }
  return turns;
}

async function loadEach<Name extends string, Result extends LoadResult>(
  sides: Readonly<Record<Name, Side<Result>>>,
  seconds: number,
): Promise<Turn<Name, Result>> {
  const results: Partial<Record<Name, Result>> = {};
  for (const name of Object.keys(sides) as Name[]) {
    results[name] = await loadWithoutFailure(sides[name], seconds);
  }
  return results as Turn<Name, Result>;
}

/** @throws Error when any request failed, and when none was answered: there is no ratio to nothing */
export async function loadWithoutFailure<Result extends LoadResult>(
  side: Side<Result>,
  seconds: number,
): Promise<Result> {
  const result = await side.load(seconds);
  if (result.failed > 0) {
    throw new Error(`${result.failed} requests to ${side.name} were not answered as expected`);
  }
  if (result.answered === 0) {
    throw new Error(`no request to ${side.name} was answered within ${seconds} s`);
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

/**
 * The middle one, or the mean of the two in the middle.
 *
 * @throws Error when there are none: a figure of nothing would pass for one that was measured
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined) {
    throw new Error('expected at least one value for a median, got none');
  }
  return (low + high) / 2;
}
