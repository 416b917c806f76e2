/**
 * What an operator decided about money:
 *
 * - `pay`: money that came by another way bought an order;
 * - `refund`: money of a payment goes back;
 * - `nothing_due`: a payment event that waited for an operator needs nothing more.
 */
export type OperatorChoice = 'pay' | 'refund' | 'nothing_due';

/** One decision about money, with its reason. It is kept for as long as payments are. */
export type OperatorDecision = {
  readonly id: number;
  readonly choice: OperatorChoice;
  /** The event that the decision resolves; null for a decision about an order. One event has one decision at most. */
  readonly eventKey: string | null;
  readonly paymentName: string;
  readonly orderId: number | null;
  readonly holdId: number | null;
  readonly productId: number | null;
  /** What was paid or goes back; null where nothing is due. */
  readonly amountMinor: number | null;
  readonly currency: string | null;
  /** Units that went back on the shelf. */
  readonly restocked: number;
  readonly reason: string;
  readonly createdAtMs: number;
};

/** Longer reasons would not fit into the reason of a change of stock, which also names the order. */
export const decisionReasonMax = 200;
