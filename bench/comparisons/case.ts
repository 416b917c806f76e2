import type { BenchDatabaseKind, BenchPart } from '../../src/cli/bench-program.ts';
import { loadProgram } from '../load/post.ts';
import { wrkVersion } from '../load/wrk.ts';
import { median, type Plan } from '../measure/compare.ts';
import type { Measurement, SideFigures, Target } from '../measure/measurement.ts';
import type { Stage } from './stage.ts';

/** One comparison: its sides are loaded in turn, in one run. */
export type Case = {
  /** What is measured, on what, by how many connections. */
  readonly name: string;
  /** How many loads make a round. */
  readonly sides: number;
  /** What is done before the first round, in s, beside starting servers and warming up. */
  readonly preparationSeconds: number;
  run(stage: Stage): Promise<readonly Measurement[]>;
};

/** The comparisons of one part, on each of the databases that it is about. */
export type Cases = (databases: readonly BenchDatabaseKind[]) => readonly Case[];

/** A measurement, and which part of the run it is of. */
export type Result = Measurement & { readonly part: BenchPart };

/** Starting and stopping servers, an audit. */
const aroundSeconds = 4;

/** How long a comparison takes, about. */
export function secondsOf({ sides, preparationSeconds }: Case, plan: Plan): number {
  const loads = sides * (plan.warmUpSeconds + plan.rounds * (plan.seconds + 0.1));
  return aroundSeconds + preparationSeconds + loads;
}

/** What made the load, with its version. */
export const loadText = wrkVersion === null ? loadProgram : `${loadProgram} ${wrkVersion}`;

/** `5 rounds of 3 s in turn, 64 connections of wrk 4.1.0`: how every `how` begins. */
export function planText({ rounds, seconds }: Plan, connections: number, by = loadText): string {
  const buyers = connections === 1 ? '1 connection' : `${connections} connections`;
  return `${rounds} rounds of ${seconds} s in turn, ${buyers} of ${by}`;
}

/** The median of a ratio's samples, with all that it is made of. */
export function ratioOf(fields: {
  readonly name: string;
  readonly samples: readonly number[];
  readonly target: Target | null;
  readonly how: string;
  readonly sides: readonly SideFigures[];
}): Measurement {
  return { ...fields, value: median(fields.samples), unit: 'ratio' };
}
