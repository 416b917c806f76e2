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
