import type { ResolvePaymentEvent } from './commands.ts';
import type { Draft } from './draft.ts';
import { targetOf } from './event-target.ts';
import { totalOf } from './money.ts';
import type { OperatorDecision } from './operator-decision.ts';
import type { Deferred, OutcomeOf } from './outcomes.ts';
import { isPaymentLoaded, noRow, type Payment, type PaymentEvent, paymentName } from './payment.ts';
import { isSettled, type Money, owe, type PaymentTarget, putOwed } from './settlement.ts';

type Resolved = OutcomeOf<ResolvePaymentEvent> | Deferred;

/**
 * Takes an operator's decision about a payment event that waits for one. The event may be a possible second payment, or money for an
 * order or hold that stayed unknown:
 *
 *     possible_second_payment, unmatched ──▶ refund_due   the money goes back
 *                                        └─▶ ignored      nothing is due
 *
 * The same decision once more changes nothing, another one is refused.
 */
export function decideResolve(draft: Draft, command: ResolvePaymentEvent): Resolved {
  const { choice } = command;
  const event = draft.events.get(command.event.key);
  if (event === undefined) {
    return { kind: 'refused', code: 'payment_event_not_found' };
  }
  const before = [...draft.operatorDecisions.values()].find(({ eventKey }) => eventKey === event.key);
  if (before !== undefined) {
    return before.choice === choice
      ? { kind: 'payment_event_resolved', event, resolution: before }
      : { kind: 'refused', code: 'payment_event_resolved', choice: before.choice };
  }
  switch (event.result) {
    case 'possible_second_payment':
      return resolveFlagged(draft, command, event);
    case 'unmatched':
      return resolveUnmatched(draft, command, event);
    default:
      return { kind: 'refused', code: 'payment_event_not_waiting', result: event.result };
  }
}

/** All events that report the flagged payment are resolved with it: each of them waits for the same decision. */
function resolveFlagged(draft: Draft, command: ResolvePaymentEvent, event: PaymentEvent): Resolved {
  const payment = draft.payments.get(paymentName(event));
  if (payment === undefined || isSettled(payment)) {
    return { kind: 'refused', code: 'payment_event_not_waiting', result: event.result };
  }
  if (!isPaymentLoaded(payment, draft.holds)) {
    // The reference turned out to be another product's between the look for it and the lock: it is looked for once more.
    return { kind: 'deferred' };
  }
  if (command.choice === 'nothing_due') {
    draft.putPayment({ ...payment, decision: 'nothing_due' });
  } else {
    const owed: Payment = { ...payment, decision: 'owed', settlement: 'refunded' };
    draft.putPayment(owed);
    putOwed(draft, owed, owed.amountMinor, 'second_payment');
  }
  for (const other of draft.events.values()) {
    const isSame = paymentName(other) === payment.name && other.result === 'possible_second_payment';
    if (isSame && other.key !== event.key) {
      keep(draft, { ...command, decisionId: draft.newId() }, other, payment);
    }
  }
  return keep(draft, command, event, payment);
}

function resolveUnmatched(draft: Draft, command: ResolvePaymentEvent, event: PaymentEvent): Resolved {
  if (command.choice === 'nothing_due') {
    return keep(draft, command, event, null);
  }
  const name = paymentName(event);
  const settled = draft.payments.get(name);
  if (settled !== undefined) {
    return { kind: 'refused', code: 'payment_already_settled', orderId: settled.orderId };
  }
  const { target, money } = ownerOf(draft, event);
  if (event.status !== 'paid' || money === null) {
    return { kind: 'refused', code: 'nothing_to_refund' };
  }
  owe(draft, name, target, money, 'requested');
  return keep(draft, command, event, draft.payments.get(name) ?? null);
}

/** Whose money it is. Order and hold are usually still unknown: then the provider's reference is all that a refund needs. */
function ownerOf(
  draft: Draft,
  event: PaymentEvent,
): { readonly target: PaymentTarget; readonly money: Money | null } {
  const { amountMinor, currency } = event;
  const reported = amountMinor === null || currency === null ? null : { amountMinor, currency };
  const found = targetOf(draft, event);
  if (found.kind === 'order') {
    const { totalMinor, currency: ofOrder } = found.order;
    return { target: found.order, money: reported ?? { amountMinor: totalMinor, currency: ofOrder } };
  }
  if (found.kind === 'hold') {
    const { hold } = found;
    const product = draft.products.get(hold.productId);
    const totalMinor = totalOf(hold.priceMinor, hold.quantity);
    const total =
      product === undefined || totalMinor === null
        ? null
        : { amountMinor: totalMinor, currency: product.currency };
    return {
      target: { id: null, holdId: hold.id, productId: hold.productId },
      money: reported ?? total,
    };
  }
  // Of no order and hold: a row that came under these ids later would lie under a product that no batch of this payment locks.
  return { target: { id: null, holdId: noRow, productId: noRow }, money: reported };
}

/** Writes the decision and what has come of the event with it. The event's stored answer stays: its sender gets it once more. */
function keep(
  draft: Draft,
  { decisionId, choice, reason }: ResolvePaymentEvent,
  event: PaymentEvent,
  payment: Payment | null,
): OutcomeOf<ResolvePaymentEvent> {
  const resolved: PaymentEvent = { ...event, result: choice === 'refund' ? 'refund_due' : 'ignored' };
  draft.events.update(event.key, resolved);
  const isRefund = choice === 'refund' && payment !== null;
  const resolution: OperatorDecision = {
    id: decisionId,
    choice,
    eventKey: event.key,
    paymentName: paymentName(event),
    orderId: event.orderId,
    holdId: event.holdId,
    productId: event.productId,
    amountMinor: isRefund ? payment.amountMinor : null,
    currency: isRefund ? payment.currency : null,
    restocked: 0,
    reason,
    createdAtMs: draft.nowMs,
  };
  draft.operatorDecisions.insert(resolution.id, resolution);
  draft.tell({ kind: 'operator_decided', decision: resolution });
  return { kind: 'payment_event_resolved', event: resolved, resolution };
}
