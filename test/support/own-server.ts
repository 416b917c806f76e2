import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Needing } from './needing.ts';
import { firstMissing, programPath } from './programs.ts';
import { endProcesses, freePort, type ServerName, type StartedServer, serverKinds } from './servers.ts';
import { until } from './until.ts';

/** The kinds of servers that a test starts, kills and starts again. A server that a variable names belongs to others. */
export const ownServers: readonly (Needing & { readonly name: ServerName })[] = (
  Object.keys(serverKinds) as ServerName[]
).map((name) => ({ name, missing: firstMissing(serverKinds[name].program) }));

/**
 * A database server of one's own, which may be killed at any moment and comes back on the same port with the
 * same data. Whoever starts it ends it; if that process goes away before, the server goes with it.
 */
export class OwnServer {
  readonly name: ServerName;
  /** For the server's administrator, without a database's name. The same after each restart. */
  readonly url: string;
  readonly #folder: string;
  readonly #start: () => Promise<StartedServer>;
  /** Null while it is down. */
  #running: StartedServer | null;

  private constructor(
    name: ServerName,
    folder: string,
    start: () => Promise<StartedServer>,
    running: StartedServer,
  ) {
    this.name = name;
    this.url = running.url;
    this.#folder = folder;
    this.#start = start;
    this.#running = running;
    process.once('exit', this.#atExit);
  }

  /** @param settings more of the server's own, each `name=value` */
  static async start(name: ServerName, settings: readonly string[] = []): Promise<OwnServer> {
    const folder = mkdtempSync(join(tmpdir(), 'flash-sale-own-server-'));
    const port = await freePort();
    const { program, start } = serverKinds[name];
    const startIt = () => start(programPath(program) ?? '', folder, port, settings);
    return new OwnServer(name, folder, startIt, await startIt());
  }

  /** Ends it in the middle of whatever it does, as a fault of the machine would, and waits until it is gone. */
  async kill(): Promise<void> {
    const pids = this.#pids();
    this.#running = null;
    await endProcesses(pids, 'SIGKILL');
  }

  /**
   * Stops it where it is, and waits until no thread of it runs any more: on a busy machine they go on until the one that takes the signal
   * has its turn.
   */
  async freeze(): Promise<void> {
    this.#signal('SIGSTOP');
    await until(() =>
      this.#pids()
        .flatMap(threadStatesOf)
        .every((state) => state !== 'R' && state !== 'S'),
    );
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** After a kill: starts it on what it has left, and waits until it takes connections again. */
  async restart(): Promise<void> {
    this.#running = await this.#start();
  }

  /** Ends it and throws its data away. */
  async end(): Promise<void> {
    process.off('exit', this.#atExit);
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of this.#pids()) {
      process.kill(pid, signal);
    }
  }

  /** Of all its processes; none while it is down. */
  #pids(): readonly number[] {
    return this.#running === null ? [] : [this.#running.pid, ...childrenOf(this.#running.pid)];
  }

  readonly #atExit = (): void => {
    this.#signal('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  };
}

/** PostgreSQL has a process for each connection, and starts again only when all of them are gone. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number)
      .filter(Boolean);
  } catch {
    return []; // not a Linux: they end by themselves when the one that started them is gone
  }
}

/** The state of each thread of a process, as the kernel has it: `R` runs, `S` sleeps, `T` is stopped. */
function threadStatesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      // The state stands behind the name, which is in brackets and may have some of its own.
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      return stat.charAt(stat.lastIndexOf(')') + 2);
    });
  } catch {
    return []; // a thread that has just ended, or not a Linux
  }
}
