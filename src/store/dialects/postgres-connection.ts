import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Client } from 'pg';
import type { PoolUse } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { gaveUp, type HostConnection, HostPool, silenceMs } from './host-pool.ts';
import type { Hosts } from './hosts.ts';
import { classifyPostgres, isOfPostgresHost } from './postgres-errors.ts';
import type { PostgresTls } from './postgres-tls.ts';
import type { Host, ServerUrl } from './server-url.ts';

/** How long a connection may idle before it is given back. */
const idleMs = 30_000;

export type PostgresServers = {
  readonly url: ServerUrl;
  readonly tls: PostgresTls | false;
  readonly hosts: Hosts;
};

/** What each transaction of a connection is: one that writes or reads what is committed, or one consistent snapshot that only reads. */
export type Transactions = 'read committed' | 'snapshot';

export type PostgresSessions = {
  readonly transactions: Transactions;
  /** Whether each statement may take as long as it likes. */
  readonly areLong: boolean;
};

/** What Kysely takes for the driver's pool, over several hosts. */
export function postgresPool(
  servers: PostgresServers,
  max: number,
  sessions: PostgresSessions,
): PostgresPool & { use(): Omit<PoolUse, 'role'> } {
  const pool: HostPool<PostgresHostConnection> = new HostPool(
    servers.hosts,
    (host) => open(servers, host, sessions, (connection) => pool.release(connection)),
    { max, idleMs },
  );
  return { connect: () => pool.acquire(), end: () => pool.close(), options: {}, use: () => pool.use };
}

/** @throws StoreError when the host cannot be used */
async function open(
  { url, tls, hosts }: PostgresServers,
  host: Host,
  { transactions, areLong }: PostgresSessions,
  release: (connection: PostgresHostConnection) => void,
): Promise<PostgresHostConnection> {
  // Loaded with the first connection: who serves from another database does not pay for it at the start.
  const { default: pg } = await import('pg');
  const textParsers = new Map<number, (text: string) => unknown>([
    [pg.types.builtins.INT8, Number], // no integer of the schema is larger than 2^53
    [pg.types.builtins.TIMESTAMPTZ, (text) => text], // for the codec: a Date would be made and taken apart again
  ]);
  const limitMs = hosts.connectMs;
  const client = new pg.Client({
    // The driver reads a host that begins with / as the folder of a socket, and derives the file's name from the port.
    host: host.socket ?? host.address,
    port: host.port,
    user: url.user,
    password: url.password,
    database: url.database,
    ssl: tls,
    connectionTimeoutMillis: limitMs,
    keepAlive: true,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        (format === 'binary' ? undefined : textParsers.get(oid)) ?? pg.types.getTypeParser(oid, format),
    },
  });
  const opened = new PostgresHostConnection(client, host, hosts, areLong, release);
  // The driver's own limit ends with the log-in; a server may freeze behind it too. Closing fails what is waited for.
  const limit = setTimeout(() => opened.close(), limitMs);
  try {
    await client.connect();
    await readServerState(client, host, hosts);
    await client.query(sessionSettings(transactions));
    return opened;
  } catch (error) {
    opened.close();
    if (error instanceof StoreError) {
      throw error;
    }
    const known = classifyPostgres(error, 'work');
    // Whatever else keeps a connection from being made, such as a certificate that is not trusted, is for the operator.
    const reason = error instanceof Error ? error.message : String(error);
    throw known === null || known.kind === 'defect' ? new StoreError('unavailable', reason, error) : known;
  } finally {
    clearTimeout(limit);
  }
}

/** A lone server that only reads is used all the same: it can be read, and who writes is told. */
async function readServerState(client: Client, host: Host, hosts: Hosts): Promise<void> {
  if (!hosts.areSeveral) {
    return;
  }
  const askedMs = performance.now();
  const { rows } = await client.query<{ is_read_only: boolean; now_ms: string }>(
    `select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as is_read_only,
      extract(epoch from clock_timestamp()) * 1000 as now_ms`,
  );
  hosts.clockWasRead(host, { serverMs: Number(rows[0]?.now_ms), askedMs, cameMs: performance.now() });
  if (rows[0]?.is_read_only === true) {
    throw new StoreError('unavailable', 'the server is read-only');
  }
}

/**
 * Set once for each connection. Short waits for locks and a limit for idle transactions, so that a node that froze with a lock costs the
 * others seconds at most.
 */
function sessionSettings(transactions: Transactions): string {
  return `set time zone 'UTC'; set datestyle = 'ISO'; set lock_timeout = '2s'; set idle_in_transaction_session_timeout = '5s';
    set session characteristics as transaction ${
      transactions === 'snapshot'
        ? 'isolation level repeatable read, read only'
        : 'isolation level read committed'
    }`;
}

/** The driver's connection as Kysely uses it, which looks at every error that comes by. */
class PostgresHostConnection implements HostConnection, PostgresPoolClient {
  readonly host: Host;
  readonly release: (destroy?: boolean) => void;
  readonly #client: Client;
  readonly #hosts: Hosts;
  readonly #isLong: boolean;
  #isGone = false;
  #wasGivenUp = false;

  constructor(
    client: Client,
    host: Host,
    hosts: Hosts,
    isLong: boolean,
    release: (connection: PostgresHostConnection) => void,
  ) {
    this.#client = client;
    this.host = host;
    this.#hosts = hosts;
    this.#isLong = isLong;
    this.release = (destroy = false) => {
      this.#isGone ||= destroy;
      release(this);
    };
    const fell = () => {
      this.#isGone = true;
    };
    // Without a listener the loss of a connection would end the process. Whoever uses it gets the error.
    client.on('error', fell);
    client.on('end', fell);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query(text: unknown, parameters?: readonly unknown[]): unknown {
    // Cursors are not used: the dialect is not given their class.
    const silence = this.#isLong ? undefined : setTimeout(() => this.#giveUp(), silenceMs);
    const answered = this.#client.query(String(text), [...(parameters ?? [])]);
    return answered
      .catch((error) => {
        this.#failed(error);
        throw this.#wasGivenUp ? new Error(gaveUp, { cause: error }) : error;
      })
      .finally(() => clearTimeout(silence));
  }

  close(): void {
    this.#isGone = true;
    this.#client.end().catch(() => {}); // it may have fallen meanwhile, which is what is wanted
  }

  /** Closing fails what is waited for. */
  #giveUp(): void {
    this.#wasGivenUp = true;
    this.close();
  }

  #failed(error: unknown): void {
    if (error instanceof Error && this.#hosts.areSeveral && isOfPostgresHost(error)) {
      this.#hosts.passOver(this.host, error.message);
      this.#isGone = true;
    }
  }
}
