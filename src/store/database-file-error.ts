import type { Audit } from './store-reader.ts';

/** A database file that cannot be copied, verified or replaced, with a message of one line for its operator. */
export class DatabaseFileError extends Error {
  override readonly name = 'DatabaseFileError';
  /** The audit, where it found a difference. */
  readonly audit: Audit | null;

  constructor(message: string, options: { readonly audit?: Audit; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.audit = options.audit ?? null;
  }
}

/** The message of an error of the system or of SQLite, for the brackets in such a line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
