import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { holdRow, longAgoMs, productRow, stockChangeRow, write } from './store-rows.ts';

const main = resolve('src/main.ts');

/** A folder for one test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'database-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A database with one product of 50 units. @param holds how many released holds it has */
export async function makeDatabase(path: string, holds = 0): Promise<void> {
  const store = openStore(`sqlite:${path}`);
  await store.migrate();
  await write(store, { products: [productRow()], stockChanges: [stockChangeRow()] });
  await write(store, {
    holds: Array.from({ length: holds }, (_, index) =>
      holdRow({ id: 1000 + index, status: 'released', expiresAtMs: longAgoMs }),
    ),
  });
  await store.close();
}

/** Rows of a file, read without leaving anything beside it. */
export function rowsOf(path: string, query: string): readonly unknown[] {
  const database = new DatabaseSync(path);
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => Object.values(row)[0]);
  } finally {
    database.close();
  }
}

export function execute(path: string, statements: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(statements);
  } finally {
    database.close();
  }
}

export type Run = {
  readonly folder: string;
  readonly path: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Loaded before everything else. */
  readonly preload?: string;
};

/** Runs a command to its end. */
export function runOn(run: Run, ...args: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, commandLine(run, args), {
    ...options(run),
    encoding: 'utf8',
  });
  return { status, signal, stdout, stderr };
}

/** Starts a command. */
export function startOn(run: Run, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, commandLine(run, args), {
    ...options(run),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

function commandLine({ preload }: Run, args: readonly string[]): string[] {
  return [...(preload === undefined ? [] : ['--import', resolve(preload)]), main, ...args];
}

function options({ folder, path, variables }: Run) {
  return {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: `sqlite:${path}`, ...variables },
  };
}
