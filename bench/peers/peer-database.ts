/** What a value of a row may be. */
export type Value = string | number | Date | null;
export type Row = Readonly<Record<string, unknown>>;

/** A transaction that is under way. `?` stands for each value in turn. */
export interface PeerTransaction {
  rows(text: string, values: readonly Value[]): Promise<readonly Row[]>;
  /** @returns how many rows were changed */
  change(text: string, values: readonly Value[]): Promise<number>;
  /** @returns the id that the database gave to the new row */
  insert(text: string, values: readonly Value[]): Promise<number>;
}

/**
 * A database as the usual ways to make a hold use it: a pool of connections, statements prepared once, and nothing between them and the
 * driver. Its members are where the databases differ.
 */
export interface PeerDatabase {
  /** Behind a select: locks the row until the end of the transaction. Nothing where only one transaction can be under way. */
  readonly forUpdate: string;
  /** The database's time, as it is compared with `expires_at`. */
  readonly now: string;
  /** Whether an update can answer with the row that it has changed. */
  readonly updateReturns: boolean;
  /** An instant in ms since 1970 as a column keeps it. */
  instant(ms: number): Value;
  /** @throws what the work throws, after it was rolled back */
  transaction<Result>(work: (transaction: PeerTransaction) => Promise<Result>): Promise<Result>;
  /** Statements outside of a transaction. */
  run(statement: string): Promise<void>;
  end(): Promise<void>;
}

/** @param poolSize connections at most; an embedded database has one */
export async function openPeerDatabase(url: string, poolSize: number): Promise<PeerDatabase> {
  if (url.startsWith('sqlite:')) {
    return new (await import('./sqlite-peer-database.ts')).SqlitePeerDatabase(url);
  }
  if (url.startsWith('postgres:')) {
    return new (await import('./postgres-peer-database.ts')).PostgresPeerDatabase(url, poolSize);
  }
  return new (await import('./mysql-peer-database.ts')).MysqlPeerDatabase(url, poolSize);
}
