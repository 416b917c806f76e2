import { type CompiledQuery, Kysely, sql } from 'kysely';
import { monotonicClock } from '../monotonic-clock.ts';
import type { StoreObserver } from '../store-observer.ts';
import type { Tables } from '../tables.ts';
import type { Codec, ColumnTypes, SqlDialect } from './dialect.ts';
import { rowsAmongOneParameter } from './rows-among.ts';
import { SqliteCheckpoints } from './sqlite-checkpoints.ts';
import { type EachRow, NodeSqliteDialect, type SqliteConnecting } from './sqlite-driver.ts';
import { classifySqlite } from './sqlite-errors.ts';
import { makeDatabaseFile } from './sqlite-files.ts';
import { inThisThread, SqliteThread } from './sqlite-places.ts';
import type { SqlitePlace, SqliteValues } from './sqlite-steps.ts';
import { updateWhere } from './update-among.ts';

/**
 * How long a statement waits inside SQLite for another process's write lock. Beyond it the batch is retried by the engine, which looks
 * whose time is up.
 */
const busyMs = 50;

/** How long to wait for others that open or migrate the same new file: nothing is served before, so nothing is held up. */
const openingBusyMs = 10_000;

/**
 * Pages in the log before they are put into the database: 40 MB, ten times SQLite's own choice. Ids are random, so each hold changes a page
 * of their index of its own; the more holds lie between two checkpoints, the more of them share one there.
 */
const checkpointPages = 10_000;

/**
 * FULL: a commit is on the disk before it is answered. What is kept to take a statement back, whole pages, is kept in memory instead of in
 * a file.
 */
const writerPragmas = `pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory; pragma wal_autocheckpoint = 0; pragma busy_timeout = ${busyMs}`;

/** Not opened as read-only: the first connection to a WAL database has to write its index file. It refuses writes all the same. */
const readerPragmas = `pragma query_only = on; pragma busy_timeout = ${busyMs}`;

/** Instants are integers: ms since 1970. Truth values are 0 and 1. */
const codec: Codec = {
  encodeInstant: (ms) => ms,
  decodeInstant: (value) => Number(value),
  encodeBoolean: (value) => (value ? 1 : 0),
};

const types: ColumnTypes = {
  // Stored as an integer is. But of a key called `integer` SQLite makes the row's place in the table: rows would lie in the order of
  // random ids, each on a page of its own. So they lie in the order in which they were made, and only an index is in that of the ids.
  id: 'bigint',
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

/** The values travel as one JSON text, so that the statement stays the same, and prepared, for any number of them. */
const among: SqlDialect['among'] = (column, values) =>
  sql<boolean>`${column} in (select value from json_each(${jsonOf(values)}))`;

function jsonOf(values: readonly (number | string)[]): string {
  return JSON.stringify(values);
}

/**
 * The embedded database.
 *
 * @param path a file, made with its folder when it is not there, or `:memory:`. A database in memory has one connection only:
 *   its reads wait for a transaction that is under way.
 * @param wallMs the host's clock, read once: from then on a monotonic clock counts, so that a jump of the host's clock while the
 *   process runs moves no deadline.
 * @param use `read` does not change the file: every connection has a separate thread and refuses to write.
 */
export function sqliteDialect(
  path: string,
  wallMs: () => number,
  observer: StoreObserver,
  use: 'write' | 'read' = 'write',
): SqlDialect {
  const nowMs = monotonicClock(wallMs);
  const isMemory = path === ':memory:';
  const open = (place: SqlitePlace, begin: SqliteConnecting['begin'], committed = () => {}) =>
    new Kysely<Tables>({ dialect: new NodeSqliteDialect({ place, begin, committed, prepare, observer }) });
  const prepare = isMemory ? () => {} : () => makeDatabaseFile(path);
  // An audit reads everything, so it has a thread of its own. A batch takes less time here than its ways to a thread and back: with the
  // writer in one, on two cores that the load shares, 0.63 of a server that does nothing instead of 0.88.
  const place = inThisThread({ path, pragmas: writerPragmas, openingBusyMs });
  const reading = { path, pragmas: readerPragmas, openingBusyMs };
  const thread = () => open(new SqliteThread(reading), 'begin');
  const writer = use === 'read' ? thread() : open(place, 'begin immediate', () => checkpoints?.committed());
  const reader = isMemory || use === 'read' ? writer : open(inThisThread(reading), 'begin');
  const checkpoints =
    isMemory || use === 'read'
      ? null
      : new SqliteCheckpoints({
          ...{ path, place, writer, busyMs, observer, flushFailed: endProcess },
          thread: thread(),
          pages: checkpointPages,
        });
  return {
    codec,
    types: async () => types,
    writer,
    reader,
    background: async () => {
      if (isMemory) {
        return { db: writer, close: async () => {} };
      }
      const db = thread();
      return { db, close: () => db.destroy() };
    },
    ...rowByRow(),
    rowsAmong: rowsAmongOneParameter(among, jsonOf),
    lockRows: (query) => query, // `begin immediate` has locked the whole database already
    readClock: async () => nowMs(),
    clock: () => sql.val(nowMs()),
    clockOr: (hostNow) => hostNow,
    clockWasRead: () => {},
    nowMs,
    among,
    asText: (value) => sql<string>`cast(${value} as text)`,
    migrating: async (work) => {
      // The write lock of one transaction around everything: the migrator makes its own tables outside of its transaction.
      await sql`pragma busy_timeout = ${sql.lit(openingBusyMs)}`.execute(writer);
      try {
        return await writer.transaction().execute(work);
      } finally {
        await sql`pragma busy_timeout = ${sql.lit(busyMs)}`.execute(writer);
      }
    },
    isMadeAlready: () => false,
    classify: classifySqlite,
    poolUse: () => [],
    close: async () => {
      await checkpoints?.close();
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/** As an error that nobody caught: nothing is closed, and whoever supervises the process begins it anew. */
function endProcess(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

/** Compiles what changes a row of each table once: all rows of a table have the same columns in the same order. */
function rowByRow(): Pick<SqlDialect, 'insert' | 'update'> {
  const inserts = new Map<keyof Tables, CompiledQuery>();
  const updates = new Map<keyof Tables, CompiledQuery>();
  return {
    insert: async (db, table, rows) => {
      const [first] = rows;
      if (first !== undefined) {
        const query = inserts.get(table) ?? db.insertInto(table).values(first).compile();
        inserts.set(table, query);
        const each: EachRow = { ...query, rows: rows.map((row) => Object.values(row)) };
        await db.executeQuery(each);
      }
    },
    update: async (db, table, ids, values) => {
      const query = updates.get(table) ?? updateWhere(table, values, sql<boolean>`id = ${0}`).compile(db);
      updates.set(table, query);
      const set: SqliteValues = Object.values(values);
      const each: EachRow = { ...query, rows: ids.map((id) => [...set, id]) };
      await db.executeQuery(each);
    },
  };
}
