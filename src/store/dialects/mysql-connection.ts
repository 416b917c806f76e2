import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import type { Connection } from 'mysql2';
import type { PoolUse } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { gaveUp, type HostConnection, HostPool, silenceMs } from './host-pool.ts';
import type { Hosts } from './hosts.ts';
import { classifyMysql, endsMysqlConnection, isOfMysqlHost } from './mysql-errors.ts';
import { type Isolation, readServerState, setUpSession } from './mysql-session.ts';
import type { MysqlTls } from './mysql-tls.ts';
import type { Host, ServerUrl } from './server-url.ts';

/** How long one may idle before it is given back: MySQL closes it after 5 s. */
const idleMs = 3_000;

export type MysqlServers = {
  readonly url: ServerUrl;
  readonly tls: MysqlTls | undefined;
  readonly hosts: Hosts;
};

export type MysqlSessions = {
  readonly isolation: Isolation;
  /** Whether each statement may take as long as it likes. */
  readonly areLong: boolean;
  /** Whether the begin of a transaction waits for its first statement, and travels with it. */
  readonly beginLate: boolean;
};

/** What Kysely takes for the driver's pool, over several hosts. */
export function mysqlPool(
  servers: MysqlServers,
  max: number,
  sessions: MysqlSessions,
): MysqlPool & { use(): Omit<PoolUse, 'role'> } {
  const pool: HostPool<MysqlHostConnection> = new HostPool(
    servers.hosts,
    (host) => open(servers, host, sessions, (connection) => pool.release(connection)),
    { max, idleMs },
  );
  return {
    getConnection: (callback) => {
      // Kysely looks at the connection only where there is no error, so any will do there.
      pool.acquire().then(
        (connection) => callback(null, connection),
        (error) => callback(error, undefined as unknown as MysqlPoolConnection),
      );
    },
    end: (callback) => {
      pool.close().then(() => callback(null), callback);
    },
    use: () => pool.use,
  };
}

/** @throws StoreError when the host cannot be used */
async function open(
  { url, tls, hosts }: MysqlServers,
  host: Host,
  sessions: MysqlSessions,
  release: (connection: MysqlHostConnection) => void,
): Promise<MysqlHostConnection> {
  // Loaded with the first connection: who serves from another database does not pay for it at the start.
  const { createConnection } = await import('mysql2');
  const limitMs = hosts.connectMs;
  const connection = createConnection({
    ...(host.socket === undefined ? { host: host.address, port: host.port } : { socketPath: host.socket }),
    user: url.user,
    password: url.password,
    database: url.database,
    connectTimeout: limitMs,
    dateStrings: true,
    timezone: 'Z',
    charset: 'utf8mb4',
    multipleStatements: sessions.beginLate,
    ...(tls === undefined ? {} : { ssl: tls }),
  });
  const opened = new MysqlHostConnection(connection, host, hosts, sessions, release);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === null ? resolve() : reject(error)));
    });
    const state = await readServerState(connection, limitMs);
    hosts.clockWasRead(host, state.clock);
    if (state.galeraReady === false) {
      throw new StoreError('retryable', 'the node of the cluster is not ready (wsrep_ready is OFF)');
    }
    // A lone read-only server is used all the same: it can be read, and who writes is told.
    if (state.isReadOnly && hosts.areSeveral) {
      throw new StoreError('unavailable', 'the server is read-only');
    }
    await setUpSession(connection, {
      isolation: sessions.isolation,
      isGalera: state.galeraReady !== null,
      limitMs,
    });
    return opened;
  } catch (error) {
    connection.destroy();
    if (error instanceof StoreError) {
      throw error;
    }
    const known = classifyMysql(error, 'work');
    // Whatever else keeps a connection from being made, such as a certificate that is not trusted, is for the operator.
    const reason = error instanceof Error ? error.message : String(error);
    throw known === null || known.kind === 'defect' ? new StoreError('unavailable', reason, error) : known;
  }
}

/** What Kysely's type asks for where no statement was sent. */
const nothingToStream: ReturnType<MysqlPoolConnection['query']> = {
  stream: () => {
    throw new Error('expected a statement that was sent, got one that waits for the next');
  },
};

/** The driver's connection as Kysely uses it, which looks at every error that comes by. */
class MysqlHostConnection implements HostConnection, MysqlPoolConnection {
  readonly host: Host;
  readonly release: () => void;
  readonly #connection: Connection;
  readonly #hosts: Hosts;
  readonly #sessions: MysqlSessions;
  #isGone = false;
  #begins = false;

  constructor(
    connection: Connection,
    host: Host,
    hosts: Hosts,
    sessions: MysqlSessions,
    release: (connection: MysqlHostConnection) => void,
  ) {
    this.#connection = connection;
    this.host = host;
    this.#hosts = hosts;
    this.#sessions = sessions;
    this.release = () => release(this);
    const fell = () => {
      this.#isGone = true;
    };
    // Without a listener the loss of a connection would end the process. Whoever uses it gets the error.
    connection.on('error', fell);
    connection.on('end', fell);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get config(): object {
    return this.#connection.config;
  }

  get threadId(): number {
    return this.#connection.threadId;
  }

  connect(callback?: (error: unknown) => void): void {
    this.#connection.connect(callback);
  }

  query: MysqlPoolConnection['query'] = (sql, parameters, done) => {
    if (sql === 'begin' && this.#sessions.beginLate) {
      this.#begins = true;
      done?.(null, []);
      return nothingToStream;
    }
    const begins = this.#begins;
    this.#begins = false;
    if (begins && (sql === 'commit' || sql === 'rollback')) {
      done?.(null, []); // nothing has begun
      return nothingToStream;
    }
    let silence: NodeJS.Timeout | undefined;
    const answer: NonNullable<typeof done> = (error, result) => {
      clearTimeout(silence);
      done?.(error, result);
    };
    if (!this.#sessions.areLong) {
      silence = setTimeout(() => {
        this.destroy(); // whatever comes from it later is heard by nobody
        answer(new Error(gaveUp), []);
      }, silenceMs);
    }
    return this.#connection.query(begins ? `begin; ${sql}` : sql, parameters, (error, result) => {
      if (error !== null) {
        this.#failed(error);
      }
      answer(error, (begins && Array.isArray(result) ? result[1] : result) as Parameters<typeof answer>[1]);
    });
  };

  destroy(): void {
    this.#isGone = true;
    this.#connection.destroy();
  }

  close(): void {
    if (this.#isGone) {
      this.#connection.destroy();
    } else {
      this.#isGone = true;
      this.#connection.end(); // says goodbye, so that the server does not count it as a lost one
    }
  }

  #failed(error: Error): void {
    const isOfHost = this.#hosts.areSeveral && isOfMysqlHost(error);
    if (isOfHost) {
      this.#hosts.passOver(this.host, error.message);
    }
    this.#isGone ||= isOfHost || endsMysqlConnection(error);
  }
}
