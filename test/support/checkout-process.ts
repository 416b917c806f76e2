import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { adminToken, CheckoutClient } from './checkout-client.ts';
import { compileCache } from './compile-cache.ts';
import { until } from './until.ts';

const main = resolve('src/main.ts');

export type ProcessOptions = {
  readonly databaseUrl: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** `serve` unless given. */
  readonly command?: 'serve' | 'worker';
  /** A script in the place of the service: one that says `ready at <url>` on stderr as the service does. */
  readonly script?: string;
  /** A module that is loaded before everything else. */
  readonly preload?: string;
  /** False: does not wait until it is ready, only until it listens, on the `PORT` among the variables. */
  readonly waits?: boolean;
  /** Keeps what it says on stdout. */
  readonly keepsStdout?: true;
  /** In a group of its own, all of which can be signalled. */
  readonly ownGroup?: true;
};

/** How a process ended. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/**
 * The service as a process of its own, which can be killed.
 */
export class CheckoutProcess extends CheckoutClient {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when the processes that it started are gone as well, since they share its stderr. */
  readonly gone: Promise<void>;
  /** What it has said on stderr by now. */
  readonly said: () => string;
  /** What it has said on stdout by now, where that is kept. */
  printed = '';
  readonly #child: ChildProcess;

  constructor(
    child: ChildProcess,
    url: string,
    logFile: string,
    about: { readonly ended: Promise<Ended>; readonly said: () => string },
  ) {
    super(url, logFile);
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.ended = about.ended;
    this.said = about.said;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
    });
    this.gone = new Promise((gone) => child.once('close', () => gone()));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Reaches the processes that it started as well, as a key of the terminal does. It needs a group of its own. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/**
 * Starts the service and waits until it says that it is ready.
 *
 * @param atEnd is given what ends it; without it, it has ended when the test that started it has
 */
export async function startProcess(
  options: ProcessOptions,
  atEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<CheckoutProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-process-'));
  const logFile = join(folder, 'flash-sale.log');
  const child = spawn(process.execPath, argumentsFor(options), {
    cwd: folder,
    stdio: ['ignore', options.keepsStdout === true ? 'pipe' : 'ignore', 'pipe'],
    detached: options.ownGroup === true,
    env: variablesFor(options, logFile),
  });
  const ended = new Promise<Ended>((done) => child.on('exit', (code, signal) => done({ code, signal })));
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let told = '';
  if (options.waits === false) {
    const url = `http://127.0.0.1:${options.variables?.PORT}`;
    const checkout = new CheckoutProcess(child, url, logFile, { ended, said: () => told });
    await until(() =>
      checkout.get('/healthz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    return checkout;
  }
  const url = await new Promise<string>((ready, fail) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const match = /ready(?: at (\S+))?\n/.exec(told);
      if (match !== null) {
        ready(match[1] ?? '');
      }
    });
    ended.then(({ code, signal }) =>
      fail(new Error(`the process ended before it was ready (${code ?? signal}): ${told}`)),
    );
  });
  return new CheckoutProcess(child, url, logFile, { ended, said: () => told });
}

/** Runs a command to its end. */
export function runCommand(command: 'audit' | 'migrate' | 'seed', databaseUrl: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, command], {
    env: variablesFor({ databaseUrl }, ''),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function argumentsFor({ command = 'serve', script, preload }: ProcessOptions): string[] {
  return [
    ...(preload === undefined ? [] : ['--import', resolve(preload)]),
    ...(script === undefined ? [main, command] : [resolve(script)]),
  ];
}

function variablesFor(options: ProcessOptions, logFile: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    NODE_COMPILE_CACHE: compileCache,
    PORT: '0',
    DATABASE_URL: options.databaseUrl,
    LOG_FILE: logFile,
    ADMIN_TOKEN: adminToken,
    SEED: 'false',
    ...options.variables,
  };
}
