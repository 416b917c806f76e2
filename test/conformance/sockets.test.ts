import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { mysqlDialect } from '../../src/store/dialects/mysql.ts';
import { postgresDialect } from '../../src/store/dialects/postgres.ts';
import { openStore } from '../../src/store/open-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import { runCommand, startProcess } from '../support/checkout-process.ts';
import { createOnServer, ownServerUrl } from '../support/database-on-server.ts';
import { describeEach } from '../support/needing.ts';
import { firstMissing, type ProgramName } from '../support/programs.ts';
import { type ServerName, serverKinds } from '../support/servers.ts';
import { kindOfError } from '../support/store-rows.ts';
import { until } from '../support/until.ts';

type SocketServer = {
  readonly name: ServerName;
  /** URLs of an empty database through the server's socket, one in each form. */
  readonly urls: () => Promise<readonly string[]>;
  /** An account without a password, which the server knows by the user of the process. */
  readonly passwordless: () => Promise<string>;
  /** A URL of a socket on which no server listens. */
  readonly absent: string;
};

const me = userInfo().username;
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

async function mysqlStatements<Row extends RowDataPacket>(
  url: string,
  statements: readonly string[],
): Promise<Row[]> {
  const connection = await createConnection(url);
  let rows: Row[] = [];
  for (const statement of statements) {
    [rows] = await connection.query<Row[]>(statement);
  }
  await connection.end();
  return rows;
}

async function socketOf(url: string): Promise<string> {
  const [row] = await mysqlStatements<RowDataPacket & { path: string }>(url, ['select @@socket as path']);
  return row?.path ?? '';
}

/** The URL of a database over TCP as one of the server's socket. */
const throughSocket = (url: string, path: string, host: string) =>
  `${url.replace(/127\.0\.0\.1:\d+/, host)}?socketPath=${path}`;

const mysqlUrls = (name: 'MariaDB' | 'MySQL') => async () => {
  const { url, drop } = await createOnServer(name);
  ends.push(drop);
  const path = await socketOf(url);
  return [throughSocket(url, path, 'localhost'), throughSocket(url, encodeURIComponent(path), '')];
};

/** A folder that a server of another user can make its socket in. */
function socketFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-socket-'));
  chmodSync(folder, 0o777);
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function kindOfLogin(url: string): Promise<string> {
  const store = openStore(url);
  const kind = await kindOfError(store.schemaState());
  await store.close();
  return kind;
}

let postgresFolder: Promise<{ folder: string; port: string; url: string }> | undefined;
/** Starts a server for this file, because the shared servers of the run have no socket. */
function postgresOnSocket() {
  postgresFolder ??= (async () => {
    const folder = socketFolder();
    const url = await ownServerUrl('PostgreSQL', [`unix_socket_directories=${folder}`]);
    return { folder, url, port: new URL(url).port };
  })();
  return postgresFolder;
}

