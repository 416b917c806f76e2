import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { firstMissing, found, type ProgramName } from './programs.ts';

/** Database servers for tests, each thrown away with its data when the run has ended. */
export type ServerName = 'MariaDB' | 'MySQL' | 'PostgreSQL';

export type StartedServer = {
  /** For the server's administrator, without a database's name. */
  readonly url: string;
  readonly pid: number;
  /** Ends when the data is to be thrown away, so at once. */
  readonly endSignal: NodeJS.Signals;
};

type ServerKind = {
  /** Names a server that is to be used instead of one of our own. */
  readonly urlVariable: string;
  readonly program: ProgramName;
  readonly start: Start;
};

/**
 * Starts a server on `port` of the loopback address with its data in `folder`, which is there: empty, or as
 * the same server has left it. `settings` are more of the server's own, each `name=value`, and go before those
 * of tests.
 */
type Start = (
  program: string,
  folder: string,
  port: number,
  settings?: readonly string[],
) => Promise<StartedServer>;

/** Servers refuse to run as root; then they run as the users that their packages made. */
const isRoot = process.getuid?.() === 0;

export const serverKinds: Readonly<Record<ServerName, ServerKind>> = {
  MariaDB: {
    urlVariable: 'TEST_MARIADB_URL',
    program: 'mariadbd',
    start: startMariaDb,
  },
  MySQL: {
    urlVariable: 'TEST_MYSQL_URL',
    program: 'mysqld',
    start: (...given) =>
      process.env.TEST_MYSQL_SCRIPT === undefined ? startMySql(...given) : startByScript(...given),
  },
  PostgreSQL: {
    urlVariable: 'TEST_POSTGRES_URL',
    program: 'postgres',
    start: startPostgres,
  },
};

/** The program that this machine lacks for a server of this kind, or null: it is there, or a variable names a running server. */
export function missingFor(name: ServerName): ProgramName | null {
  const { urlVariable, program } = serverKinds[name];
  return process.env[urlVariable] === undefined ? firstMissing(program) : null;
}

/**
 * Ports that the system does not give to outgoing connections by itself (Linux begins at 32768). A server that is killed and started
 * again needs its own, which such a connection could have taken meanwhile.
 */
const ports = { from: 15_000, to: 32_000 };

/** A port of the loopback address that nobody listens on, and that stays free for whoever is to listen there, now or again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.to);
    if (await isFree(port)) {
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((settled) =>
    server
      .once('error', () => settled(false))
      .listen({ port, host: '127.0.0.1', exclusive: true }, () => settled(true)),
  );
  if (listens) {
    await new Promise((closed) => server.close(closed));
  }
  return listens;
}

const run = promisify(execFile);
const rootOfMySql = (port: number) => `mysql://root@127.0.0.1:${port}`;

/** Small, because several run beside each other, and durable as in production: every commit is synced. */
export const settingsOfMySql = (folder: string, port: number): string[] => [
  '--no-defaults',
  `--datadir=${join(folder, 'data')}`,
  `--tmpdir=${folder}`,
  `--socket=${join(folder, 'server.sock')}`,
  `--pid-file=${join(folder, 'server.pid')}`,
  `--log-error=${join(folder, 'server.log')}`,
  `--port=${port}`,
  '--bind-address=127.0.0.1',
  '--innodb-buffer-pool-size=64M',
  '--innodb-flush-log-at-trx-commit=1',
  '--performance-schema=OFF',
  ...asUser('mysql'),
];

async function startMariaDb(...[program, folder, port, settings = []]: Parameters<Start>) {
  if (isNew(folder)) {
    await installMariaDb(program, folder);
  }
  const args = [...settingsOfMySql(folder, port), '--innodb-log-file-size=16M', ...settings.map(asOption)];
  const pid = await launch(program, args, folder, {}, () => askMySql(port));
  return { url: rootOfMySql(port), pid, endSignal: 'SIGKILL' } as const;
}

