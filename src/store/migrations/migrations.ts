import type { Kysely, SchemaModule } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes, SqlDialect } from '../dialects/dialect.ts';
import { initialSchema } from './0001-initial-schema.ts';
import { paymentsAndEvents } from './0002-payments-and-events.ts';
import { searchIndexes } from './0003-search-indexes.ts';
import { factsAboutPayments } from './0004-facts-about-payments.ts';
import { operators } from './0005-operators.ts';
import { refusedPayments } from './0006-refused-payments.ts';

/**
 * A migration: statements in their order, each whole or not at all on every database. Where they do not share one transaction, a process
 * that dies leaves the first ones done; the next process then does all of them again, and what is there already is passed over.
 * So each statement makes one thing with a name.
 */
export type SchemaSteps = (
  schema: SchemaModule,
  db: Kysely<unknown>,
) => readonly { execute(): Promise<unknown> }[];

/**
 * All migrations, oldest first. Forward only: one that was released never changes, and an older version of
 * the service survives it.
 */
const byName = {
  '0001_initial_schema': initialSchema,
  '0002_payments_and_events': paymentsAndEvents,
  '0003_search_indexes': searchIndexes,
  '0004_facts_about_payments': factsAboutPayments,
  '0005_operators': operators,
  '0006_refused_payments': refusedPayments,
} as const satisfies Record<string, (types: ColumnTypes) => SchemaSteps>;

export const migrationNames: readonly string[] = Object.keys(byName);

/** The migrations as a database writes them. */
export function migrations(
  types: ColumnTypes,
  { isMadeAlready }: Pick<SqlDialect, 'isMadeAlready'>,
): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(byName).map(([name, steps]) => [
      name,
      { up: (db) => takeSteps(steps(types)(db.schema, db), isMadeAlready) },
    ]),
  );
}

async function takeSteps(
  steps: ReturnType<SchemaSteps>,
  isMadeAlready: SqlDialect['isMadeAlready'],
): Promise<void> {
  for (const step of steps) {
    await step.execute().catch((error: unknown) => {
      if (!isMadeAlready(error)) {
        throw error;
      }
    });
  }
}
