import { chownSync, existsSync, readdirSync, realpathSync, renameSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { CopySteps } from './backup-sqlite.ts';
import { DatabaseFileError, messageOf } from './database-file-error.ts';
import { copySqlite, type DatabaseAlone, openAlone } from './dialects/sqlite-copy.ts';
import { fileFaultOf } from './dialects/sqlite-errors.ts';
import { besideDatabase, makeFolder } from './dialects/sqlite-files.ts';
import { type KeptDatabase, replaceDatabase } from './dialects/sqlite-replace.ts';
import { openSqlite } from './dialects/sqlite-session.mjs';
import { flushFile, flushFolder, placeNew, removeTemporary } from './durable-files.ts';
import { unlessAborted } from './unless-aborted.ts';
import { type VerifiedFile, verifySqlite } from './verify-sqlite.ts';

export type Restoring = {
  readonly steps: CopySteps;
  /** For names, in ms since 1970. */
  readonly nowMs: number;
  /** Receives a line for the operator after each step. */
  readonly report: (line: string) => void;
};

export type Restored = VerifiedFile & {
  /** Null where there was no database. */
  readonly kept: KeptDatabase | null;
};

/**
 * Puts a verified copy of a backup in the place of a database that no process has open, and keeps the old files under other names. The
 * backup stays as it is.
 *
 * | a crash | leaves |
 * | --- | --- |
 * | before the copy has the name of the database | the old database, and a file `….restore-…` to remove |
 * | afterwards | the new database |
 *
 * @throws DatabaseFileError; the reason of `steps.signal`, which stops the restore until the copy is verified
 */
export async function restoreSqlite(path: string, file: string, restoring: Restoring): Promise<Restored> {
  const { steps, report } = restoring;
  const target = existsSync(path) ? realpathSync(path) : resolve(path);
  assertIsAnother(file, path);
  reportLeftovers(target, report);
  const stamp = new Date(restoring.nowMs).toISOString().replaceAll(/[-:.]/g, '');
  const copy = `${target}.restore-${stamp}`;
  // Held to the end, so that no process opens it meanwhile. SQLite does not touch the log of a file whose name has changed.
  const database = existsSync(target) ? alone(target, path) : null;
  try {
    assertCanBeOpened(file);
    makeFolder(dirname(target));
    await copySqlite(file, copy, steps);
    steps.verifying();
    const verified = await unlessAborted(steps.signal, verifySqlite(copy, file));
    report(`Verified ${file}: schema ${verified.schema}, ${verified.checks} checks without a difference`);
    giveToOwner(copy, existsSync(target) ? target : dirname(target), path);
    flushFile(copy);
    return { ...verified, kept: await putInPlace(copy, target, { database, path, stamp, report }) };
  } catch (error) {
    throw restoreError(error, path, file);
  } finally {
    removeTemporary(copy);
    removeTemporary(`${copy}.migrated`);
    if (database?.isOpen === true) {
      database.close();
    }
  }
}

async function putInPlace(
  copy: string,
  target: string,
  {
    database,
    path,
    stamp,
    report,
  }: { readonly database: DatabaseAlone | null; readonly path: string; readonly stamp: string } & Pick<
    Restoring,
    'report'
  >,
): Promise<KeptDatabase | null> {
  const before = `${target}.before-${stamp}`;
  if (database !== null) {
    return replaceDatabase({ database, target, copy, before, report });
  }
  // A service that started during the copy has its newest commits in the log beside its database.
  if (existsSync(target)) {
    throw madeMeanwhile(path);
  }
  // The log of a database that was removed: SQLite would apply it to the new one.
  for (const ending of besideDatabase) {
    if (existsSync(target + ending)) {
      renameSync(target + ending, before + ending);
      report(`Moved ${target}${ending} to ${before}${ending}`);
    }
  }
  flushFolder(dirname(target));
  if (!placeNew(copy, target)) {
    throw madeMeanwhile(path);
  }
  return null;
}

function madeMeanwhile(path: string): DatabaseFileError {
  return new DatabaseFileError(
    `Another process made ${path} during the restore: stop the service, then run this command again`,
  );
}

function assertIsAnother(file: string, path: string): void {
  if (!existsSync(file)) {
    throw new DatabaseFileError(`There is no file ${file}`);
  }
  const ofFile = statSync(file);
  if (!ofFile.isFile()) {
    throw new DatabaseFileError(`${file} is not a file`);
  }
  if (existsSync(path) && isSame(ofFile, statSync(path))) {
    throw new DatabaseFileError(`${file} is the database itself: name a backup of it`);
  }
}

/** Runs before anything is written, so that a later error is not about the backup. */
function assertCanBeOpened(file: string): void {
  try {
    openSqlite({ path: file, pragmas: 'pragma query_only = on', openingBusyMs: 1_000 }).close();
  } catch (error) {
    throw fileFaultOf(error) === 'not_writable'
      ? new DatabaseFileError(
          `${file} cannot be opened (${messageOf(error)}): make it readable, or copy it with its -wal into a folder that this user can write`,
          { cause: error },
        )
      : error;
  }
}

/** Reports the files of a restore that was killed. */
function reportLeftovers(target: string, report: Restoring['report']): void {
  const folder = dirname(target);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((each) => each.startsWith(`${basename(target)}.restore-`))) {
    const left = join(folder, name);
    const isInPlace = existsSync(target) && isSame(statSync(left), statSync(target));
    report(
      `An earlier restore was interrupted. ${isInPlace ? 'Its copy' : 'The database from before it'} is in place, and ${left} can be removed`,
    );
  }
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** The copy belongs to the owner of the old database, also when root restores. */
function giveToOwner(copy: string, like: string, path: string): void {
  const { uid, gid } = statSync(like);
  const own = statSync(copy);
  if (process.platform === 'win32' || (own.uid === uid && own.gid === gid)) {
    return;
  }
  try {
    chownSync(copy, uid, gid);
  } catch (error) {
    if (own.uid !== uid) {
      throw new DatabaseFileError(
        `${path} belongs to the user with the id ${uid}: run this command as that user`,
        {
          cause: error,
        },
      );
    }
  }
}

/** @throws DatabaseFileError when it is in use, or when that is unknown */
function alone(target: string, path: string): DatabaseAlone {
  try {
    return openAlone(target);
  } catch (error) {
    throw fileFaultOf(error) === 'busy'
      ? new DatabaseFileError(
          `Another process has ${path} open: stop the service, its workers and other programs that use the file, then run this command again`,
          { cause: error },
        )
      : new DatabaseFileError(
          `${path} cannot be opened (${messageOf(error)}), so it is unknown whether the service runs: stop it, ` +
            `move ${path}, ${path}-wal and ${path}-shm to another folder, then run this command again`,
          { cause: error },
        );
  }
}

function restoreError(error: unknown, path: string, file: string): unknown {
  if (error instanceof DatabaseFileError) {
    return error;
  }
  switch (fileFaultOf(error)) {
    case 'full': {
      const megabytes = Math.ceil(statSync(file).size / 1e6);
      return new DatabaseFileError(
        `The copy cannot be written (${messageOf(error)}): it needs about ${megabytes} MB in ${dirname(resolve(path))}; free them. The old database is in place`,
        { cause: error },
      );
    }
    case 'not_a_database':
      return new DatabaseFileError(`${file} is not an SQLite database`, { cause: error });
    case 'corrupt':
      return new DatabaseFileError(`${file} is damaged (${messageOf(error)})`, { cause: error });
    case 'busy':
      return new DatabaseFileError(`${file} is in use by another process: end that process`, {
        cause: error,
      });
    case 'not_writable':
      return new DatabaseFileError(
        `${path} cannot be replaced (${messageOf(error)}): run this command as the user of the service. The old database is in place`,
        { cause: error },
      );
    default:
      return error;
  }
}
