import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Ids in the database allow actions on holds and orders, so only the user of the service may read it. Windows ignores modes. */
const folderMode = 0o700;
const fileMode = 0o600;

/** The endings of SQLite's files beside a database. SQLite gives them the mode of the database file. */
export const besideDatabase = ['-wal', '-shm', '-journal'] as const;

/** Creates the folder and an empty file, unless they exist: SQLite would create the file with mode 0644. */
export function makeDatabaseFile(path: string): void {
  makeFolder(resolve(dirname(path)));
  makeEmptyFile(path);
}

/** @returns whether the file is new */
export function makeEmptyFile(path: string): boolean {
  try {
    // Exclusive: closing an existing file here would drop SQLite's locks on it in this process.
    closeSync(openSync(path, 'wx', fileMode));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Node's own recursion never ends where a folder exists in which none can be made, as in `/proc`. */
export function makeFolder(folder: string): void {
  if (!isFolder(folder)) {
    makeFolder(dirname(folder));
    try {
      mkdirSync(folder, folderMode);
    } catch (error) {
      // Another process may have been faster.
      if (!isFolder(folder)) {
        throw error;
      }
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
