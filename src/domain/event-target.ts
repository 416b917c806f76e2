import type { Draft } from './draft.ts';
import type { Hold } from './hold.ts';
import type { Order } from './order.ts';
import { type IncomingPaymentEvent, noRow, type PaymentAnswer, type PaymentEvent, rowId } from './payment.ts';
import type { PaymentTarget } from './settlement.ts';

export const parkedAnswer: PaymentAnswer = { result: 'parked' };

/** The order or hold that an event names, as far as it is known. */
export type Target =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'contradiction'; readonly message: string };

/** An order and a hold that are both named must belong together as soon as either of them is known. */
export function targetOf(draft: Draft, event: Pick<IncomingPaymentEvent, 'orderId' | 'holdId'>): Target {
  const named = event.orderId === null ? undefined : draft.orders.get(event.orderId);
  const hold = event.holdId === null ? undefined : draft.holds.get(event.holdId);
  const ofHold = hold && draft.orderOfHold(hold.id);
  if (named !== undefined && event.holdId !== null && named.holdId !== event.holdId) {
    return { kind: 'contradiction', message: `expected the hold of order ${named.id}, got ${event.holdId}` };
  }
  if (hold !== undefined && event.orderId !== null && ofHold?.id !== event.orderId) {
    return { kind: 'contradiction', message: `expected the hold of order ${event.orderId}, got ${hold.id}` };
  }
  const order = named ?? ofHold;
  if (order !== undefined) {
    return { kind: 'order', order };
  }
  return hold === undefined ? { kind: 'unknown' } : { kind: 'hold', hold };
}

/** The row of an event that is new to this service, as it waits for its order or payment. */
export function eventRow(
  draft: Draft,
  event: IncomingPaymentEvent,
  target: PaymentTarget | null,
  answer: PaymentAnswer,
): PaymentEvent {
  return {
    ...event,
    orderId: target?.id ?? event.orderId,
    holdId: rowId(target?.holdId ?? noRow) ?? event.holdId,
    productId: rowId(target?.productId ?? noRow),
    result: 'parked',
    answer,
    receivedAtMs: draft.nowMs,
  };
}
