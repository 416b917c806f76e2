import { Kysely, sql } from 'kysely';
import type { Pool } from 'mysql2';
import type { QueryObserver } from '../query-observer.ts';
import { ServerClock } from '../server-clock.ts';
import { StoreError } from '../store-error.ts';
import type { Tables } from '../tables.ts';
import type { Codec, ColumnTypes, SqlDialect } from './dialect.ts';
import { NamesOnlyMysqlDialect } from './mysql-introspector.ts';

/**
 * Connections of one process, at most: one for the lane's transactions and one for housekeeping between them, some for reads, and one
 * for the audit while it runs.
 */
export const mysqlConnections = { writer: 2, reader: 8, background: 1 } as const;

/** How long to wait for a connection to be made, and how long it may idle before it is given back. */
const connectMs = 5_000;
const idleMs = 3_000;

/** Instants travel as text in UTC: every session's time zone is set to it. */
const codec: Codec = {
  encodeInstant: (ms) => new Date(ms).toISOString().slice(0, 23).replace('T', ' '),
  decodeInstant: (value) => Date.parse(`${String(value).replace(' ', 'T')}Z`),
  encodeBoolean: (value) => (value ? 1 : 0),
};

/**
 * MySQL 8 and later, and MariaDB 10.6 and later.
 *
 * A batch of holds, of any size up to 500, takes six round trips: begin, lock, availability and clock, the product's update, the
 * holds' insert, commit. With idempotency keys it takes two more. The lock must have been won before the rest is sent.
 */
