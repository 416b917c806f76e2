import { applyToOrder } from './apply-payment.ts';
import type { AbandonParkedEvent, ApplyPaymentEvent, RecheckParkedEvent } from './commands.ts';
import { decideFact, knowsPayment, recheckFact } from './decide-fact.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { eventRow, parkedAnswer, targetOf } from './event-target.ts';
import { expireHold, type Patience } from './expiry.ts';
import type { Hold } from './hold.ts';
import { isOverdue } from './hold.ts';
import type { Order } from './order.ts';
import type { Deferred, OutcomeOf } from './outcomes.ts';
import { type IncomingPaymentEvent, isFact, type PaymentEvent } from './payment.ts';
import { settleForEndedHold } from './settlement.ts';
import { deadlineAfter } from './time.ts';

/**
 * Takes a payment event in, exactly once for its key: the same event again gets the stored answer. With an
 * order it is applied; else it is parked, under its hold when that is known.
 */
export function decidePaymentEvent(
  draft: Draft,
  { event: delivered, receiptId }: ApplyPaymentEvent,
): OutcomeOf<ApplyPaymentEvent> | Deferred {
  const event = receiptId === undefined ? delivered : { ...delivered, receiptId };
  const known = draft.events.get(event.key);
  if (known !== undefined) {
    if (!isSameEvent(event, known)) {
      return { kind: 'refused', code: 'idempotency_key_reused' };
    }
    if (receiptId !== undefined && known.receiptId === receiptId) {
      // The outcome of this command's commit was unknown: it did take place.
      return { kind: 'payment_event_answered', answer: known.answer, replayed: false };
    }
    draft.tell({ kind: 'payment_event_duplicate', key: event.key });
    return { kind: 'payment_event_answered', answer: known.answer, replayed: true };
  }

  if (isFact(event)) {
    return decideFact(draft, event);
  }
  const target = targetOf(draft, event);
  if (event.status === 'declined' && (target.kind === 'unknown' || target.kind === 'hold')) {
    return { kind: 'payment_event_ignored' };
  }
  switch (target.kind) {
    case 'contradiction':
      return { kind: 'refused', code: 'invalid_request', field: 'hold_id', message: target.message };
    case 'unknown':
      return parkUnknown(draft, event);
    case 'hold':
      return parkUnderHold(draft, event, target.hold);
    case 'order': {
      const row = eventRow(draft, event, target.order, parkedAnswer);
      const applied = applyToOrder(draft, row, target.order.id, 'may wait');
      if (applied === 'deferred') {
        return { kind: 'deferred' };
      }
      const answer = { ...applied, orderId: target.order.id };
      const decided: PaymentEvent = { ...row, result: applied.result, answer };
      draft.events.insert(event.key, decided);
      draft.tell({ kind: 'payment_event_processed', event: decided, answer });
      return { kind: 'payment_event_answered', answer, replayed: false };
    }
  }
}

/**
 * Decides a parked event of an unknown order or hold once more: what it waited for may have been committed
 * while it was being parked. Its sender was answered already, so only its row's result changes, never its
 * answer.
 */
export function decideRecheck(
  draft: Draft,
  { event: named }: RecheckParkedEvent,
): OutcomeOf<RecheckParkedEvent> | Deferred {
  const parked = draft.events.get(named.key);
  if (parked?.result === 'parked' && isFact(parked)) {
    return recheckFact(draft, parked);
  }
  if (parked?.result !== 'parked' || parked.productId !== null) {
    return { kind: 'parked_event_rechecked', result: parked?.result ?? null };
  }
  const target = targetOf(draft, parked);
  if (target.kind === 'order') {
    return applyParked(draft, { ...parked, productId: target.order.productId }, target.order, 'may wait')
      ? { kind: 'parked_event_rechecked', result: draft.events.get(named.key)?.result ?? null }
      : { kind: 'deferred' };
  }
  if (target.kind === 'hold') {
    const event = { ...parked, holdId: target.hold.id, productId: target.hold.productId };
    draft.events.update(event.key, event);
    waitUnderHold(draft, event, target.hold);
  }
  return { kind: 'parked_event_rechecked', result: draft.events.get(named.key)?.result ?? null };
}

/**
 * Marks an event whose order or hold stayed unknown for too long: no refund by itself, it may be another
 * shop's customer.
 */
