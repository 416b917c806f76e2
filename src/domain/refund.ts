export type RefundStatus = 'due' | 'succeeded';

/** Why money goes back. */
export type RefundReason = 'late_payment' | 'amount_mismatch' | 'second_payment' | 'hold_ended';

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
};
