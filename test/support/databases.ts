import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { SqlDialect } from '../../src/store/dialects/dialect.ts';
import { sqliteDialect } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/open-store.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { Store } from '../../src/store/store.ts';

/** A fresh database and what the port does not offer: only tests that tamper, or look behind the port, use that. */
export type OpenDatabase = {
  readonly url: string;
  readonly store: Store;
  /** Another handle on the same database; `close` closes it too. Only where the database `isShared`. */
  another(): Store;
  /** Executes one statement of standard SQL past the port, and gives its rows. */
  run(statement: string): Promise<readonly unknown[]>;
  /** Takes away a table's keys and checks, so that what they prevent can be written. */
  unconstrain(table: 'products' | 'orders' | 'idempotency_keys'): Promise<void>;
  /** Closes all handles and deletes the database. */
  close(): Promise<void>;
};

/**
 * A kind of database that tests run on. One that is a server is started once for each run, and `create` makes a new schema on it.
 */
export type TestDatabase = {
  readonly name: string;
  /** Several handles, in several processes, may use one database at a time. */
  readonly isShared: boolean;
  /** The smallest difference between two deadlines that the database keeps. */
  readonly deadlineStepMs: number;
  /** A new database without a schema. */
  create(): Promise<OpenDatabase>;
};

/** The databases of this run. The same tests run on each. */
export const databases: readonly TestDatabase[] = [
  {
    name: 'SQLite',
    isShared: true,
    deadlineStepMs: 1,
    create: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'flash-sale-store-'));
      const path = join(folder, 'flash-sale.db');
      return openSqlite(path, () => rmSync(folder, { recursive: true, force: true }));
    },
  },
  {
    name: 'SQLite in memory',
    isShared: false,
    deadlineStepMs: 1,
    create: async () => openSqlite(':memory:', () => {}),
  },
];

export const sharedDatabases = databases.filter((database) => database.isShared);

/** Kinds that cannot be had on this machine, and what is missing. They are reported as skipped, which `REQUIRE_SERVICES=1` forbids. */
export const databasesNotAtHand: readonly { readonly name: string; readonly missing: string }[] = [];

/** A new database with the current schema. */
export async function createMigrated(database: TestDatabase): Promise<OpenDatabase> {
  const open = await database.create();
  await open.store.migrate();
  return open;
}

/** One database for all tests of the suite that this is called in; each finds it with the current schema and without rows. */
export function emptyDatabase(database: TestDatabase): Omit<OpenDatabase, 'close' | 'unconstrain'> {
  let open: OpenDatabase | undefined;
  const opened = (): OpenDatabase => {
    if (open === undefined) {
      throw new Error('the database is open only while tests run');
    }
    return open;
  };
  beforeAll(async () => {
    open = await createMigrated(database);
  });
  beforeEach(async () => {
    for (const table of childrenFirst) {
      await opened().run(`delete from ${table}`);
    }
  });
  afterAll(() => open?.close());
  return {
    get url() {
      return opened().url;
    },
    get store() {
      return opened().store;
    },
    another: () => opened().another(),
    run: (statement) => opened().run(statement),
  };
}

const childrenFirst = [
  'request_keys',
  'refunds',
  'payments',
  'idempotency_keys',
  'orders',
  'holds',
  'stock_changes',
  'products',
];

function openSqlite(path: string, remove: () => void): OpenDatabase {
  const url = `sqlite:${path}`;
  const dialect = sqliteDialect(path, Date.now, () => {});
  const store = sqlStore(dialect);
  const others: Store[] = [];
  return {
    url,
    store,
    another: () => {
      const other = openStore(url);
      others.push(other);
      return other;
    },
    run: (statement) => runOn(dialect, statement),
    unconstrain: async (table) => {
      await runOn(dialect, 'pragma foreign_keys = off');
      await runOn(dialect, `create table unconstrained as select * from ${table}`);
      await runOn(dialect, `drop table ${table}`);
      await runOn(dialect, `alter table unconstrained rename to ${table}`);
    },
    close: async () => {
      await Promise.all([store, ...others].map((handle) => handle.close()));
      remove();
    },
  };
}

async function runOn(dialect: SqlDialect, statement: string): Promise<readonly unknown[]> {
  return (await sql.raw(statement).execute(dialect.writer)).rows;
}
