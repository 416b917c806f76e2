import type { BenchDatabases } from '../measure/bench-databases.ts';
import type { Plan } from '../measure/compare.ts';
import type { Findings } from '../report/findings.ts';

/** How much is measured of everything. */
export type GrowthOptions = {
  readonly rounds: number;
  readonly seconds: number;
  /** How many live holds there are before, besides none. */
  readonly liveHolds: readonly number[];
};

/** Something that grows, measured on one kind of database. */
export type Topic = (databases: BenchDatabases, folder: string, options: GrowthOptions) => Promise<Findings>;

export function planOf({ rounds, seconds }: GrowthOptions): Plan {
  return { rounds, seconds, warmUpSeconds: Math.min(2, seconds) };
}
