import type { Delivery } from '../domain/outgoing-event.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * Pauses between an attempt that failed and the next, as the Standard Webhooks specification proposes them: with the first attempt, which
 * is made at once, ten attempts in a little over three days.
 */
const pausesMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/** What failed together shall not all come again together: each pause is up to this part longer. */
const jitter = 0.2;

/** The longest that a receiver may put deliveries off. */
export const retryAfterMsMax = 24 * hourMs;

/** What an attempt came to. */
export type Attempted =
  | { readonly kind: 'delivered' }
  /** The receiver wants no more events: 410. */
  | { readonly kind: 'gone'; readonly error: string }
  | {
      readonly kind: 'failed';
      readonly error: string;
      /** How long the receiver asks to be left alone. */
      readonly retryAfterMs: number | null;
    };

/** How many characters of an error are kept for an operator. */
const errorLengthMax = 500;

/**
 * A delivery after an attempt. One that failed is tried again after its pause, and not before the receiver wants it; after the last
 * attempt it is dead. For a receiver that is gone it stays due, for the case that somebody switches the endpoint on again.
 *
 * @param random from 0 to 1
 */
export function afterAttempt(
  delivery: Delivery,
  attempted: Attempted,
  nowMs: number,
  random: () => number,
): Delivery {
  const attempts = delivery.attempts + 1;
  if (attempted.kind === 'delivered') {
    return { ...delivery, attempts, status: 'delivered', lastError: null };
  }
  const lastError = attempted.error.slice(0, errorLengthMax);
  if (attempted.kind === 'gone') {
    return { ...delivery, attempts, nextAttemptAtMs: nowMs, lastError };
  }
  const pauseMs = pausesMs[delivery.attempts];
  if (pauseMs === undefined) {
    return { ...delivery, attempts, status: 'dead', lastError };
  }
  const waitMs = Math.max(pauseMs * (1 + jitter * random()), attempted.retryAfterMs ?? 0);
  return { ...delivery, attempts, nextAttemptAtMs: nowMs + Math.round(waitMs), lastError };
}
