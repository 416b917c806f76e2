import { existsSync } from 'node:fs';
import { sqlitePath } from '../store/sqlite-path.ts';
import type { Store } from '../store/store.ts';
import { CommandError } from './failure.ts';

export const schemaProblems = {
  too_old: 'The database schema is older than this version: run bin/flash-sale migrate first',
  too_new: 'The database schema is newer than this version: upgrade flash-sale',
} as const;

/** @throws CommandError saying what to do, if the tables are not those that this version knows */
export async function assertSchemaIsCurrent(store: Pick<Store, 'schemaState'>): Promise<void> {
  const state = await store.schemaState();
  if (state !== 'current') {
    throw new CommandError(schemaProblems[state]);
  }
}

/**
 * Opening an SQLite file creates it, so a mistyped path would leave an empty database, and the next line would ask for a migration of it.
 *
 * @throws CommandError if the file that the URL names is missing
 */
export function assertDatabaseExists(databaseUrl: string): void {
  const path = sqlitePath(databaseUrl);
  if (path !== null && path !== ':memory:' && !existsSync(path)) {
    throw new CommandError(
      `There is no database ${path}: check DATABASE_URL, or create it with bin/flash-sale migrate`,
    );
  }
}
