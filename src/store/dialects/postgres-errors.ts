import { StoreError } from '../store-error.ts';

/** Codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: the first two characters are the class. */
const retryableCodes: ReadonlySet<string> = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock wait timeout
  '25P03', // idle in transaction for too long: the server has ended the session
  '53300', // too many connections
  '57014', // the operator cancelled the statement
]);
/** The server ends the session, or takes none yet. A commit that was under way may have taken place. */
const endingCodes: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '40003']);
const uniqueViolation = '23505';
const readOnly = '25006';
const unavailableCodes: ReadonlySet<string> = new Set([
  readOnly,
  '3D000', // no such database
  '3F000', // no such schema
  '42501', // access denied
  '42P01', // no such table
]);
/** No access, no resources such as disk or memory, an error of the system or of its files. */
const unavailableClasses: ReadonlySet<string> = new Set(['28', '53', '54', '58', 'XX', 'F0']);
/** What the client says, without a code, when the connection was not made or fell. */
const connectionMessages =
  /connection (terminated|lost|error|timeout)|timeout (expired|exceeded)|not queryable|read timeout/i;

/** What an error of the driver or the server means. Null when it is neither's. */
export function classifyPostgres(error: unknown, during: 'work' | 'commit'): StoreError | null {
  if (!(error instanceof Error)) {
    return null;
  }
  const { message } = error;
  const code = codeOf(error);
  if (
    'syscall' in error ||
    error instanceof AggregateError ||
    connectionMessages.test(message) ||
    code.startsWith('08') ||
    endingCodes.has(code)
  ) {
    return new StoreError(during === 'commit' ? 'outcome_unknown' : 'retryable', message || code, error);
  }
  if (!('severity' in error)) {
    return null; // not the server's
  }
  if (retryableCodes.has(code)) {
    return new StoreError('retryable', message, error);
  }
  if (code === uniqueViolation) {
    return new StoreError('conflict', message, error);
  }
  if (during === 'commit' && error.severity !== 'ERROR') {
    // The session ended with it, or the server went down: its log may hold the commit, which takes place when it is read at the next
    // start. The word is in the server's language, so in another one nothing is taken for a roll-back.
    return new StoreError('outcome_unknown', message, error);
  }
  const isUnavailable = unavailableCodes.has(code) || unavailableClasses.has(code.slice(0, 2));
  return new StoreError(isUnavailable ? 'unavailable' : 'defect', message, error);
}

/** Whether another server would not have answered so: this one takes no writes. */
export function isOfPostgresHost(error: Error): boolean {
  return codeOf(error) === readOnly;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
