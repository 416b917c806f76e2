import { StoreError } from '../store-error.ts';

/** Result codes of SQLite, https://www.sqlite.org/rescode.html: the low byte is the class, the rest the case. */
const sqliteClass = {
  perm: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  protocol: 15,
  constraint: 19,
  auth: 23,
  notadb: 26,
} as const;
const constraintPrimaryKey = 1555;
const constraintUnique = 2067;
const ioerrFsync = 1034;

/** What an error of the embedded database means. Null when it is not its. */
export function classifySqlite(error: unknown, during: 'work' | 'commit'): StoreError | null {
  if (isFileError(error)) {
    return new StoreError('unavailable', `the database's folder cannot be used: ${error.message}`, error);
  }
  if (!isSqliteError(error)) {
    return null;
  }
  const { errcode, message } = error;
  switch (errcode & 0xff) {
    case sqliteClass.busy:
    case sqliteClass.locked:
    case sqliteClass.protocol:
      return new StoreError('retryable', message, error);
    case sqliteClass.constraint:
      return errcode === constraintPrimaryKey || errcode === constraintUnique
        ? new StoreError('conflict', message, error)
        : new StoreError('defect', message, error);
    case sqliteClass.ioerr:
      // All frames of the commit were written when their sync fails, so after a crash they may come back.
      return new StoreError(
        during === 'commit' && errcode === ioerrFsync ? 'outcome_unknown' : 'unavailable',
        message,
        error,
      );
    case sqliteClass.perm:
    case sqliteClass.readonly:
    case sqliteClass.corrupt:
    case sqliteClass.full:
    case sqliteClass.cantopen:
    case sqliteClass.auth:
    case sqliteClass.notadb:
      return new StoreError('unavailable', message, error);
    default:
      return new StoreError('defect', message, error);
  }
}

/** Whether what was written may not be on the disk, though it is read as if it were. */
export function isFailedFlush(error: unknown): boolean {
  return isFileError(error)
    ? error.syscall === 'fdatasync'
    : isSqliteError(error) && error.errcode === ioerrFsync;
}

/** The fault of a file that is copied or opened. Null for an error that is not about the file. */
export type FileFault = 'busy' | 'full' | 'not_a_database' | 'corrupt' | 'not_writable';

const ioerrWrite = 778;

export function fileFaultOf(error: unknown): FileFault | null {
  if (isFileError(error)) {
    return error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG'
      ? 'full'
      : 'not_writable';
  }
  if (!isSqliteError(error)) {
    return null;
  }
  // SQLite reports a limit of the size of files, or a quota, as a failed write.
  return error.errcode === ioerrWrite ? 'full' : (faultOfClass.get(error.errcode & 0xff) ?? null);
}

const faultOfClass: ReadonlyMap<number, FileFault> = new Map([
  [sqliteClass.busy, 'busy'],
  [sqliteClass.locked, 'busy'],
  [sqliteClass.full, 'full'],
  [sqliteClass.notadb, 'not_a_database'],
  [sqliteClass.corrupt, 'corrupt'],
  [sqliteClass.perm, 'not_writable'],
  [sqliteClass.readonly, 'not_writable'],
  [sqliteClass.cantopen, 'not_writable'],
]);

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
