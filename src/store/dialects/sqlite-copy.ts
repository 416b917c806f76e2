import { backup, DatabaseSync } from 'node:sqlite';
import { makeEmptyFile } from './sqlite-files.ts';
import { openSqlite } from './sqlite-session.mjs';

/** 4 MB: 35 ms each where a copy of 43 MB took 360 ms, so progress moves and an interrupt takes effect soon. */
export const pagesPerStep = 1_000;

/** The wait for processes that open or migrate the same file. */
const busyMs = 10_000;

export type CopyOptions = {
  /** Called after each step but the last, with a part of 1. */
  readonly copied: (part: number) => void;
  readonly signal: AbortSignal;
};

/**
 * Copies a database while other processes read and write it. The copy is one complete file, without a log.
 *
 * The open transaction makes the copy one moment, and lets it end. Without it SQLite begins the copy again after each commit of another
 * process; at 500 commits a second it does not get past the first pages.
 *
 * @param to is new, with mode 0600
 * @throws SQLite's errors; the signal's reason
 */
export async function copySqlite(from: string, to: string, { copied, signal }: CopyOptions): Promise<void> {
  const pragmas = `pragma query_only = on; pragma busy_timeout = ${busyMs}`;
  const source = openSqlite({ path: from, pragmas, openingBusyMs: busyMs });
  try {
    source.exec('begin');
    source.prepare('select count(*) from sqlite_master').get();
    if (!makeEmptyFile(to)) {
      throw new Error(`${to} exists already`);
    }
    await backup(source, to, {
      rate: pagesPerStep,
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted();
        copied(totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
      },
    });
    source.exec('commit');
  } finally {
    source.close();
  }
  signal.throwIfAborted();
  leaveWal(to);
}

/** The service works in WAL mode, and sets it again at its start. */
function leaveWal(path: string): void {
  const copy = new DatabaseSync(path);
  try {
    copy.exec('pragma journal_mode = delete');
  } finally {
    copy.close();
  }
}

/** The only connection to a database. */
export type DatabaseAlone = DatabaseSync;

/**
 * Opens a database that no other process has open, and keeps other processes out until it is closed. An idle process counts: in WAL mode
 * each open connection holds a shared lock on the file, and this mode takes the exclusive one. `begin exclusive` alone does not.
 *
 * @throws SQLite's errors; busy when another process has it open
 */
export function openAlone(path: string): DatabaseAlone {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive; commit');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
