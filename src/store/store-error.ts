/**
 * What a failed transaction means for its commands:
 * - `retryable`: a lock, a deadlock, a lost connection before the commit. Deciding again from fresh data may
 *   succeed.
 * - `conflict`: a unique key is taken: another node was faster, or an id clashed. Ids are made anew and it is
 *   decided again.
 * - `outcome_unknown`: the connection fell during the commit, or its answer does not say that it was rolled
 *   back. Whether it took place is looked up, never guessed.
 * - `unavailable`: the database cannot write or be reached: full, read-only, wrong password, away. Nothing
 *   was changed.
 * - `defect`: a constraint or a statement says that our own code is wrong.
 */
export type StoreErrorKind = 'retryable' | 'conflict' | 'outcome_unknown' | 'unavailable' | 'defect';

/**
 * What a driver's error code says, made in the dialect's file. The message is for the log, never for a
 * client.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
