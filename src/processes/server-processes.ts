import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/options.ts';
import type { LogPipeline } from '../telemetry/logger.ts';
import { type ServerEnd, ServerProcess } from './server-process.ts';
import { StartError } from './start-error.ts';

const script = fileURLToPath(new URL('../server-main.ts', import.meta.url));

/** One that has lived so long did not die of its start. */
const steadyAfterMs = 60_000;
const firstPauseMs = 100;
const pauseMsMax = 5_000;

/**
 * Several server processes on one port. This process accepts connections and deals them out in turn, passes
 * snapshots and counts from one to the others, and owns stdout and the log file, so that one process only writes and rotates
 * it. It knows nothing of the database.
 *
 * - **starting**: the first process is alone until it listens. If it cannot, none could, and the start fails.
 * - **running**: a process that dies is replaced, at once at first, after a growing pause when it happens over and
 *   over. Whatever it had answered is committed. The others forget their snapshots, because it may have died
 *   between a commit and the word of it. Where the worker is on, it runs in the first process and its
 *   replacements, so in one at a time.
 * - **stopping**: each process answers what it has accepted and ends.
 *
 * When this process dies, each server process notices, stops in the same way and ends.
 */
export class ServerProcesses {
  /** Resolves when every process has reached the database. */
  readonly ready: Promise<void>;
  readonly #config: Config;
  readonly #simulatedSecret = `whsec_${randomBytes(32).toString('base64')}`;
  readonly #pipeline: LogPipeline;
  readonly #living = new Set<ServerProcess>();
  readonly #stopping = new AbortController();
  readonly #listening = new Set<ServerProcess>();
  readonly #firstListens = Promise.withResolvers<string>();
  readonly #notReady = new Set<number>();
  readonly #allReady = Promise.withResolvers<void>();
  readonly #keepers: Promise<void>[] = [];
  #url: string | null = null;

  constructor(config: Config, pipeline: LogPipeline) {
    this.#config = config;
    this.#pipeline = pipeline;
    this.ready = this.#allReady.promise;
  }

  /**
   * Starts all processes. Resolves to where they listen, as soon as the first one does.
   *
   * @throws StartError if that one cannot serve
   */
  async start(): Promise<string> {
    // Without this process's flags: all of the configuration is told, and some of it is secret. No terminal to
    // read from either.
    cluster.setupPrimary({ exec: script, args: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    // However this process ends, none stays behind.
    process.once('exit', () => this.#kill());
    const numbers = Array.from({ length: this.#config.processes }, (_, index) => index + 1);
    for (const number of numbers) {
      this.#notReady.add(number);
    }
    for (const number of numbers) {
      this.#keepers.push(this.#keep(number));
      await this.#firstListens.promise;
    }
    return this.#firstListens.promise;
  }

  /**
   * Resolves when all processes have answered what they accepted, and ended.
   *
   * @throws Error if one ended in another way
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const server of this.#living) {
      server.stop();
    }
    await Promise.all(this.#keepers);
  }

  /** Runs one process after the other, until this process stops. */
  async #keep(number: number): Promise<void> {
    let diedYoung = 0;
    while (!this.#stopping.signal.aborted) {
      const startedAtMs = performance.now();
      const server = this.#startOne(number);
      const end = await server.ended;
      this.#living.delete(server);
      this.#listening.delete(server);
      if (this.#stopping.signal.aborted) {
        return assertStopped(end);
      }
      if (this.#url === null && end.signal === null) {
        return this.#firstListens.reject(startErrorOf(end));
      }
      diedYoung = performance.now() - startedAtMs < steadyAfterMs ? diedYoung + 1 : 1;
      const pauseMs = pauseAfter(diedYoung);
      this.#tellDeath(server, end, pauseMs);
      await pause(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  #startOne(number: number): ServerProcess {
    const worker = this.#config.worker && number === 1;
    const order = () => ({
      config: { ...this.#config, port: this.#port(), worker },
      simulatedSecret: this.#simulatedSecret,
    });
    const server: ServerProcess = new ServerProcess(order, {
      listening: (url) => {
        this.#url = url;
        this.#listening.add(server);
        this.#firstListens.resolve(url);
      },
      ready: () => {
        this.#pipeline.log.info({ ready_pid: server.pid, with_worker: worker }, 'Server process is ready');
        this.#notReady.delete(number);
        if (this.#notReady.size === 0) {
          this.#allReady.resolve();
        }
      },
      snapshots: (snapshots) => {
        for (const other of this.#living) {
          if (other !== server) {
            other.share(snapshots);
          }
        }
      },
      second: (text) => {
        for (const other of this.#living) {
          if (other !== server) {
            other.tellSecond(text);
          }
        }
      },
      collectMetrics: async () => {
        const asked = [...this.#living].filter((other) => other !== server).map((other) => other.metrics());
        const answers = (await Promise.all(asked)).filter((answer) => answer !== null);
        return { processes: asked.length + 1, answers };
      },
      logged: (bytes, lines) => this.#pipeline.passOn(bytes, lines),
    });
    this.#living.add(server);
    return server;
  }

  /** With the last one that listens a free port is given back, and the next would be another; buyers know this one. */
  #port(): number {
    return this.#config.port === 0 && this.#listening.size === 0 && this.#url !== null
      ? Number(new URL(this.#url).port)
      : this.#config.port;
  }

  #tellDeath({ pid }: ServerProcess, { code, signal, failure }: ServerEnd, pauseMs: number): void {
    const reason = failure?.line ?? (signal === null ? `exit code ${code}` : signal);
    this.#pipeline.log.error(
      { ended_pid: pid, reason, pause_ms: pauseMs },
      'Server process ended, another one takes its place',
    );
    for (const server of this.#living) {
      server.siblingDied();
    }
  }

  #kill(): void {
    for (const server of this.#living) {
      server.kill();
    }
  }
}

/** How long to wait before a process is replaced after so many deaths in a row. */
function pauseAfter(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(pauseMsMax, firstPauseMs * 2 ** (deaths - 2));
}

function startErrorOf({ code, failure }: ServerEnd): StartError {
  return failure === null
    ? new StartError(`The first server process ended before it listened, with exit code ${code}`, 1)
    : new StartError(failure.line, failure.exitCode);
}

/** A signal ends only a process that has accepted nothing yet: later on it leaves them to the primary process. */
function assertStopped({ code, signal }: ServerEnd): void {
  if (code !== 0 && signal !== 'SIGINT' && signal !== 'SIGTERM') {
    throw new Error(`a server process that was told to stop ended with ${signal ?? `exit code ${code}`}`);
  }
}
