import type { Connection, RowDataPacket } from 'mysql2';

/** What a server says of itself to a new connection. */
export type ServerState = {
  readonly isReadOnly: boolean;
  /** Null where the server is no node of a Galera cluster; else whether it may be used. */
  readonly galeraReady: boolean | null;
  /** Its clock in ms since 1970, and when it was asked for and came in. */
  readonly clock: { readonly serverMs: number; readonly askedMs: number; readonly cameMs: number };
};

export type Isolation = 'read committed' | 'repeatable read';

/** @param limitMs within which each answer has to come */
export async function readServerState(connection: Connection, limitMs: number): Promise<ServerState> {
  const ask = (sql: string) => rowsOf(connection, sql, limitMs);
  const askedMs = performance.now();
  // As text and in UTC whatever the session's time zone is. Without a table, so that a node that is not ready answers it too.
  const [server] = await ask(
    `select cast(utc_timestamp(3) as char) as now, @@global.read_only as is_read_only`,
  );
  const cameMs = performance.now();
  // Asked for in ways that a server without Galera understands too: it has no such variable, or says OFF.
  const [cluster] = await ask(`show global variables like 'wsrep_on'`);
  const isNode = cluster?.Value === 'ON';
  const [ready] = isNode ? await ask(`show global status like 'wsrep_ready'`) : [];
  return {
    isReadOnly: Boolean(server?.is_read_only),
    galeraReady: isNode ? ready?.Value === 'ON' : null,
    clock: { serverMs: Date.parse(`${String(server?.now).replace(' ', 'T')}Z`), askedMs, cameMs },
  };
}

/**
 * Set once for each connection. Strict, so that no value is ever cut to fit; short waits, so that a node that froze with a lock costs
 * the others seconds at most. MySQL has no limit for idle transactions, so there the whole connection has it. Each server reads
 * only the comment that is meant for it: MariaDB leaves those of MySQL 8 unread, and MySQL those of MariaDB.
 *
 * On a node of a Galera cluster a transaction, or a read outside of one, first waits until the node has what was committed on the
 * others before. Without it 40 of 200 reads right behind a commit on another node did not see it. Transactions that write wait too:
 * a refusal changes nothing, so nothing would conflict with a commit that it has not seen; and whether a commit took place whose
 * connection fell is looked up on another node.
 */
export async function setUpSession(
  connection: Connection,
  { isolation, isGalera, limitMs }: { isolation: Isolation; isGalera: boolean; limitMs: number },
): Promise<void> {
  const level = isolation.replace(' ', '-');
  await rowsOf(
    connection,
    `set time_zone = '+00:00', sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 2, lock_wait_timeout = 2,
    /*M!100300 idle_transaction_timeout = 5, tx_isolation = '${level}' */
    /*!80000 wait_timeout = 5, transaction_isolation = '${level}' */ ${isGalera ? ', wsrep_sync_wait = 1' : ''}`,
    limitMs,
  );
}

type Row = Readonly<Record<string, string | number>>;

function rowsOf(connection: Connection, sql: string, timeout: number): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>({ sql, timeout }, (error, rows) => {
      if (error === null) {
        // A statement that gives no rows answers with an object.
        resolve(Array.isArray(rows) ? (rows as readonly Row[]) : []);
      } else {
        reject(error);
      }
    });
  });
}
