import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { besideDatabase } from './dialects/sqlite-files.ts';

/** Error codes of systems and file systems without hard links. */
const withoutLinks = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV']);

/**
 * Gives a flushed file its final name, unless there is a file of that name.
 *
 * @returns false when there is one
 */
export function placeNew(from: string, to: string): boolean {
  if (secondName(from, to) === 'exists') {
    return false;
  }
  if (existsSync(to)) {
    unlinkSync(from);
  } else {
    renameSync(from, to);
  }
  flushFolder(dirname(to));
  return true;
}

/** Makes a hard link. Unlike a rename, it does not replace an existing file. */
export function secondName(of: string, name: string): 'made' | 'exists' | 'not supported' {
  try {
    linkSync(of, name);
    return 'made';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST') {
      return 'exists';
    }
    if (withoutLinks.has(code)) {
      return existsSync(name) ? 'exists' : 'not supported';
    }
    throw error;
  }
}

export function flushFile(path: string): void {
  flush(path, 'r+');
}

/** Makes new names survive a loss of power. Windows flushes names by itself and does not open folders. */
export function flushFolder(folder: string): void {
  if (process.platform !== 'win32') {
    flush(folder, 'r');
  }
}

/** Removes a temporary database and SQLite's files beside it. */
export function removeTemporary(path: string): void {
  for (const each of [path, ...besideDatabase.map((ending) => path + ending)]) {
    rmSync(each, { force: true });
  }
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
