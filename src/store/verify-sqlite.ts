import { copyFileSync } from 'node:fs';
import { sql } from 'kysely';
import { audit } from './audit.ts';
import { DatabaseFileError, messageOf } from './database-file-error.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { sqliteDialect } from './dialects/sqlite.ts';
import { fileFaultOf } from './dialects/sqlite-errors.ts';
import { removeTemporary } from './durable-files.ts';
import { migrationNames } from './migrations/migrations.ts';
import { appliedMigrations } from './schema-journal.ts';
import { sqlStore } from './sql-store.ts';
import { StoreError } from './store-error.ts';
import { noObserver } from './store-observer.ts';

export type VerifiedFile = {
  /** The newest migration in it. */
  readonly schema: string;
  /** How many checks the audit made. */
  readonly checks: number;
  /** When the newest order was made and the newest payment event came, in ms since 1970. */
  readonly newestOrderMs: number | null;
  readonly newestEventMs: number | null;
};

/**
 * Reads a whole database file: its pages, its schema and, by the audit, its rows. The file stays as it is; no other process may use it.
 * An older schema is migrated in a further copy, since the audit knows the tables of today.
 *
 * @param name the file's name in messages
 * @throws DatabaseFileError that names the problem
 */
export async function verifySqlite(path: string, name: string): Promise<VerifiedFile> {
  const read = await reading(path, name, async (dialect) => {
    await checkPages(dialect, name);
    const schema = newestMigration(await appliedMigrations(dialect.reader), name);
    return { schema, ...(await newestRows(dialect)) };
  });
  const checks =
    read.schema === migrationNames.at(-1) ? await auditRows(path, name) : await auditMigrated(path, name);
  return { ...read, checks };
}

async function reading<Result>(
  path: string,
  name: string,
  work: (dialect: SqlDialect) => Promise<Result>,
): Promise<Result> {
  const dialect = sqliteDialect(path, Date.now, noObserver, 'read');
  try {
    return await work(dialect);
  } catch (error) {
    throw unreadable(error, name);
  } finally {
    await dialect.close();
  }
}

function unreadable(error: unknown, name: string): unknown {
  const fault = fileFaultOf(error instanceof StoreError ? error.cause : error);
  if (fault === 'not_a_database') {
    return new DatabaseFileError(`${name} is not an SQLite database`, { cause: error });
  }
  return fault === 'corrupt'
    ? new DatabaseFileError(`${name} is damaged (${messageOf(error)})`, { cause: error })
    : error;
}

async function checkPages({ reader }: SqlDialect, name: string): Promise<void> {
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(1)`.execute(reader);
  const found = rows[0]?.integrity_check;
  if (found !== 'ok') {
    const line = String(found).replaceAll(/\s+/g, ' ');
    throw new DatabaseFileError(`${name} is damaged: SQLite's integrity check says "${line}"`);
  }
}

function newestMigration(applied: readonly string[], name: string): string {
  const known = migrationNames.filter((each) => applied.includes(each));
  const [first] = migrationNames;
  const newest = known.at(-1);
  if (first === undefined || newest === undefined || !known.includes(first)) {
    throw new DatabaseFileError(`${name} is not a database of this service: it has none of its migrations`);
  }
  const unknown = applied.find((each) => !migrationNames.includes(each));
  if (unknown !== undefined) {
    throw new DatabaseFileError(
      `${name} has a newer schema (${unknown}) than this version knows: use the version of flash-sale that made it`,
    );
  }
  return newest;
}

async function newestRows({
  reader,
  codec,
}: SqlDialect): Promise<Pick<VerifiedFile, 'newestOrderMs' | 'newestEventMs'>> {
  const order = await reader
    .selectFrom('orders')
    .select('created_at')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const event = await reader
    .selectFrom('idempotency_keys')
    .select('received_at')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    newestOrderMs: order === undefined ? null : codec.decodeInstant(order.created_at),
    newestEventMs: event === undefined ? null : codec.decodeInstant(event.received_at),
  };
}

async function auditMigrated(path: string, name: string): Promise<number> {
  const copy = `${path}.migrated`;
  try {
    copyFileSync(path, copy);
    const store = sqlStore(sqliteDialect(copy, Date.now, noObserver));
    try {
      await store.migrate();
    } finally {
      await store.close();
    }
    return await auditRows(copy, name);
  } finally {
    removeTemporary(copy);
  }
}

async function auditRows(path: string, name: string): Promise<number> {
  const result = await reading(path, name, audit);
  if (!result.ok) {
    throw new DatabaseFileError(`The audit of ${name} found a difference, see the table`, { audit: result });
  }
  return result.checks.length;
}
