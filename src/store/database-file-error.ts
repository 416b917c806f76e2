import type { Audit } from './store-reader.ts';

/** A database file that cannot be copied, verified or replaced, in words for its operator. The message is one line. */
export class DatabaseFileError extends Error {
  override readonly name = 'DatabaseFileError';
  /** Where the audit of the file found a difference. */
  readonly audit: Audit | null;

  constructor(message: string, options: { readonly audit?: Audit; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.audit = options.audit ?? null;
  }
}
