import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup } from 'node:sqlite';
import { flushFile, flushFolder, secondName } from '../durable-files.ts';
import { type DatabaseAlone, pagesPerStep } from './sqlite-copy.ts';
import { besideDatabase, makeEmptyFile } from './sqlite-files.ts';

export type KeptDatabase = {
  /** The old database under its new name. */
  readonly file: string;
  /** Whether it is one sound file, which can be restored. Otherwise its files are kept unchanged. */
  readonly isSound: boolean;
};

export type Replacing = {
  /** The old database, which this process alone has open until another file has its name. */
  readonly database: DatabaseAlone;
  readonly target: string;
  /** A flushed file in the same folder. */
  readonly copy: string;
  readonly before: string;
  readonly report: (line: string) => void;
};

/**
 * Gives the name of a database to its copy. SQLite would apply the log of the old database to the new one. So the log is first written into
 * the old file, which is complete from then on. At every moment the name leads to a sound database, the old or the new one. The log of a
 * damaged database is not written into it, because the log may be the damage; its files are kept unchanged.
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
    database.close(); // Windows does not rename an open file, and refuses when another process opened it first.
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

/** Keeps the old file by a hard link, which costs nothing; where the file system has no links, by a copy. */
async function keep({ database, target, before }: Replacing): Promise<void> {
  if (secondName(target, before) === 'not supported') {
    makeEmptyFile(before);
    await backup(database, before, { rate: pagesPerStep });
    flushFile(before);
  }
}
