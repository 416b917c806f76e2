import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { SqlDialect } from '../../src/store/dialects/dialect.ts';
import { mysqlDialect } from '../../src/store/dialects/mysql.ts';
import { postgresDialect } from '../../src/store/dialects/postgres.ts';
import { sqliteDialect } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/open-store.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { Store } from '../../src/store/store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import type { Tables } from '../../src/store/tables.ts';
import { createOnServer, emptyingStatements, giveBack, tables, takeUsed } from './database-on-server.ts';
import type { Needing } from './needing.ts';
import { dropDatabase, type NewDatabase } from './new-database.ts';
import { missingFor, type ServerName } from './servers.ts';

/** A fresh database and what the port does not offer: only tests that tamper, or look behind the port, use that. */
export type OpenDatabase = {
  readonly url: string;
  readonly store: Store;
  /** Another handle on the same database; `close` closes it too. Only where the database `isShared`. */
  another(): Store;
  /** Executes one statement of standard SQL past the port, and gives its rows. */
  run(statement: string): Promise<readonly unknown[]>;
  /** Takes away a table's keys and checks, so that what they prevent can be written. */
  unconstrain(
    table: 'products' | 'orders' | 'idempotency_keys' | 'refunds' | 'outgoing_events',
  ): Promise<void>;
  /** Closes all handles, and deletes the database or gives it back. */
  close(): Promise<void>;
};

/**
 * A kind of database that tests run on. One that is a server is started once for each run, and `create` makes a new schema on it.
 */
export type TestDatabase = Needing & {
  readonly name: string;
  /** Several handles, in several processes, may use one database at a time. */
  readonly isShared: boolean;
  /** The smallest difference between two deadlines that the database keeps. */
  readonly deadlineStepMs: number;
  /** A new database without a schema. */
  create(): Promise<OpenDatabase>;
  /** A database with the current schema and without rows, which may have served other tests before. */
  take(): Promise<OpenDatabase>;
};

const embedded: readonly TestDatabase[] = [
  {
    name: 'SQLite',
    missing: null,
    isShared: true,
    deadlineStepMs: 1,
    create: createSqlite,
    take: () => migrated(createSqlite()),
  },
  {
    name: 'SQLite in memory',
    missing: null,
    isShared: false,
    deadlineStepMs: 1,
    create: createSqliteInMemory,
    take: () => migrated(createSqliteInMemory()),
  },
];

/** The databases that are servers, with connections that can fall and clocks of their own. */
export const serverDatabases: readonly TestDatabase[] = [
  onServer('MariaDB', { deadlineStepMs: 1000, open: openMySql }),
  onServer('MySQL', { deadlineStepMs: 1000, open: openMySql }),
  onServer('PostgreSQL', { deadlineStepMs: 1, open: openPostgres }),
];

/** All kinds. The same tests run on each, by `describeEach`, which skips a kind whose program this machine lacks. */
export const databases: readonly TestDatabase[] = [...embedded, ...serverDatabases];

/** Those that several handles and processes may use at a time. */
export const sharedDatabases = databases.filter((database) => database.isShared);

/**
 * The embedded one and a server, for what goes on before or beside the database: how processes are started and
 * ended, how a connection is read. All that could make a difference there is whether statements are executed in
 * the process itself or at the end of a connection.
 */
export const embeddedAndServer = [
  ...sharedDatabases.slice(0, 1),
  // The first one that this machine has; where it has none, the first one is reported as skipped.
  ...serverDatabases.toSorted((a, b) => Number(a.missing !== null) - Number(b.missing !== null)).slice(0, 1),
];

/** A new database with the current schema. */
export function createMigrated(database: TestDatabase): Promise<OpenDatabase> {
  return migrated(database.create());
}

