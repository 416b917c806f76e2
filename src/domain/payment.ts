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
      /** Null for a fact about the payment of a hold that never had an order. */
      readonly orderId: number | null;
      readonly orderStatus: OrderStatus | null;
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
  /** The delivery that stored the row. Absent in rows of versions before it. */
  readonly receiptId?: number;
};

/**
 * What this service decided about a payment when its money came:
 *
 * - `fulfilled`: the payment bought its order;
 * - `owed`: the payment cannot buy anything, so its money goes back;
 * - `returned`: the provider had returned all of it before, so it never bought its order;
 * - `flagged`: the payment may be the same money as another one, so an operator decides;
 * - `nothing_due`: an operator decided that a flagged payment is the same money as another one.
 *
 *     flagged ──▶ owed, nothing_due        an operator decides
 *     flagged ──▶ fulfilled, owed          the reference turns out to be another order's
 *     returned ──▶ fulfilled, owed         the refund failed, so the payment is a late one
 */
export type PaymentDecision = 'fulfilled' | 'owed' | 'returned' | 'flagged' | 'nothing_due';

/**
 * How a payment stands, derived from its decision and from what went back: `fulfilled` is kept for an order, `refunded` goes or went
 * back, `flagged` still waits for an operator or was settled as nothing due.
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
  readonly decision: PaymentDecision;
  readonly settlement: Settlement;
  readonly createdAtMs: number;
};

/**
 * Stands for the hold and the product of a payment that an operator sends back although its order and hold are unknown. A database
 * keeps it in columns that may not be empty; no row has this id. Such a payment lies under no product, so the store locks its own row.
 */
export const noRow = 0;

/** The id of a row, or null for none. */
export function rowId(id: number): number | null {
  return id === noRow ? null : id;
}

/** Whether all that guards a payment was loaded: its hold and the product of that, or nothing where it has none. */
export function isPaymentLoaded(
  { holdId, productId }: Pick<Payment, 'holdId' | 'productId'>,
  holds: { has(id: number): boolean },
): boolean {
  return productId === noRow || holds.has(holdId);
}

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
