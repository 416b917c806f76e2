import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup } from 'node:sqlite';
import { flushFile, flushFolder, secondName } from '../durable-files.ts';
import { type DatabaseAlone, pagesPerStep } from './sqlite-copy.ts';
import { besideDatabase, makeEmptyFile } from './sqlite-files.ts';

export type KeptDatabase = {
  /** The old database under its new name. */
  readonly file: string;
  /** Whether it is whole: one file, which can be restored. Otherwise its files are kept as they were. */
  readonly isSound: boolean;
};

export type Replacing = {
  /** The old one, opened alone, which it stays until another file has its name. */
  readonly database: DatabaseAlone;
  readonly target: string;
  /** A flushed file in the same folder. */
  readonly copy: string;
  readonly before: string;
  readonly report: (line: string) => void;
};

/**
 * Gives the name of a database to its copy. A log of the old database beside the new one would be put into it, so the log goes first: into
 * the old file, which is complete without it from then on. At every moment the name leads to a whole database, the old or the new one.
 * A damaged database does not get its log, which may be what damages it; its files are kept as they are.
 *
 * | step | a crash after it leaves in place |
 * | --- | --- |
 * | log into the old file | the old database |
 * | second name for the old file | the old database, under both names |
 * | `-wal`, `-shm` renamed | the old database |
 * | the copy renamed | the new database |
 */
export async function replaceDatabase(replacing: Replacing): Promise<KeptDatabase> {
  const { database, target, copy, before, report } = replacing;
  const isSound = isWhole(database);
  if (isSound) {
    database.exec('pragma wal_checkpoint(truncate)');
  }
  await keep(replacing);
  report(`Kept the old database as ${before}`);
  if (process.platform === 'win32') {
    database.close(); // Windows renames no open file, and refuses where another process was faster.
  }
  for (const ending of besideDatabase) {
    if (existsSync(target + ending)) {
      renameSync(target + ending, before + ending);
    }
  }
  flushFolder(dirname(target));
  renameSync(copy, target);
  flushFolder(dirname(target));
  report(`The copy is in place as ${target}`);
  return { file: before, isSound };
}

function isWhole(database: DatabaseAlone): boolean {
  try {
    return database.prepare('pragma quick_check(1)').get()?.quick_check === 'ok';
  } catch {
    return false;
  }
}

/** By a second name, which costs nothing and keeps the first; where the file system has none, by a copy. */
async function keep({ database, target, before }: Replacing): Promise<void> {
  if (secondName(target, before) === 'not supported') {
    makeEmptyFile(before);
    await backup(database, before, { rate: pagesPerStep });
    flushFile(before);
  }
}
