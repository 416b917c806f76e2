import { type Applied, applyLatePayment } from './apply-payment.ts';
import type { ApplyPaymentEvent, RecheckParkedEvent } from './commands.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { eventRow, parkedAnswer, type Target, targetOf } from './event-target.ts';
import { claimUnits } from './expiry.ts';
import type { Deferred, OutcomeOf } from './outcomes.ts';
import {
  type FactStatus,
  type IncomingPaymentEvent,
  isPaymentLoaded,
  type Payment,
  type PaymentEvent,
  referenceName,
} from './payment.ts';
import { isFactOf, saysTheSame } from './payment-facts.ts';
import { factAnswer, factsAround, mainPayment, projectPayment, targetOfFact } from './project-payment.ts';

/**
 * Takes in a fact about a payment: a refund, a refund that failed, or a dispute. With its payment known it takes effect, or is ignored
 * when it says nothing new. Else it is parked: the payment takes it in when it comes.
 */
export function decideFact(
  draft: Draft,
  event: IncomingPaymentEvent & { readonly status: FactStatus },
): OutcomeOf<ApplyPaymentEvent> | Deferred {
  const target = targetOf(draft, event);
  if (target.kind === 'contradiction') {
    return { kind: 'refused', code: 'invalid_request', field: 'hold_id', message: target.message };
  }
  const payment = paymentMeant(draft, event);
  if (payment === undefined) {
    return parkFact(draft, event, target);
  }
  if (!isPaymentLoaded(payment, draft.holds)) {
    // The payment came, or a flagged one turned out to be another product's, between the look for it and the lock: it is looked for
    // again.
    return { kind: 'deferred' };
  }
  const fact: PaymentEvent = {
    ...eventRow(draft, event, null, parkedAnswer),
    ...targetOfFact(event, payment),
    result: 'processed',
  };
  const effect = effectOf(draft, payment, fact);
  if (effect === 'deferred') {
    return { kind: 'deferred' };
  }
  draft.events.insert(fact.key, fact);
  draft.addFact(fact);
  const answer = effect();
  const decided: PaymentEvent = { ...fact, result: answer.result, answer };
  draft.events.update(fact.key, decided);
  draft.tell({ kind: 'payment_event_processed', event: decided, answer });
  return { kind: 'payment_event_answered', answer, replayed: false };
}

/** Decides a parked fact once more: its payment, order or hold may be known by now. Its answer stays what it was. */
export function recheckFact(draft: Draft, parked: PaymentEvent): OutcomeOf<RecheckParkedEvent> | Deferred {
  const payment = paymentMeant(draft, parked);
  if (payment === undefined) {
    const target = targetOf(draft, parked);
    if (parked.productId === null && (target.kind === 'order' || target.kind === 'hold')) {
      const { productId, holdId } =
        target.kind === 'order' ? target.order : { ...target.hold, holdId: target.hold.id };
      const event = { ...parked, holdId, productId };
      draft.parkedUnknownFacts -= 1;
      draft.events.update(parked.key, event);
      draft.addFact(event);
    }
    return { kind: 'parked_event_rechecked', result: 'parked' };
  }
  if (!isPaymentLoaded(payment, draft.holds)) {
    return { kind: 'deferred' };
  }
  const fact: PaymentEvent = { ...parked, ...targetOfFact(parked, payment), result: 'processed' };
  const effect = effectOf(draft, payment, fact);
  if (effect === 'deferred') {
    return { kind: 'deferred' };
  }
  if (parked.productId === null) {
    draft.parkedUnknownFacts -= 1;
  }
  draft.events.update(fact.key, fact);
  draft.addFact(fact);
  const answer = effect();
  const decided: PaymentEvent = { ...fact, result: answer.result };
  draft.events.update(fact.key, decided);
  draft.tell({ kind: 'payment_event_processed', event: decided, answer });
  return { kind: 'parked_event_rechecked', result: answer.result };
}

/** Whether the payment that a fact is about is known. */
export function knowsPayment(draft: Draft, event: IncomingPaymentEvent): boolean {
  return paymentMeant(draft, event) !== undefined;
}

/** The payment named by the reference, else the one that stands for the named order. */
function paymentMeant(draft: Draft, event: IncomingPaymentEvent): Payment | undefined {
  if (event.reference !== null) {
    return draft.payments.get(referenceName(event.reference));
  }
  const target = targetOf(draft, event);
  if (target.kind === 'order') {
    return mainPayment(draft, target.order.holdId);
  }
  return target.kind === 'hold' ? mainPayment(draft, target.hold.id) : undefined;
}

type Answer = Omit<ReturnType<typeof factAnswer>, 'stockDeducted' | 'orderStatus'> & {
  readonly orderStatus: Exclude<Applied, 'deferred'>['orderStatus'] | null;
  readonly stockDeducted: number;
};

/** What a fact does. All that may defer it is decided before anything is written. */
function effectOf(draft: Draft, payment: Payment, row: PaymentEvent): 'deferred' | (() => Answer) {
  const { before, after } = factsAround(draft, payment, row);
  if (!isFactOf(row, payment.currency) || saysTheSame(before, after)) {
    return () => factAnswer(draft, payment, 'ignored');
  }
  const isLate = payment.decision === 'returned' && after.goneMinor < payment.amountMinor;
  if (!isLate) {
    return () => {
      projectPayment(draft, payment.name);
      return factAnswer(draft, payment, 'processed');
    };
  }
  const order = payment.orderId === null ? undefined : draft.orders.get(payment.orderId);
  ensure(order?.status === 'refunded', `payment ${payment.name} was returned, its order is ${order?.status}`);
  // The units are claimed before the fact is written: a deferred command has to leave it unwritten.
  const product = draft.products.get(order.productId);
  ensure(product !== undefined, `product ${order.productId} was not locked`);
  if (
    draft.availableStock(product) >= order.quantity &&
    claimUnits(draft, product.id, order.quantity) === 'deferred'
  ) {
    return 'deferred';
  }
  return () => {
    projectPayment(draft, payment.name);
    const applied = applyLatePayment(draft, payment.name, order, payment, 'at once');
    ensure(applied !== 'deferred', `the units of order ${order.id} were claimed before`);
    const { orderStatus, stockDeducted } = applied;
    return { result: 'processed', orderId: order.id, orderStatus, stockDeducted };
  };
}

function parkFact(
  draft: Draft,
  event: IncomingPaymentEvent,
  target: Exclude<Target, { readonly kind: 'contradiction' }>,
): OutcomeOf<ApplyPaymentEvent> {
  if (target.kind === 'unknown') {
    if (draft.parkedUnknownFacts >= draft.rules.parkedMax) {
      return { kind: 'refused', code: 'overloaded' };
    }
    draft.parkedUnknownFacts += 1;
  }
  const known =
    target.kind === 'order'
      ? target.order
      : target.kind === 'hold'
        ? { id: null, holdId: target.hold.id, productId: target.hold.productId }
        : null;
  const row = eventRow(draft, event, known, parkedAnswer);
  draft.events.insert(event.key, row);
  draft.addFact(row);
  draft.tell({ kind: 'payment_event_parked', event: row });
  return { kind: 'payment_event_answered', answer: parkedAnswer, replayed: false };
}
