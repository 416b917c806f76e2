import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';

export type SqliteValues = readonly SQLInputValue[];

/** What a connection is told to do. */
export type SqliteStep =
  | { readonly kind: 'control'; readonly sql: 'begin' | 'begin immediate' | 'commit' | 'rollback' }
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: SqliteValues }
  /** One statement for one row, run for each. */
  | { readonly kind: 'each'; readonly sql: string; readonly rows: readonly SqliteValues[] };

export type SqliteResult = {
  readonly rows: readonly Record<string, SQLOutputValue>[];
  readonly changes: number;
  readonly durationMs: number;
};

/** What comes back from another thread, on the way from which errors lose their own fields. */
export type SqliteAnswer =
  | { readonly result: SqliteResult }
  | { readonly failure: { readonly message: string; readonly errcode: number | null } };

export type SqliteOpening = {
  readonly path: string;
  readonly pragmas: string;
  /** How long opening may wait for others that open or migrate the same file. */
  readonly openingBusyMs: number;
};

/** Where a connection lives. What it is told is done in that order. */
export type SqlitePlace = {
  /**
   * Opens the database with the first step, and with each further one until it could be opened.
   *
   * @throws SQLite's errors, and SqliteThreadError
   */
  take(step: SqliteStep): Promise<SqliteResult>;
  close(): Promise<void>;
};