const servers: readonly SocketServer[] = [
  {
    name: 'MariaDB',
    urls: mysqlUrls('MariaDB'),
    passwordless: async () => {
      // Its administrator is changed, so the server is one that no other test uses.
      const url = await ownServerUrl('MariaDB', ['max-allowed-packet=32M']);
      const path = await socketOf(url);
      await mysqlStatements(url, [
        `create or replace user '${me}'@localhost identified via unix_socket`,
        `grant all on *.* to '${me}'@localhost`,
      ]);
      return `mysql://${me}@localhost/mysql?socketPath=${path}`;
    },
    absent: 'mysql://root@localhost/sale?socketPath=/nowhere/mysqld.sock',
  },
  {
    name: 'MySQL',
    urls: mysqlUrls('MySQL'),
    passwordless: async () => {
      const { url, drop } = await createOnServer('MySQL');
      const path = await socketOf(url);
      await mysqlStatements(url, [
        "install plugin auth_socket soname 'auth_socket.so'",
        `create user by_socket@localhost identified with auth_socket as '${me}'`,
        'grant all on *.* to by_socket@localhost',
      ]);
      ends.push(async () => {
        await mysqlStatements(url, ['drop user by_socket@localhost', 'uninstall plugin auth_socket']);
        await drop();
      });
      return throughSocket(url, path, 'localhost').replace('//root', '//by_socket');
    },
    absent: 'mysql://root@localhost/sale?socketPath=/nowhere/mysqld.sock',
  },
  {
    name: 'PostgreSQL',
    urls: async () => {
      const { folder, port } = await postgresOnSocket();
      return [
        `postgres://postgres@/postgres?host=${folder}&port=${port}`,
        `postgres://postgres@:${port}/postgres?host=${encodeURIComponent(folder)}`,
        `postgres://postgres@${encodeURIComponent(folder)}:${port}/postgres`,
        `postgres://postgres@%2Fnowhere,${encodeURIComponent(folder)}:${port}/postgres`,
      ];
    },
    passwordless: async () => {
      const { folder, port, url } = await postgresOnSocket();
      const client = new pg.Client(`${url}/postgres`);
      await client.connect();
      await client.query(
        `do $$ begin create role "${me}" login superuser; exception when duplicate_object then null; end $$`,
      );
      const { rows } = await client.query<{ file: string }>(`select current_setting('hba_file') as file`);
      await client.query('set role postgres');
      // The server itself writes the file, because it belongs to its user.
      await client.query(
        `copy (select unnest(array['local all "${me}" peer', 'host all all 127.0.0.1/32 trust', 'local all postgres trust']))
         to '${rows[0]?.file}'`,
      );
      await client.query('create role unlisted login');
      await client.query('select pg_reload_conf()');
      await client.end();
      // Until the server has read the file, it still lets everyone in.
      await until(
        async () =>
          (await kindOfLogin(`postgres://unlisted@/postgres?host=${folder}&port=${port}`)) === 'unavailable',
      );
      return `postgres://${me}@/postgres?host=${folder}&port=${port}`;
    },
    absent: 'postgres://postgres@/sale?host=/nowhere',
  },
];

/** A server that a variable names may run on another machine, whose socket cannot be reached. */
function missingHere(name: ServerName): ProgramName | null {
  const { urlVariable, program } = serverKinds[name];
  return process.env[urlVariable] === undefined ? firstMissing(program) : program;
}

const kinds = servers.map((server) => ({ ...server, missing: missingHere(server.name) }));

describeEach(kinds)('the Unix socket of $name', (server) => {
  let urls: readonly string[];
  beforeAll(async () => {
    urls = await server.urls();
  });

  /** From where the server sees a connection come: empty for its socket. */
  async function cameFrom(url: string): Promise<string> {
    const dialect =
      server.name === 'PostgreSQL'
        ? postgresDialect(url, Date.now, noObserver)
        : mysqlDialect(url, Date.now, noObserver);
    onTestFinished(() => dialect.close());
    const asked =
      server.name === 'PostgreSQL'
        ? 'select host(client_addr) as came_from from pg_stat_activity where pid = pg_backend_pid()'
        : `select nullif(host, 'localhost') as came_from from information_schema.processlist where id = connection_id()`;
    const { rows } = await sql.raw<{ came_from: string | null }>(asked).execute(dialect.reader);
    return rows[0]?.came_from ?? '';
  }

  it('is what every form of the URL connects to', async () => {
    for (const url of urls) {
      expect([url, await cameFrom(url)]).toEqual([url, '']);
    }
  });

  it('lets a user in whom the server knows by the process, without a password', async () => {
    expect(await cameFrom(await server.passwordless())).toBe('');
  });

  it('carries a whole sale: migration, hold, order, payment and audit', async () => {
    const [databaseUrl = ''] = urls;
    const checkout = await startProcess({ databaseUrl });
    expect(checkout.said()).toMatch(/\nDatabase: \w+:\/\/(localhost)?\/\w+\?(socketPath|host)=\/[^&]+\n/);
    const order = await checkout.ordered(await checkout.createProduct());
    const paid = await checkout.pay({ idempotency_key: 'paid', order_id: order.order_id });
    expect(paid.body.order_status).toBe('paid');
    checkout.signal('SIGTERM');
    expect(await checkout.ended).toEqual({ code: 0, signal: null });
    expect(runCommand('audit', databaseUrl)).toMatchObject({ status: 0, stderr: '' });
  });

  it('is named with the reason when no server listens on it, which is worth a retry', async () => {
    const store = openStore(server.absent);
    onTestFinished(() => store.close());
    expect(await kindOfError(store.product(1))).toBe('retryable');
    await expect(store.product(1)).rejects.toThrow(/ENOENT \/nowhere\//);
  });
});