/** Makes the tables of a new server in `folder`. Its administrator is root, without a password. */
export async function installMariaDb(program: string, folder: string): Promise<void> {
  await give(folder, 'mysql');
  const args = [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--tmpdir=${folder}`, // two at once would meet in the system's own
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...asUser('mysql'),
  ];
  // Its temporary files are named by a pid, which may stand for others too where containers share a folder.
  const env = { ...process.env, TMPDIR: folder };
  await run(found('mariadb-install-db', [dirname(program), '/usr/bin']) ?? 'mariadb-install-db', args, {
    env,
  });
}

async function startMySql(...[program, folder, port, settings = []]: Parameters<Start>) {
  const args = [
    ...settingsOfMySql(folder, port),
    '--mysqlx=OFF',
    '--innodb-redo-log-capacity=16M',
    ...settings.map(asOption),
  ];
  if (isNew(folder)) {
    await give(folder, 'mysql');
    await run(program, [...args, '--initialize-insecure']);
  }
  const pid = await launch(program, args, folder, {}, () => askMySql(port));
  return { url: rootOfMySql(port), pid, endSignal: 'SIGKILL' } as const;
}

/** By a script that brings a mysqld of its own: `start PORT FOLDER` prints the pid of a server that takes connections. */
async function startByScript(...[script, folder, port, settings = []]: Parameters<Start>) {
  if (settings.length > 0) {
    throw new Error(`${script} takes no settings of a server`);
  }
  const { stdout } = await run('bash', [script, 'start', String(port), join(folder, 'data')]);
  const pid = Number(stdout);
  return { url: rootOfMySql(port), pid, endSignal: 'SIGKILL' } as const;
}

async function askMySql(port: number): Promise<void> {
  const connection = await createConnection(rootOfMySql(port));
  await connection.end();
}

async function startPostgres(...[program, folder, port, settings = []]: Parameters<Start>) {
  // PostgreSQL does not run as root.
  const user = await give(folder, 'postgres');
  const data = join(folder, 'data');
  if (isNew(folder)) {
    const initdb = join(dirname(realpathSync(program)), 'initdb');
    await run(
      initdb,
      ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
      { ...user, cwd: '/' },
    );
  }
  const all = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'shared_buffers=64MB',
    'max_connections=200',
    ...settings,
  ];
  const url = `postgres://postgres@127.0.0.1:${port}`;
  const args = ['-D', data, ...all.flatMap((setting) => ['-c', setting])];
  const pid = await launch(program, args, folder, user, async () => {
    const client = new pg.Client(`${url}/postgres`);
    await client.connect();
    await client.end();
  });
  return { url, pid, endSignal: 'SIGQUIT' } as const;
}

/** Nothing has been kept in it yet. */
function isNew(folder: string): boolean {
  return !existsSync(join(folder, 'data'));
}

function asOption(setting: string): string {
  return `--${setting}`;
}

type User = { readonly uid?: number; readonly gid?: number };

/** Gives a folder to the user that the server has to run as, when it is started by root. */
export async function give(folder: string, name: string): Promise<User> {
  if (!isRoot) {
    return {};
  }
  await run('chown', [`${name}:`, folder]);
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, name])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

export function asUser(name: string): string[] {
  return isRoot ? [`--user=${name}`] : [];
}

/**
 * Starts a server and waits until it takes connections.
 *
 * @returns its pid
 * @throws Error with the end of its log, when it ends before that
 */
async function launch(
  program: string,
  args: readonly string[],
  folder: string,
  user: User,
  ask: () => Promise<void>,
): Promise<number> {
  // In a session of its own, so that an interrupt from the keyboard reaches the run and not its servers.
  const server = spawn(program, args, {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000);
  });
  let ended: string | null = null;
  server.on('error', (error) => {
    ended = error.message;
  });
  server.on('exit', (code, signal) => {
    ended ??= `ended with ${code ?? signal}`;
  });
  while (ended === null) {
    try {
      await ask();
      return server.pid ?? 0;
    } catch {
      await pause(30);
    }
  }
  const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '');
  throw new Error(`${program} ${ended}: ${said}${log.slice(-2_000)}`);
}

/** Sends a signal to processes and waits until they are gone, so that they write nothing any more. */
export async function endProcesses(pids: readonly number[], signal: NodeJS.Signals): Promise<void> {
  for (const pid of pids) {
    sendSignal(pid, signal);
  }
  for (const pid of pids) {
    // Not for ever: one that nobody waits for may stay in the list of processes after its end.
    for (let asked = 0; asked < 500 && sendSignal(pid, 0); asked += 1) {
      await pause(10);
    }
  }
}

/** Whether there was such a process. */
function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
