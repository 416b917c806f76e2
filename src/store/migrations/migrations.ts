import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialects/dialect.ts';
import { initialSchema } from './0001-initial-schema.ts';

/** All migrations, oldest first. Forward only: one that was released never changes, and an older version of the service survives it. */
export function migrations(types: ColumnTypes): Record<string, Migration> {
  return {
    '0001_initial_schema': initialSchema(types),
  };
}
