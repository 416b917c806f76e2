import { Kysely, type MysqlPool, sql } from 'kysely';
import { ServerClock } from '../server-clock.ts';
import { StoreError } from '../store-error.ts';
import type { StoreObserver } from '../store-observer.ts';
import type { Tables } from '../tables.ts';
import { type Codec, type ColumnTypes, poolRoles, type SqlDialect } from './dialect.ts';
import { Hosts } from './hosts.ts';
import { insertValues } from './insert-values.ts';
import { mysqlPool } from './mysql-connection.ts';
import { classifyMysql, isOfMysqlHost } from './mysql-errors.ts';
import { NamesOnlyMysqlDialect } from './mysql-introspector.ts';
import { mysqlTls, mysqlUrlOptions } from './mysql-tls.ts';
import { rowsAmong } from './rows-among.ts';
import { parseServerUrl } from './server-url.ts';
import { mysqlSocket } from './socket-host.ts';
import { updateAmong } from './update-among.ts';

/**
 * Connections of one process, at most, over all hosts: one for the lane's transactions and one for housekeeping between them, some for
 * reads, one for audits, which take turns, and at the start one that migrates. Where there are several hosts, one more looks for a
 * moment at one that is passed over.
 */
const connections = { writer: 2, reader: 8, background: 1, migrator: 1 } as const;

/** Instants travel as text in UTC: every session's time zone is set to it. */
const codec: Codec = {
  encodeInstant: (ms) => new Date(ms).toISOString().slice(0, 23).replace('T', ' '),
  decodeInstant: (value) => Date.parse(`${String(value).replace(' ', 'T')}Z`),
  encodeBoolean: (value) => (value ? 1 : 0),
};

/**
 * MySQL 8 and later, and MariaDB 10.6 and later.
 *
 * A batch of holds, of any size up to 500, takes five round trips: begin and lock, availability and clock, the product's update,
 * the holds' insert, commit. With idempotency keys it takes two more. The lock must have been won before the rest is sent.
 *
 * @param databaseUrl may name several servers with the same data: nodes of a cluster, or a primary and those that may become it
 * @throws DatabaseUrlError
 */
export function mysqlDialect(databaseUrl: string, wallMs: () => number, observer: StoreObserver): SqlDialect {
  const url = parseServerUrl(databaseUrl, {
    defaultPort: 3306,
    known: mysqlUrlOptions,
    socket: mysqlSocket,
  });
  const servers = { url, tls: mysqlTls(url), hosts: new Hosts(url.hosts, observer) };
  const clock = new ServerClock(wallMs);
  const pools = {
    writer: mysqlPool(servers, connections.writer, {
      isolation: 'read committed',
      areLong: false,
      beginLate: true,
    }),
    reader: mysqlPool(servers, connections.reader, {
      isolation: 'read committed',
      areLong: false,
      beginLate: false,
    }),
    // Repeatable read: all statements of the audit's transaction see the database as its first one did.
    background: mysqlPool(servers, connections.background, {
      isolation: 'repeatable read',
      areLong: true,
      beginLate: false,
    }),
  };
  const open = (pool: MysqlPool) =>
    new Kysely<Tables>({
      dialect: new NamesOnlyMysqlDialect({ pool }),
      log: ({ query, queryDurationMillis }) => observer.query(query.sql, queryDurationMillis),
    });
  const writer = open(pools.writer);
  const reader = open(pools.reader);
  const background = open(pools.background);
  return {
    codec,
    types: async () => columnTypes(await isMariaDb(writer)),
    writer,
    reader,
    background: async () => ({ db: background, close: async () => {} }),
    insert: insertValues,
    update: updateAmong(among),
    rowsAmong: rowsAmong(among),
    lockRows: (query) => query.forUpdate(),
    readClock: async (db) => {
      const { rows } = await sql<{ now: string }>`select now(3) as now`.execute(db);
      const ms = codec.decodeInstant(rows[0]?.now ?? '');
      clock.wasRead(ms);
      return ms;
    },
    clock: () => sql`now(3)`,
    clockOr: () => sql`now(3)`,
    clockWasRead: (ms) => clock.wasRead(ms),
    nowMs: () => clock.nowMs(),
    among,
    asText: (value) => sql<string>`cast(${value} as char)`,
    migrating: async (work) => {
      const db = open(
        mysqlPool(servers, connections.migrator, {
          isolation: 'read committed',
          areLong: true,
          beginLate: false,
        }),
      );
      return work(db).finally(() => db.destroy()); // the migrator takes a named lock of the server
    },
    isMadeAlready: (error) => error instanceof Error && 'errno' in error && madeAlready.has(error.errno),
    classify: (error, during) => classify(error, during, servers.hosts.areSeveral),
    poolUse: () => poolRoles.map((role) => ({ role, ...pools[role].use() })),
    close: async () => {
      await Promise.all([reader, writer, background].map((db) => db.destroy()));
    },
  };
}

const among: SqlDialect['among'] = (column, values) =>
  values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${column} in (${sql.join(values)})`;

/** One server is the only one there is: that it takes no writes is for its operator. Of several, another one may take them. */
function classify(error: unknown, during: 'work' | 'commit', isOneOfSeveral: boolean): StoreError | null {
  const known = classifyMysql(error, during);
  return known?.kind === 'unavailable' && isOneOfSeveral && error instanceof Error && isOfMysqlHost(error)
    ? new StoreError('retryable', known.message, error)
    : known;
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
