export type RefundStatus = 'due' | 'succeeded';

/** Why money goes back by itself. */
export type OwedReason = 'late_payment' | 'amount_mismatch' | 'second_payment' | 'hold_ended';

/**
 * Why money goes back. With `returned` and `returned_in_part` somebody has sent it back at the provider: all of it, or so far a part.
 */
export type RefundReason = OwedReason | 'returned' | 'returned_in_part';

/** Money owed back for one payment: at most one for each, ever. */
export type Refund = {
  readonly id: number;
  readonly paymentName: string;
  readonly orderId: number | null;
  readonly holdId: number;
  readonly productId: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly reason: RefundReason;
  readonly createdAtMs: number;
  /** How often it was begun to be sent. */
  readonly attempts: number;
  /** Not to be sent before; null: at once. */
  readonly nextAttemptAtMs: number | null;
  readonly firstSentAtMs: number | null;
  /** The provider's own id of it, once the provider has named one. */
  readonly providerReference: string | null;
  /** Why the last attempt did not send it, in words for an operator. */
  readonly lastError: string | null;
};

/** A refund that nobody has tried to send yet. */
export const unsent = {
  attempts: 0,
  nextAttemptAtMs: null,
  firstSentAtMs: null,
  providerReference: null,
  lastError: null,
} as const satisfies Partial<Refund>;

/** Whether the provider's latest refund was not the end of it: nobody can say of it any more that the money went back. */
export function hasFailed({ providerReference, lastError }: Refund): boolean {
  return providerReference !== null && lastError !== null;
}
