import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { monotonicClock } from '../monotonic-clock.ts';
import { StoreError } from '../store-error.ts';
import type { StoreObserver } from '../store-observer.ts';
import type { Tables } from '../tables.ts';
import type { Codec, ColumnTypes, SqlDialect } from './dialect.ts';
import { type Begin, NodeSqliteDialect } from './sqlite-driver.ts';

/**
 * How long a statement waits inside SQLite for another process's write lock. It stops this process's event loop meanwhile, so it
 * is short; beyond it the batch is retried by the engine, which lets other work go on.
 */
const busyMs = 50;

/** How long to wait for others that open or migrate the same new file: nothing is served before, so nothing is held up. */
const migrationBusyMs = 10_000;

/** Instants are integers: ms since 1970. Truth values are 0 and 1. */
const codec: Codec = {
  encodeInstant: (ms) => ms,
  decodeInstant: (value) => Number(value),
  encodeBoolean: (value) => (value ? 1 : 0),
};

const types: ColumnTypes = {
  id: 'integer',
  integer: 'integer',
  boolean: 'integer',
  secondInstant: 'integer',
  instant: 'integer',
  farInstant: 'integer',
  key: 'text',
  paymentName: 'text',
  name: 'text',
  word: 'text',
  text: 'text',
  longText: 'text',
  decimal: sql`decimal(19, 4)`,
  quotient: (numerator, denominator) => sql`${sql.ref(numerator)} * 1.0 / ${sql.ref(denominator)}`,
  isTrue: (column) => column,
  countingUp: sql`autoincrement`,
};

/**
 * The embedded database.
 *
 * @param path a file, made with its folder when it is not there, or `:memory:`. A database in memory has one connection only:
 *   its reads wait for a transaction that is under way.
 * @param wallMs the host's clock, read once: from then on a monotonic clock counts, so that a jump of the host's clock while the
 *   process runs moves no deadline.
 */
export function sqliteDialect(path: string, wallMs: () => number, observer: StoreObserver): SqlDialect {
  const nowMs = monotonicClock(wallMs);
  const isMemory = path === ':memory:';
  const writer = connect(() => openForWriting(path), 'begin immediate', observer);
  const reader = isMemory ? writer : connect(() => openForReading(path), 'begin', observer);
  return {
    codec,
    types: async () => types,
    writer,
    reader,
    background: async () => {
      if (isMemory) {
        return { db: writer, close: async () => {} };
      }
      const db = connect(() => openForReading(path), 'begin', observer);
      return { db, close: () => db.destroy() };
    },
    lockRows: (query) => query, // `begin immediate` has locked the whole database already
    readClock: async () => nowMs(),
    clock: () => sql.val(nowMs()),
    clockWasRead: () => {},
    nowMs,
    // The values travel as one JSON text, so that the statement stays the same, and prepared, for any number of them.
    among: (column, values) =>
      sql<boolean>`${column} in (select value from json_each(${JSON.stringify(values)}))`,
    asText: (value) => sql<string>`cast(${value} as text)`,
    migrating: async (work) => {
      // The write lock of one transaction around everything: the migrator makes its own tables outside of its transaction.
      await sql`pragma busy_timeout = ${sql.lit(migrationBusyMs)}`.execute(writer);
      try {
        return await writer.transaction().execute(work);
      } finally {
        await sql`pragma busy_timeout = ${sql.lit(busyMs)}`.execute(writer);
      }
    },
    isMadeAlready: () => false,
    classify,
    poolUse: () => [],
    close: async () => {
      await reader.destroy();
      await writer.destroy();
    },
  };
}

function connect(open: () => DatabaseSync, begin: Begin, observer: StoreObserver): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new NodeSqliteDialect(open, begin),
    log: ({ query, queryDurationMillis }) => observer.query(query.sql, queryDurationMillis),
  });
}

function openForWriting(path: string): DatabaseSync {
  if (path !== ':memory:') {
    makeFolder(resolve(dirname(path)));
  }
  // FULL: a commit is on the disk before it is answered.
  return openWith(path, 'pragma journal_mode = wal; pragma synchronous = full');
}

/** Not opened as read-only: the first connection to a WAL database has to write its index file. It refuses writes all the same. */
function openForReading(path: string): DatabaseSync {
  return openWith(path, 'pragma query_only = on');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Node's own recursion never ends where a folder exists in which none can be made, as in `/proc`. */
function makeFolder(folder: string): void {
  if (!isFolder(folder)) {
    makeFolder(dirname(folder));
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may have been faster.
      if (!isFolder(folder)) {
        throw error;
      }
    }
  }
}

function openWith(path: string, pragmas: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: migrationBusyMs });
  try {
    database.exec(`${pragmas}; pragma busy_timeout = ${busyMs}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Result codes of SQLite, https://www.sqlite.org/rescode.html: the low byte is the class, the rest the case. */
const sqliteClass = {
  perm: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  protocol: 15,
  constraint: 19,
  auth: 23,
  notadb: 26,
} as const;
const constraintPrimaryKey = 1555;
const constraintUnique = 2067;
const ioerrFsync = 1034;

function classify(error: unknown, during: 'work' | 'commit'): StoreError | null {
  if (isFileError(error)) {
    return new StoreError('unavailable', `the database's folder cannot be used: ${error.message}`, error);
  }
  if (!isSqliteError(error)) {
    return null;
  }
  const { errcode, message } = error;
  switch (errcode & 0xff) {
    case sqliteClass.busy:
    case sqliteClass.locked:
    case sqliteClass.protocol:
      return new StoreError('retryable', message, error);
    case sqliteClass.constraint:
      return errcode === constraintPrimaryKey || errcode === constraintUnique
        ? new StoreError('conflict', message, error)
        : new StoreError('defect', message, error);
    case sqliteClass.ioerr:
      // All frames of the commit were written when their sync fails, so after a crash they may come back.
      return new StoreError(
        during === 'commit' && errcode === ioerrFsync ? 'outcome_unknown' : 'unavailable',
        message,
        error,
      );
    case sqliteClass.perm:
    case sqliteClass.readonly:
    case sqliteClass.corrupt:
    case sqliteClass.full:
    case sqliteClass.cantopen:
    case sqliteClass.auth:
    case sqliteClass.notadb:
      return new StoreError('unavailable', message, error);
    default:
      return new StoreError('defect', message, error);
  }
}

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
