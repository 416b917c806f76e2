/**
 * A process of its own that starts database servers when they are asked for, by `GET /<name>` on a loopback port, and answers with
 * their URL. It ends them and removes their data when its parent goes away, in whatever way.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

async function start(name: ServerName): Promise<StartedServer> {
  const { program, start } = serverKinds[name];
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-server-'));
  folders.push(folder);
  return start(program() ?? '', folder, await freePort());
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

const answering = createServer(async (request, response) => {
  if (started.size === 0) {
    startAll();
  }
  try {
    const server = await started.get((request.url ?? '').slice(1) as ServerName);
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
for (const settled of await Promise.allSettled(started.values())) {
  if (settled.status === 'fulfilled') {
    await endProcesses([settled.value.pid], settled.value.endSignal);
  }
}
for (const folder of folders) {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
