import type { BenchDatabases } from '../measure/bench-databases.ts';
import type { Findings } from '../report/findings.ts';

/** How much is measured of everything. */
export type LimitOptions = {
  /** Holds that are due in one second. */
  readonly due: number;
  /** How long ten times too much comes in. */
  readonly overloadSeconds: number;
  /** Commands that wait for a database that does not answer. */
  readonly waiting: number;
  /** Starts, of which the median counts. */
  readonly starts: number;
};

/** A limit, tried on one kind of database. It finds nothing where it needs a server and the database is a file. */
export type Limit = (databases: BenchDatabases, folder: string, options: LimitOptions) => Promise<Findings>;

export const nothing: Findings = { measurements: [], series: [] };
