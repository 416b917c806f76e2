import type { Kysely, TableMetadata } from 'kysely';
import type { SqlDialect } from './dialects/dialect.ts';
import { migrationNames } from './migrations/migrations.ts';
import type { SchemaState } from './store.ts';
import { tableNames as ours, type Tables } from './tables.ts';

export async function schemaState(dialect: SqlDialect): Promise<SchemaState> {
  const known = migrationNames;
  const applied = await appliedMigrations(dialect.writer);
  if (applied.some((name) => !known.includes(name))) {
    return 'too_new';
  }
  return applied.length < known.length ? 'too_old' : 'current';
}

export async function appliedMigrations(db: Kysely<Tables>): Promise<readonly string[]> {
  if (!(await hasJournal(db))) {
    return [];
  }
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom(journal)
    .select('name')
    .execute();
  return rows.map((row) => row.name);
}

/** The table in which the migrator records applied migrations. It is created before every other table. */
const journal = 'kysely_migration';

async function hasJournal(db: Kysely<Tables>): Promise<boolean> {
  return (await tablesOf(db)).some(({ name }) => name === journal);
}

function tablesOf(db: Kysely<Tables>): Promise<readonly TableMetadata[]> {
  return db.introspection.getTables({ withInternalKyselyTables: true });
}

/**
 * Tables with our names in a database without our migrations. A migration would treat them as the rest of a migration whose process died.
 */
export async function tablesOfOthers(db: Kysely<Tables>): Promise<readonly string[]> {
  const inTheWay = (await tablesOf(db))
    // PostgreSQL lists the tables of all schemas. With another schema than `public`, its own error reports the conflict.
    .filter(({ schema, name }) => (schema ?? 'public') === 'public' && ours.includes(name))
    .map(({ name }) => name);
  // Checked again, because another process may have begun a moment ago.
  return inTheWay.length === 0 || (await hasJournal(db)) ? [] : inTheWay;
}

/** The migrator records the instant to the millisecond, once. All other processes that migrate find it there. */
export async function identity(db: Kysely<Tables>): Promise<string> {
  const { timestamp } = await db
    .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
    .selectFrom(journal)
    .select('timestamp')
    .orderBy('name')
    .limit(1)
    .executeTakeFirstOrThrow();
  return timestamp.replaceAll(/\D/g, '');
}
