import { StoreError } from '../store-error.ts';

/** https://dev.mysql.com/doc/mysql-errors/ and https://mariadb.com/kb/en/mariadb-error-codes/ */
const retryableErrors: ReadonlySet<number> = new Set([
  1213, // deadlock, and on a cluster a conflict at the commit
  1205, // lock wait timeout
  1020, // the row has changed since it was read
  1047, // the cluster's node is not ready
  1180, // error during commit: rolled back by the cluster
  3101, // the plugin rolled the transaction back
  1040, // too many connections
  1053, // server shutdown
  1317, // query interrupted
  1927, // connection was killed
  4031, // closed by the server for inactivity
  1159,
  1160,
  1161, // network errors and timeouts
]);
/** Behind these the server closes the connection, or its node cannot be used. */
const endingErrors: ReadonlySet<number> = new Set([1047, 1053, 1927, 4031, 1159, 1160, 1161]);
const conflictErrors: ReadonlySet<number> = new Set([1062, 1586]);
/** The server takes no writes: in its configuration, or in the transaction because of that. */
const readOnlyErrors: ReadonlySet<number> = new Set([1036, 1290, 1792, 1836]);
/**
 * The only ones that say for sure, in answer to a COMMIT, that it did not take place. A cluster's node answers 1047 or 1180 when it is
 * cut off from the others in the middle of it: they may have got the transaction before, and then they keep it. A server that cannot
 * write its log may find the transaction there when it is started again.
 */
const rolledBackErrors: ReadonlySet<number> = new Set([1213, 1205, 1020, 3101, ...readOnlyErrors]);
const notReadyError = 1047;
const unavailableErrors: ReadonlySet<number> = new Set([
  ...readOnlyErrors,
  1021, // disk full
  1114, // table is full
  1026, // error writing file
  1044,
  1045,
  1049,
  1142,
  1146,
  1698, // access denied, no such database, no such table
  1251, // the client does not support the authentication
]);
/** The connection was not made, or fell. */
const connectionErrors: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What an error of the driver or the server means. Null when it is neither's. */
export function classifyMysql(error: unknown, during: 'work' | 'commit'): StoreError | null {
  if (!(error instanceof Error)) {
    return null;
  }
  if (isOfConnection(error)) {
    const kind = during === 'commit' ? 'outcome_unknown' : 'retryable';
    return new StoreError(kind, error.message || codeOf(error), error);
  }
  const errno = errnoOf(error);
  if (errno === undefined) {
    return null;
  }
  if (conflictErrors.has(errno)) {
    return new StoreError('conflict', error.message, error);
  }
  if (during === 'commit' && !rolledBackErrors.has(errno)) {
    return new StoreError('outcome_unknown', error.message, error);
  }
  if (retryableErrors.has(errno)) {
    return new StoreError('retryable', error.message, error);
  }
  return new StoreError(unavailableErrors.has(errno) ? 'unavailable' : 'defect', error.message, error);
}

/** Whether the connection that answered with this error is of no use any more. */
export function endsMysqlConnection(error: Error): boolean {
  return isOfConnection(error) || endingErrors.has(errnoOf(error) ?? 0);
}

/** Whether another server would not have answered so: this one has no quorum, or takes no writes. */
export function isOfMysqlHost(error: Error): boolean {
  const errno = errnoOf(error) ?? 0;
  return errno === notReadyError || readOnlyErrors.has(errno);
}

function isOfConnection(error: Error): boolean {
  return (
    'syscall' in error ||
    connectionErrors.has(codeOf(error)) ||
    error.message.includes('Connection lost') ||
    error.message.includes('closed state')
  );
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The server's number of the error; undefined when the error is not the server's. */
function errnoOf(error: Error): number | undefined {
  return 'sqlState' in error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
}
