import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Ended } from './checkout-process.ts';
import { endGroup } from './end-group.ts';
import { listens } from './raw-http.ts';
import { freePort } from './servers.ts';
import { until } from './until.ts';

/** A service that a real npm started in this checkout, with a separate port and database. */
export type NpmStart = {
  readonly npm: number;
  readonly service: number;
  readonly ended: Promise<Ended>;
  /** Lines of the log with this message. */
  logged(message: string): readonly Readonly<Record<string, unknown>>[];
  /** As a terminal, or a supervisor of all processes, sends it. */
  signalGroup(signal: NodeJS.Signals): void;
  isListening(): Promise<boolean>;
};

/** Runs `npm start`, and waits until the service is ready. */
export async function npmStart(): Promise<NpmStart> {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-npm-'));
  const logFile = join(folder, 'flash-sale.log');
  const port = await freePort();
  // The port comes as an argument: npm has to hand it on.
  const child = spawn('npm', ['start', '--', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: `sqlite:${join(folder, 'flash-sale.db')}`,
      LOG_FILE: logFile,
      SEED: 'false',
    },
  });
  const npm = child.pid ?? 0;
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    endGroup(child.pid);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await saysReady(child, ended);
  return {
    npm,
    service: lastBelow(npm),
    ended,
    logged: (message) =>
      (existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n').slice(0, -1) : [])
        .map((line): Record<string, unknown> => JSON.parse(line))
        .filter(({ msg }) => msg === message),
    signalGroup: (signal) => process.kill(-npm, signal),
    isListening: () => listens(`http://127.0.0.1:${port}`),
  };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function saysReady(child: ChildProcess, ended: Promise<Ended>): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let end: Ended | null = null;
  ended.then((how) => {
    end = how;
  });
  await until(() => end !== null || said.includes('ready at'));
  if (end !== null) {
    throw new Error(`npm start ended before the service was ready (${JSON.stringify(end)}): ${said}`);
  }
}

/** The last of the processes of which each is the only child of the one before. */
function lastBelow(pid: number): number {
  const child = childrenOf(pid)[0];
  return child === undefined ? pid : lastBelow(child);
}

/** Linux has a file for it; a minimal system lacks `ps`. */
function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (existsSync(file)) {
    return readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  }
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}