export function decideAbandon(
  draft: Draft,
  { event: named }: AbandonParkedEvent,
): OutcomeOf<RecheckParkedEvent> | Deferred {
  const parked = draft.events.get(named.key);
  if (parked?.result !== 'parked' || parked.productId !== null) {
    return { kind: 'parked_event_rechecked', result: parked?.result ?? null };
  }
  const target = targetOf(draft, parked);
  if (target.kind === 'order' || target.kind === 'hold' || (isFact(parked) && knowsPayment(draft, parked))) {
    return decideRecheck(draft, { kind: 'recheck_parked_event', event: named });
  }
  const unmatched: PaymentEvent = { ...parked, result: 'unmatched' };
  draft.events.update(parked.key, unmatched);
  if (isFact(parked)) {
    draft.parkedUnknownFacts -= 1;
  } else {
    draft.parkedUnknown -= 1;
  }
  draft.tell({ kind: 'payment_event_unmatched', event: unmatched });
  return { kind: 'parked_event_rechecked', result: 'unmatched' };
}

/** Applies the events that waited under a hold to the order that was just made of it, in order of arrival. */
export function applyParkedEvents(draft: Draft, order: Order): void {
  for (const event of draft.parkedEvents(order.holdId)) {
    // A parked `failed` gives back the order's own units, and the next `paid` takes them again: nothing to
    // wait for.
    ensure(
      applyParked(draft, event, order, 'at once'),
      `a parked event of order ${order.id} cannot be deferred`,
    );
  }
}

/** False when the event has to wait until more overdue holds are released. */
function applyParked(draft: Draft, event: PaymentEvent, order: Order, patience: Patience): boolean {
  const row: PaymentEvent = { ...event, orderId: order.id, holdId: order.holdId };
  const applied = applyToOrder(draft, row, order.id, patience);
  if (applied === 'deferred') {
    return false;
  }
  const decided: PaymentEvent = { ...row, result: applied.result };
  draft.events.update(event.key, decided);
  draft.tell({
    kind: 'payment_event_processed',
    event: decided,
    answer: { ...applied, orderId: order.id },
  });
  return true;
}

/**
 * The same event names the same order or hold, also when one of the two was filled in meanwhile. Fields of
 * the provider's own do not count.
 */
function isSameEvent(event: IncomingPaymentEvent, known: PaymentEvent): boolean {
  return (
    (event.orderId === null || event.orderId === known.orderId) &&
    (event.holdId === null || event.holdId === known.holdId) &&
    event.status === known.status &&
    event.amountMinor === known.amountMinor &&
    event.currency === known.currency &&
    event.reference === known.reference
  );
}

function parkUnknown(draft: Draft, event: IncomingPaymentEvent): OutcomeOf<ApplyPaymentEvent> {
  if (draft.parkedUnknown >= draft.rules.parkedMax) {
    return { kind: 'refused', code: 'overloaded' };
  }
  draft.parkedUnknown += 1;
  const row = eventRow(draft, event, null, parkedAnswer);
  draft.events.insert(event.key, row);
  draft.tell({ kind: 'payment_event_parked', event: row });
  return { kind: 'payment_event_answered', answer: parkedAnswer, replayed: false };
}

function parkUnderHold(draft: Draft, event: IncomingPaymentEvent, hold: Hold): OutcomeOf<ApplyPaymentEvent> {
  const row = eventRow(draft, event, { id: null, holdId: hold.id, productId: hold.productId }, parkedAnswer);
  draft.events.insert(event.key, row);
  draft.tell({ kind: 'payment_event_parked', event: row });
  waitUnderHold(draft, row, hold);
  return { kind: 'payment_event_answered', answer: parkedAnswer, replayed: false };
}

/**
 * Lets an event wait for its hold's order. The first `paid` re-arms the deadline, counted from its arrival,
 * so that the order can still come; it never brings the deadline nearer. When the hold has ended, the money
 * is owed back at once.
 */
function waitUnderHold(draft: Draft, event: PaymentEvent, hold: Hold): void {
  if (isOverdue(hold, draft.nowMs)) {
    expireHold(draft, hold);
  }
  const current = draft.holds.get(hold.id);
  ensure(current !== undefined, `hold ${hold.id} vanished`);
  if (current.status === 'released') {
    settleForEndedHold(draft, current, event);
    return;
  }
  ensure(current.status === 'held', `hold ${hold.id} is ${current.status} without an order`);
  draft.parkUnder(hold.id, event.key);
  const isFirstPaid = event.status === 'paid' && current.parked !== 'paid';
  draft.updateHold(current, {
    ...current,
    parked: isFirstPaid ? 'paid' : (current.parked ?? 'failed'),
    expiresAtMs: isFirstPaid
      ? Math.max(current.expiresAtMs, deadlineAfter(event.receivedAtMs, draft.rules.paymentSeconds))
      : current.expiresAtMs,
  });
}
