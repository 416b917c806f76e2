import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { options } from '../../src/config/options.ts';
import { endWithThisProcess } from './end-with-this-process.ts';

/**
 * A server in a process of its own. Its log goes to a pipe that is read and thrown away, as a log collector
 * would.
 */
export type NodeProcess = { readonly url: string; readonly pid: number; stop(): Promise<void> };

const checkoutFolder = resolve(import.meta.dirname, '../..');

/** The path of a file of the checkout, wherever this process runs. */
export function inCheckout(path: string): string {
  return resolve(checkoutFolder, path);
}

/**
 * Where a process starts that is measured, and with which variables: a folder without a .env file, and those of this process without the
 * ones that configure a service. What is measured is not what its user has set for another.
 */
export function neutralPlace(variables: Readonly<Record<string, string>>): {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
} {
  const settings: ReadonlySet<string> = new Set(options.map(({ env }) => env));
  const others = Object.entries(process.env).filter(([name]) => !settings.has(name));
  return { cwd: import.meta.dirname, env: { ...Object.fromEntries(others), ...variables } };
}

/** What `npm start` and `flash-sale` give to Node. Without it a process strips types itself, which takes 15 MB. */
export const nodeFlags: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=8',
  '--require',
  inCheckout('src/quick-start.js'),
];

/**
 * Starts `node script` with the variables and waits until it says on standard error where it listens. It ends
 * with this process at the latest.
 *
 * @param script its path in the checkout, wherever this process runs
 * @throws Error with what it printed, when it ends before that
 */
export async function startNode(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<NodeProcess> {
  const child = spawn(process.execPath, [...nodeFlags, inCheckout(script), ...args], {
    ...neutralPlace(variables),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  endWithThisProcess(child);
  return { url: await listening(child), pid: child.pid ?? 0, stop: () => stop(child) };
}

async function listening(child: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of child.stderr ?? []) {
    printed += String(chunk);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
    if (url !== undefined) {
      child.stderr?.resume();
      return url;
    }
  }
  throw new Error(`the server ended before it listened:\n${printed}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}
