/**
 * A process of its own that starts database servers when they are asked for, by `GET /<name>` on a loopback port, and answers with
 * their URL. `GET /<name>?setting=…` starts another one with these settings. It ends them and removes their data when its parent goes
 * away, in whatever way. `GET /pages` builds the pages for all test files of the run, once, where they changed.
 *
 * It also keeps the databases that tests have emptied for the next ones: `POST /<name>/databases` with the URL of one hands it in,
 * `GET` hands one out, and answers 204 when there is none.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { dropDatabase } from './new-database.ts';
import { programPath } from './programs.ts';
import {
  endProcesses,
  freePort,
  missingFor,
  type ServerName,
  type StartedServer,
  serverKinds,
} from './servers.ts';

const started = new Map<ServerName, Promise<StartedServer>>();
const folders: string[] = [];

/** Those with settings of their own, each for one test. */
const special: Promise<StartedServer>[] = [];

async function start(name: ServerName, settings: readonly string[] = []): Promise<StartedServer> {
  const { program, start } = serverKinds[name];
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-server-'));
  folders.push(folder);
  return start(programPath(program) ?? '', folder, await freePort(), settings);
}

/** Whoever asks for one server soon asks for the others: all are started at once, which takes as long as the slowest. */
function startAll(): void {
  for (const name of Object.keys(serverKinds) as ServerName[]) {
    if (missingFor(name) === null && process.env[serverKinds[name].urlVariable] === undefined) {
      const starting = start(name);
      starting.catch(() => {}); // who asks for it is told
      started.set(name, starting);
    }
  }
}

/** URLs of emptied databases. */
const free: Record<ServerName, string[]> = { MariaDB: [], MySQL: [], PostgreSQL: [] };

let pages: Promise<unknown> | undefined;

/** What stands there is kept where it is up to date: a build takes the pages away for a moment, while other tests start servers. */
function buildPages(): Promise<unknown> {
  pages ??= pagesAreUpToDate() ? Promise.resolve() : promisify(execFile)('npm', ['run', 'build:pages']);
  return pages;
}

function pagesAreUpToDate(): boolean {
  const builtMs = statSync('dist/web/index.html', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['web/**/*', 'src/client/*', 'package-lock.json']);
  return sources.every((path) => statSync(path).mtimeMs <= builtMs);
}

const answering = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  if (pathname === '/pages') {
    await buildPages().then(
      () => response.writeHead(200).end(),
      (error) => response.writeHead(500).end(String(error)),
    );
    return;
  }
  const [name, isOfDatabases] = pathname.slice(1).split('/') as [ServerName, string | undefined];
  if (isOfDatabases !== undefined) {
    if (request.method === 'POST') {
      free[name].push(await text(request));
    }
    const url = request.method === 'GET' ? free[name].pop() : undefined;
    response.writeHead(url === undefined ? 204 : 200).end(url);
    return;
  }
  const settings = searchParams.getAll('setting');
  if (settings.length > 0) {
    special.push(start(name, settings));
  } else if (started.size === 0) {
    startAll();
  }
  try {
    const server = await (settings.length > 0 ? special.at(-1) : started.get(name));
    response.writeHead(server === undefined ? 404 : 200).end(server?.url ?? 'no such server');
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

answering.listen(0, '127.0.0.1', () => {
  const address = answering.address();
  process.send?.(address !== null && typeof address === 'object' ? `http://127.0.0.1:${address.port}` : '');
});

// A signal to the whole group goes to the parent too, which still needs the servers for what it does at its end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
await once(process, 'disconnect');
answering.close();
for (const name of Object.keys(free) as ServerName[]) {
  // A server that is not thrown away has its databases taken from it.
  if (process.env[serverKinds[name].urlVariable] !== undefined) {
    await Promise.allSettled(free[name].map((url) => dropDatabase(name, url)));
  }
}
for (const settled of await Promise.allSettled([...started.values(), ...special])) {
  if (settled.status === 'fulfilled') {
    await endProcesses([settled.value.pid], settled.value.endSignal);
  }
}
for (const folder of folders) {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
