import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { CheckoutClient } from './checkout-client.ts';
import { firstMissing, type ProgramName, programPath } from './programs.ts';
import { freePort } from './servers.ts';
import { until } from './until.ts';

const program = programPath('redis-server');
const givenUrl = process.env.TEST_REDIS_URL;

/** `redis-server` on a machine without a Redis that tests can start, freeze and kill; otherwise null. */
export const ownRedisMissing: ProgramName | null = firstMissing('redis-server');
/** The same, and null where a variable names a Redis. */
export const redisMissing: ProgramName | null = givenUrl === undefined ? ownRedisMissing : null;

/** A Redis that a test may ask anything. */
export class RedisForTest {
  readonly url: string;
  /** Past the service. */
  readonly client: Redis;

  constructor(url: string) {
    this.url = url;
    this.client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    this.client.on('error', () => {});
  }

  /** What processes need to use it. */
  get variables(): Readonly<Record<string, string>> {
    return { REDIS_URL: this.url };
  }
}

/** A throw-away server on a free port, which may be treated in any way. */
export class RedisServer extends RedisForTest {
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | null = null;

  constructor(port: number, folder: string) {
    super(`redis://127.0.0.1:${port}`);
    this.#port = port;
    this.#folder = folder;
  }

  /** Starts it on its port, with nothing in it, and waits until it takes connections. */
  async start(): Promise<void> {
    const settings = {
      port: String(this.#port),
      bind: '127.0.0.1',
      dir: this.#folder,
      save: '',
      appendonly: 'no',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    // In a session of its own, so that an interrupt from the keyboard reaches the run and not its servers.
    this.#process = spawn(program ?? '', args, { detached: true, stdio: 'ignore' });
    await this.client.ping();
  }

  async kill(): Promise<void> {
    const ended = this.#process;
    if (ended !== null && ended.exitCode === null && ended.signalCode === null) {
      const gone = new Promise((done) => ended.once('exit', done));
      ended.kill('SIGKILL');
      await gone;
    }
  }

  /** Connections stay, and nothing is answered. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    this.client.disconnect();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A server that is running, and gone when the test that calls this has ended. */
export async function redisServerForTest(): Promise<RedisServer> {
  const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'flash-sale-redis-')));
  onTestFinished(() => server.remove());
  await server.start();
  return server;
}

/** Any Redis: one of our own where that can be had, else the one that is named. */
export async function redisForTest(): Promise<RedisForTest> {
  if (ownRedisMissing === null) {
    return redisServerForTest();
  }
  const given = new RedisForTest(givenUrl ?? '');
  onTestFinished(() => given.client.disconnect());
  return given;
}

export const redisIsUsed = 'Redis is used: snapshots and rate limits are shared with other nodes';
export const redisIsAway = 'Redis cannot be used, this node goes on by itself and tries again';

/** Waits until a node has said so often that it uses Redis. */
export async function untilRedisIsUsed(node: CheckoutClient, times = 1): Promise<void> {
  await until(() => node.logged(redisIsUsed).length >= times);
}