export function mysqlDialect(url: string, wallMs: () => number, observe: QueryObserver): SqlDialect {
  const clock = new ServerClock(wallMs);
  const open = (connections: number, isolation: Isolation) => connect(url, connections, isolation, observe);
  const writer = open(mysqlConnections.writer, 'read committed');
  const reader = open(mysqlConnections.reader, 'read committed');
  return {
    codec,
    types: async () => columnTypes(await isMariaDb(writer)),
    writer,
    reader,
    background: async () => {
      // Repeatable read: all statements of the audit's transaction see the database as its first one did.
      const db = open(mysqlConnections.background, 'repeatable read');
      return { db, close: () => db.destroy() };
    },
    lockRows: (query) => query.forUpdate(),
    readClock: async (db) => {
      const { rows } = await sql<{ now: string }>`select now(3) as now`.execute(db);
      const ms = codec.decodeInstant(rows[0]?.now ?? '');
      clock.wasRead(ms);
      return ms;
    },
    clock: () => sql`now(3)`,
    clockWasRead: (ms) => clock.wasRead(ms),
    nowMs: () => clock.nowMs(),
    among: (column, values) =>
      values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${column} in (${sql.join(values)})`,
    asText: (value) => sql<string>`cast(${value} as char)`,
    migrating: (work) => work(writer), // the migrator takes a named lock of the server
    isMadeAlready: (error) => error instanceof Error && 'errno' in error && madeAlready.has(error.errno),
    classify,
    close: async () => {
      await Promise.all([reader.destroy(), writer.destroy()]);
    },
  };
}

type Isolation = 'read committed' | 'repeatable read';

function connect(
  url: string,
  connections: number,
  isolation: Isolation,
  observe: QueryObserver,
): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new NamesOnlyMysqlDialect({ pool: () => openPool(url, connections, isolation) }),
    log: ({ query, queryDurationMillis }) => observe(query.sql, queryDurationMillis),
  });
}

async function openPool(url: string, connectionLimit: number, isolation: Isolation): Promise<Pool> {
  // Loaded with the first connection: who serves from another database does not pay for it at the start.
  const { createPool } = await import('mysql2');
  const pool = createPool({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    connectionLimit,
    connectTimeout: connectMs,
    idleTimeout: idleMs,
    maxIdle: connectionLimit - 1, // the pool looks at `idleTimeout` only when fewer may idle than there may be
    dateStrings: true,
    timezone: 'Z',
    charset: 'utf8mb4',
  });
  pool.on('connection', (connection) => {
    connection.query(sessionSettings(isolation), (error) => {
      if (error) {
        connection.destroy();
      }
    });
  });
  return pool;
}

/**
 * Set once for each connection. Strict, so that no value is ever cut to fit; short waits, so that a node that froze with a lock costs
 * the others seconds at most. MySQL has no limit for idle transactions, so there the whole connection has it. Each server reads
 * only the comment that is meant for it: MariaDB leaves those of MySQL 8 unread, and MySQL those of MariaDB.
 */
function sessionSettings(isolation: Isolation): string {
  return `set time_zone = '+00:00', sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 2,
    /*M!100300 idle_transaction_timeout = 5, tx_isolation = '${isolation.replace(' ', '-')}' */
    /*!80000 wait_timeout = 5, transaction_isolation = '${isolation.replace(' ', '-')}' */`;
}

async function isMariaDb(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  return /mariadb/i.test(rows[0]?.version ?? '');
}

function columnTypes(mariaDb: boolean): ColumnTypes {
  // Binary, and without padding: `a` and `a ` are two keys. The two servers name such a collation differently.
  const exact = sql.raw(
    `character set utf8mb4 collate ${mariaDb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'}`,
  );
  const text = (length: number) => sql`varchar(${sql.lit(length)}) ${exact}`;
  return {
    id: 'bigint',
    integer: 'bigint',
    boolean: 'boolean',
    // Without a default of its own MariaDB's first TIMESTAMP column would be set again by every update.
    secondInstant: sql`timestamp default current_timestamp`,
    instant: sql`timestamp(3) default current_timestamp(3)`,
    // Not a TIMESTAMP, which ends in 2038.
    farInstant: sql`datetime(3)`,
    key: text(255),
    paymentName: text(259),
    name: text(255),
    word: text(64),
    text: sql`text ${exact}`, // the database's own character set may be a smaller one
    longText: sql`mediumtext ${exact}`,
    decimal: sql`decimal(19, 4)`,
    quotient: (numerator, denominator) => sql`${sql.ref(numerator)} / ${sql.ref(denominator)}`,
    isTrue: (column) => column,
    countingUp: sql`auto_increment`,
  };
}

/** There is a table, a column or an index of this name. */
const madeAlready: ReadonlySet<unknown> = new Set([1050, 1060, 1061]);

/** https://dev.mysql.com/doc/mysql-errors/ and https://mariadb.com/kb/en/mariadb-error-codes/ */
const retryableErrors: ReadonlySet<number> = new Set([
  1213, // deadlock, and on a cluster a conflict at the commit
  1205, // lock wait timeout
  1020, // the row has changed since it was read
  1047, // the cluster's node is not ready
  1180, // error during commit: rolled back by the cluster
  3101, // the plugin rolled the transaction back
  1040, // too many connections
  1053, // server shutdown
  1317, // query interrupted
  1927, // connection was killed
  4031, // closed by the server for inactivity
  1159,
  1160,
  1161, // network errors and timeouts
]);
const conflictErrors: ReadonlySet<number> = new Set([1062, 1586]);
const unavailableErrors: ReadonlySet<number> = new Set([
  1021, // disk full
  1114, // table is full
  1026, // error writing file
  1036,
  1290,
  1792,
  1836, // read-only in its several forms
  1044,
  1045,
  1049,
  1142,
  1146,
  1698, // access denied, no such database, no such table
  1251, // the client does not support the authentication
]);
/** The connection was not made, or fell. */
const connectionErrors: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

function classify(error: unknown, during: 'work' | 'commit'): StoreError | null {
  if (!(error instanceof Error)) {
    return null;
  }
  const { errno, code } = error as Error & { errno?: number; code?: string };
  if (code !== undefined && (connectionErrors.has(code) || code === 'ER_CLIENT_INTERACTION_TIMEOUT')) {
    return new StoreError(
      during === 'commit' ? 'outcome_unknown' : 'retryable',
      error.message || code,
      error,
    );
  }
  if (error.message.includes('Connection lost') || error.message.includes('closed state')) {
    return new StoreError(during === 'commit' ? 'outcome_unknown' : 'retryable', error.message, error);
  }
  if (errno === undefined || code === undefined || !('sqlState' in error)) {
    return null;
  }
  if (retryableErrors.has(errno)) {
    const isUnknown =
      during === 'commit' && (errno === 1053 || errno === 1317 || errno === 1927 || errno === 4031);
    return new StoreError(isUnknown ? 'outcome_unknown' : 'retryable', error.message, error);
  }
  if (conflictErrors.has(errno)) {
    return new StoreError('conflict', error.message, error);
  }
  return new StoreError(unavailableErrors.has(errno) ? 'unavailable' : 'defect', error.message, error);
}
