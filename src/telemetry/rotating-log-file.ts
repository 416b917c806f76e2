import { constants, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode, type LogSink } from './log-sink.ts';

/**
 * Shippers in the same group may read the lines; others may not, because ids in them allow to act on holds
 * and orders.
 */
const fileMode = 0o640;
const folderMode = 0o750;

/** O_NONBLOCK: opening a named pipe that nobody reads fails at once instead of waiting for a reader. */
const openFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NONBLOCK ?? 0);

const retryRotationAfterMs = 60_000;

export type Rotation = {
  /** A file is not made larger than this by another batch of lines. */
  readonly bytesMax: number;
  /** The current file and the older ones beside it: `x.log`, `x.log.1` (the youngest), … */
  readonly filesMax: number;
};

/** 100 MB are quick to search and 1 GB fits beside any database. */
const standardRotation: Rotation = { bytesMax: 100_000_000, filesMax: 10 };

/**
 * A log file whose path always names the file that is being written, so `tail` and `grep` need no other name.
 * Before each write it looks at that path. So a file that was removed or moved away, with or without its
 * folder, is made anew before the next line is written, and several processes that share the path follow each
 * other's rotation.
 *
 * A crash in the middle of a rotation leaves a gap in the numbers, which the next rotation closes. Two
 * processes that rotate in the same instant make a rotated file smaller than need be; neither loses a line.
 */
export class RotatingLogFile implements LogSink {
  readonly name: string;
  readonly advice = 'make it writable, or set LOG_FILE to nothing to log to stdout only';
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #report: (line: string) => void;
  #file: FileHandle | null = null;
  #reopens = false;
  #rotateAgainAtMs = 0;

  /** @param report takes one line for the operator */
  constructor(path: string, report: (line: string) => void, rotation: Rotation = standardRotation) {
    this.name = `Log file ${path}`;
    this.#path = path;
    this.#report = report;
    this.#rotation = rotation;
  }

  async write(bytes: Buffer): Promise<number> {
    const file = await this.#fileFor(bytes.length);
    const { bytesWritten } = await file.write(bytes);
    return bytesWritten;
  }

  /** A write under way keeps its file: closing the file here would fail that write. */
  reopen(): void {
    this.#reopens = true;
  }

  isLost(): boolean {
    return false;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** The open file at the path, with room for `length` bytes. */
  async #fileFor(length: number): Promise<FileHandle> {
    let file = (await this.#openFileIfStillThere()) ?? (await this.#open());
    const { size } = await file.stat();
    const isFull = size > 0 && size + length > this.#rotation.bytesMax;
    if (isFull && performance.now() >= this.#rotateAgainAtMs) {
      await this.#rotate();
      file = await this.#open();
    }
    return file;
  }

  /** The open file, unless the path no longer leads to it. */
  async #openFileIfStillThere(): Promise<FileHandle | null> {
    if (this.#reopens) {
      this.#reopens = false;
      await this.close();
    }
    if (this.#file === null) {
      return null;
    }
    const ours = await this.#file.stat();
    const atPath = await stat(this.#path).catch(() => null);
    if (atPath?.ino === ours.ino && atPath.dev === ours.dev) {
      return this.#file;
    }
    if (ours.nlink === 0) {
      this.#report(`${this.name} was removed: the lines in it are gone, and a new file is begun`);
    }
    await this.close();
    return null;
  }

  async #open(): Promise<FileHandle> {
    await makeFolder(resolve(dirname(this.#path)));
    this.#file = await open(this.#path, openFlags, fileMode);
    return this.#file;
  }

  async #rotate(): Promise<void> {
    // Closed first: Windows does not rename an open file.
    await this.close();
    try {
      for (let number = this.#rotation.filesMax - 1; number >= 1; number--) {
        await renameIfThere(
          number === 1 ? this.#path : `${this.#path}.${number - 1}`,
          `${this.#path}.${number}`,
        );
      }
    } catch (error) {
      this.#rotateAgainAtMs = performance.now() + retryRotationAfterMs;
      this.#report(
        `${this.name} cannot be rotated (${errorCode(error)}): it grows on and no line is lost; ` +
          `make ${dirname(this.#path)} and the files in it writable`,
      );
    }
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Node's own recursion never ends where a folder exists in which none can be made, as in `/proc`. */
async function makeFolder(folder: string): Promise<void> {
  if (!isFolder(folder)) {
    await makeFolder(dirname(folder));
    try {
      await mkdir(folder, folderMode);
    } catch (error) {
      // Another process may have been faster.
      if (!isFolder(folder)) {
        throw error;
      }
    }
  }
}
