import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseFileError, messageOf } from './database-file-error.ts';
import { type CopyOptions, copySqlite } from './dialects/sqlite-copy.ts';
import { fileFaultOf } from './dialects/sqlite-errors.ts';
import { flushFile, placeNew, removeTemporary } from './durable-files.ts';
import { unlessAborted } from './unless-aborted.ts';
import { type VerifiedFile, verifySqlite } from './verify-sqlite.ts';

export type Backup = VerifiedFile & { readonly bytes: number };

export type CopySteps = CopyOptions & {
  /** Called when the copy is complete and its verification begins. */
  readonly verifying: () => void;
};

/**
 * Copies the database of a running service, as of one moment, into a new file. The file gets its name when the copy is verified and
 * flushed. Until then it has a temporary name in the same folder; it is removed when this throws.
 *
 * @throws DatabaseFileError; the reason of `signal`
 */
export async function backupSqlite(path: string, file: string, steps: CopySteps): Promise<Backup> {
  assertIsNew(file);
  if (!existsSync(path)) {
    throw new DatabaseFileError(`There is no database ${path}: check DATABASE_URL`);
  }
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) {
    throw new DatabaseFileError(`There is no folder ${folder}: create it, or choose another`);
  }
  const copy = `${file}.partial-${randomBytes(4).toString('hex')}`;
  try {
    await copySqlite(path, copy, steps);
    steps.verifying();
    const verified = await unlessAborted(steps.signal, verifySqlite(copy, path));
    const { size: bytes } = statSync(copy);
    flushFile(copy);
    // A link that leads nowhere is a name too, though no file exists under it.
    if (!placeNew(copy, file)) {
      throw nameIsTaken(file);
    }
    return { ...verified, bytes };
  } catch (error) {
    throw backupError(error, path, file);
  } finally {
    removeTemporary(copy);
    removeTemporary(`${copy}.migrated`);
  }
}

function assertIsNew(file: string): void {
  if (existsSync(file)) {
    throw nameIsTaken(file);
  }
}

function nameIsTaken(file: string): DatabaseFileError {
  return new DatabaseFileError(`${file} exists, and a backup replaces no file: choose another name`);
}

function backupError(error: unknown, path: string, file: string): unknown {
  const folder = dirname(resolve(file));
  switch (fileFaultOf(error)) {
    case 'full': {
      const megabytes = Math.ceil(statSync(path).size / 1e6);
      return new DatabaseFileError(
        `${file} cannot be written (${messageOf(error)}): the backup needs about ${megabytes} MB in ${folder}; free them, or choose another folder`,
        { cause: error },
      );
    }
    case 'not_writable':
      return new DatabaseFileError(
        `${file} cannot be written (${messageOf(error)}): choose a folder that this user can write`,
        { cause: error },
      );
    case 'not_a_database':
    case 'corrupt':
      return new DatabaseFileError(`${path} cannot be read (${messageOf(error)}): see docs/operations.md`, {
        cause: error,
      });
    default:
      return error;
  }
}
