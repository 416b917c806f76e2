import type { Payment } from './payment.ts';

/**
 * A dispute's states:
 *
 *     open ──▶ won
 *       └────▶ lost
 *
 * Won and lost follow the provider's latest report. While a dispute is open, a due refund of its payment waits.
 */
export type DisputeStatus = 'open' | 'won' | 'lost';

/** A buyer's bank claims money of a payment back. The projection of the payment's dispute events. */
export type Dispute = {
  /** The provider's own id of it, or the payment's name where the provider names none. */
  readonly id: string;
  readonly paymentName: string;
  readonly orderId: number | null;
  readonly holdId: number;
  readonly productId: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: DisputeStatus;
  /** When this service learned of it. */
  readonly createdAtMs: number;
};

/** Where a dispute is kept in a map: providers number the disputes of each payment by themselves. */
export function disputeKey({ paymentName, id }: Pick<Dispute, 'paymentName' | 'id'>): string {
  return `${paymentName} ${id}`;
}

/** What a dispute's events say of it. */
export type DisputeFact = Pick<Dispute, 'id' | 'amountMinor' | 'status'>;

/** Whether a projected dispute is not what the events say. */
export function differs(dispute: Dispute | undefined, fact: DisputeFact): boolean {
  return dispute?.status !== fact.status || dispute.amountMinor !== fact.amountMinor;
}

/** The row of a dispute that is new to this service. */
export function disputeOf(payment: Payment, fact: DisputeFact, nowMs: number): Dispute {
  const { name, orderId, holdId, productId, currency } = payment;
  return { ...fact, paymentName: name, orderId, holdId, productId, currency, createdAtMs: nowMs };
}
