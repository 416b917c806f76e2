import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialects/dialect.ts';
import { initialSchema } from './0001-initial-schema.ts';

/**
 * All migrations, oldest first. Forward only: one that was released never changes, and an older version of
 * the service survives it.
 */
const byName = {
  '0001_initial_schema': initialSchema,
} as const satisfies Record<string, (types: ColumnTypes) => Migration>;

export const migrationNames: readonly string[] = Object.keys(byName);

/** The migrations as a database writes them. */
export function migrations(types: ColumnTypes): Record<string, Migration> {
  return Object.fromEntries(Object.entries(byName).map(([name, migration]) => [name, migration(types)]));
}
