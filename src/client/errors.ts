import type { ErrorCode, Problem } from './api-types.ts';

/** The checkout answered, and the answer is no. */
export class CheckoutError extends Error {
  override readonly name = 'CheckoutError';
  /** Says what is wrong; its meaning never changes. */
  readonly code: ErrorCode;
  readonly status: number;
  /** The whole answer; some codes have fields of their own, such as `next_release_at`. */
  readonly problem: Problem;
  /** How long to wait before it is worth asking again, where the answer said so. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The checkout did not answer. Whether a request had its effect is not known: the same call with the same `key`
 * finds out.
 */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** What somebody else answered in its place, a proxy for example; null when nobody did. */
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}
