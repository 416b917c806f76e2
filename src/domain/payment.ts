import type { OrderStatus } from './order.ts';

/**
 * The status of a payment event about money that came in, after `succeeded`, `success` and `failure` were normalised. `declined`: one
 * try failed, and the buyer may try again.
 */
export type MoneyStatus = 'paid' | 'failed' | 'declined';

/**
 * The status of a payment event about money that came back or may come back:
 *
 * - `refunded`: the amount is the sum returned so far, by all refunds of the payment; without an amount all of it;
 * - `refund_failed`: one refund failed after it had been reported; the amount is the one of that refund;
 * - `disputed`, `dispute_won`, `dispute_lost`: the amount is the disputed one; without an amount all of the payment.
 */
export type FactStatus = 'refunded' | 'refund_failed' | 'disputed' | 'dispute_won' | 'dispute_lost';

export type PaymentStatus = MoneyStatus | FactStatus;

export const factStatuses: readonly FactStatus[] = [
  'refunded',
  'refund_failed',
  'disputed',
  'dispute_won',
  'dispute_lost',
];

/** Whether an event states a fact about a payment instead of reporting its money. */
export function isFact<Event extends { readonly status: PaymentStatus }>(
  event: Event,
): event is Event & { readonly status: FactStatus } {
  return (factStatuses as readonly PaymentStatus[]).includes(event.status);
}

/**
 * A payment event as it came in. At least one of `orderId`, `holdId` and `reference` is there; amount and currency go
 * together.
 */
export type IncomingPaymentEvent = {
  readonly key: string;
  readonly orderId: number | null;
  readonly holdId: number | null;
  readonly status: PaymentStatus;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly reference: string | null;
  /** The provider's id of the dispute, or of the refund that failed. Absent: the payment has one dispute, the event one refund. */
  readonly factId?: string | null;
  /** The provider's time of a fact, in ms since 1970. Absent: the time of arrival. */
  readonly occurredAtMs?: number | null;
};

/**
 * What came of an event. `parked` waits for its order; `unmatched` waited in vain and is left to an operator.
 */
export type PaymentResult =
  | 'parked'
  | 'processed'
  | 'ignored'
  | 'amount_mismatch'
  | 'refund_due'
  | 'possible_second_payment'
  | 'unmatched';

/** The answer that the sender got, and gets again for the same event. */
export type PaymentAnswer =
  | { readonly result: 'parked' }
  | {
      readonly result: Exclude<PaymentResult, 'parked' | 'unmatched'>;
      readonly orderId: number;
      readonly orderStatus: OrderStatus;
      readonly stockDeducted: number;
    };

/**
 * A payment event with what was decided: one row for each key. Order and hold are filled in once they are
 * known.
 */
export type PaymentEvent = IncomingPaymentEvent & {
  /** The product whose row guards the event, or null while neither order nor hold is known. */
  readonly productId: number | null;
  readonly result: PaymentResult;
  readonly answer: PaymentAnswer;
  readonly receivedAtMs: number;
};

/**
 * How a payment ended: `fulfilled` and `refunded` settle it. `flagged` does not: it may be the same money as
 * another payment of the order, so nothing is sent by itself and an operator looks.
 */
export type Settlement = 'fulfilled' | 'refunded' | 'flagged';

/** Money of a buyer. */
export type Payment = {
  readonly name: string;
  readonly orderId: number | null;
  readonly holdId: number;
  readonly productId: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly settlement: Settlement;
  readonly createdAtMs: number;
};

/** How the name of a payment begins that a provider knows by a reference. */
export const anyReference = 'ref:';

/**
 * A payment is named by its provider's reference, else by the key of the event that told of it. The prefix
 * keeps the two apart.
 */
export function paymentName(event: Pick<IncomingPaymentEvent, 'key' | 'reference'>): string {
  return event.reference === null ? `key:${event.key}` : referenceName(event.reference);
}

/** The name of the payment that a provider knows by this reference. */
export function referenceName(reference: string): string {
  return anyReference + reference;
}

/** The provider's reference in the name of a payment, null when it is named by an event's key. */
export function referenceIn(name: string): string | null {
  return name.startsWith(anyReference) ? name.slice(anyReference.length) : null;
}

/** Whether the payment is named by a provider's reference, so that two names surely are two payments. */
export function hasReference(payment: Pick<Payment, 'name'>): boolean {
  return referenceIn(payment.name) !== null;
}