async function migrated(creating: Promise<OpenDatabase>): Promise<OpenDatabase> {
  const open = await creating;
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
    open = await database.take();
  });
  beforeEach(async () => {
    for (const statement of emptyingStatements(database.name)) {
      await opened().run(statement);
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

/** Copies all rows aside. What it resolves to puts them back, whatever has become of the tables' rows since. */
export async function keepRows({ run }: Pick<OpenDatabase, 'run'>): Promise<() => Promise<void>> {
  const columns = new Map<string, string>();
  for (const table of tables) {
    await run(`create table kept_${table} as select * from ${table}`);
    const [row] = await run(`select * from kept_${table} limit 1`);
    const names = Object.keys(row ?? {}).filter((name) => name !== 'total'); // that one is computed
    if (names.length > 0) {
      columns.set(table, names.join(', '));
    }
  }
  return async () => {
    for (const table of tables) {
      await run(`delete from ${table}`);
    }
    for (const table of tables.toReversed()) {
      const names = columns.get(table);
      if (names !== undefined) {
        await run(`insert into ${table} (${names}) select ${names} from kept_${table}`);
      }
    }
  };
}

async function createSqlite(): Promise<OpenDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-store-'));
  const path = join(folder, 'flash-sale.db');
  return openSqlite(path, () => rmSync(folder, { recursive: true, force: true }));
}

async function createSqliteInMemory(): Promise<OpenDatabase> {
  return openSqlite(':memory:', () => {});
}

function onServer(
  name: ServerName,
  {
    deadlineStepMs,
    open,
  }: { readonly deadlineStepMs: number; readonly open: (place: Place) => OpenDatabase },
): TestDatabase {
  const lent = (url: string) =>
    open({ url, drop: () => dropDatabase(name, url), giveBack: () => giveBack(name, url) });
  return {
    name,
    missing: missingFor(name),
    isShared: true,
    deadlineStepMs,
    create: async () => open(await createOnServer(name)),
    take: async () => {
      const used = await takeUsed(name);
      return used === null ? migrated(createOnServer(name).then(({ url }) => lent(url))) : lent(used);
    },
  };
}

/** A database on a server. One that is to be given back is dropped all the same when its schema is no longer what it was. */
type Place = NewDatabase & { readonly giveBack?: () => Promise<void> };

function openSqlite(path: string, remove: () => void): OpenDatabase {
  return opened(`sqlite:${path}`, sqliteDialect(path, Date.now, noObserver), {
    place: { url: path, drop: async () => remove() },
    unconstrain: async (db, table) => {
      await db('pragma foreign_keys = off');
      await db(`create table unconstrained as select * from ${table}`);
      await db(`drop table ${table}`);
      await db(`alter table unconstrained rename to ${table}`);
    },
  });
}

function openMySql(place: Place): OpenDatabase {
  return opened(place.url, mysqlDialect(place.url, Date.now, noObserver), {
    place,
    unconstrain: async (db, table) => {
      await db('set foreign_key_checks = 0');
      await db(`create table unconstrained as select * from ${table}`);
      // Tables that refer to it ask for a primary key. It goes on counting: without that, the second row that
      // leaves its number to the database would be 0 like the first, and be taken for a row that is there.
      await db('alter table unconstrained modify id bigint not null auto_increment primary key');
      await db(`drop table ${table}`);
      await db(`alter table unconstrained rename to ${table}`);
    },
  });
}

function openPostgres(place: Place): OpenDatabase {
  return opened(place.url, postgresDialect(place.url, Date.now, noObserver), {
    place,
    unconstrain: async (db, table) => {
      await db(`create table unconstrained as select * from ${table}`);
      await db(`drop table ${table} cascade`);
      await db(`alter table unconstrained rename to ${table}`);
    },
  });
}

type Run = (statement: string) => Promise<readonly unknown[]>;

function opened(
  url: string,
  dialect: SqlDialect,
  kind: {
    readonly place: Place;
    readonly unconstrain: (run: Run, table: string) => Promise<void>;
  },
): OpenDatabase {
  const store = sqlStore(dialect);
  const others: Store[] = [];
  let isTamperedWith = false;
  const runOn =
    (db: Kysely<Tables>): Run =>
    async (statement) => {
      isTamperedWith ||= !/^\s*(select|insert|update|delete)\b/i.test(statement);
      return (await sql.raw(statement).execute(db)).rows;
    };
  return {
    url,
    store,
    another: () => {
      const other = openStore(url);
      others.push(other);
      return other;
    },
    run: runOn(dialect.writer),
    unconstrain: (table) =>
      // One connection for all of it: some of the statements are settings of a session.
      dialect.writer.connection().execute((connection) => kind.unconstrain(runOn(connection), table)),
    close: async () => {
      await Promise.all([store, ...others].map((handle) => handle.close()));
      const { drop, giveBack = drop } = kind.place;
      await (isTamperedWith ? drop() : giveBack());
    },
  };
}
