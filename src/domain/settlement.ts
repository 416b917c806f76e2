import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import type { Hold } from './hold.ts';
import { totalOf } from './money.ts';
import type { Payment, PaymentDecision, PaymentEvent, PaymentResult } from './payment.ts';
import { hasReference, paymentName, referenceIn } from './payment.ts';
import { newRefund, projectPayment, settlementOf, takeInFacts } from './project-payment.ts';
import type { OwedReason } from './refund.ts';

export type Money = { readonly amountMinor: number; readonly currency: string };

/** Whose payment it is: an order, or with `id` null a hold that never had one. */
export type PaymentTarget = {
  readonly id: number | null;
  readonly holdId: number;
  readonly productId: number;
};

/**
 * Settles an event whose hold has ended without an order: money for it goes back. Also updates the event's
 * row.
 */
export function settleForEndedHold(draft: Draft, hold: Hold, event: PaymentEvent): void {
  const product = draft.products.get(hold.productId);
  ensure(product !== undefined, `product ${hold.productId} was not locked`);
  ensure(hold.status === 'released', `hold ${hold.id} is ${hold.status}, not released`);
  const totalMinor = totalOf(hold.priceMinor, hold.quantity);
  ensure(totalMinor !== null, `the total of hold ${hold.id} is not exact`);
  const result = settleMoneyOfEndedHold(draft, hold, event, {
    amountMinor: event.amountMinor ?? totalMinor,
    currency: event.currency ?? product.currency,
  });
  draft.events.update(event.key, { ...event, result });
}

function settleMoneyOfEndedHold(draft: Draft, hold: Hold, event: PaymentEvent, money: Money): PaymentResult {
  if (event.status !== 'paid' || isSettled(draft.payments.get(paymentName(event)))) {
    return 'ignored';
  }
  const target = { id: null, holdId: hold.id, productId: hold.productId };
  if (isSurelyOtherMoney(draft, event, hold.id)) {
    owe(draft, paymentName(event), target, money, 'hold_ended');
    return 'refund_due';
  }
  flag(draft, event, target, money);
  return 'possible_second_payment';
}

/** Whether the payment was decided for good; a flagged one still waits for an operator. */
export function isSettled(payment: Payment | undefined): boolean {
  return payment !== undefined && (payment.settlement !== 'flagged' || payment.decision === 'nothing_due');
}

/**
 * Whether the event's payment cannot be one that was settled for this hold under another name. Two references
 * are two payments; where one of them was named by its event only, the same money may have been told of
 * twice.
 */
export function isSurelyOtherMoney(draft: Draft, event: PaymentEvent, holdId: number): boolean {
  const settled = draft.paymentsOfHold(holdId).filter(isSettled);
  return settled.length === 0 || (event.reference !== null && settled.every(hasReference));
}

/** The payment bought what it was meant for. */
export function markFulfilled(draft: Draft, name: string, target: PaymentTarget, money: Money): void {
  takeInFacts(draft, settle(draft, name, target, money, 'fulfilled'));
  projectPayment(draft, name);
}

/** The provider had returned the payment before it could buy anything. */
export function markReturned(draft: Draft, name: string, target: PaymentTarget, money: Money): void {
  takeInFacts(draft, settle(draft, name, target, money, 'returned'));
  projectPayment(draft, name);
}

/** The payment goes back: the one refund of it is due from this transaction on, less what went back before. */
export function owe(
  draft: Draft,
  name: string,
  target: PaymentTarget,
  money: Money,
  reason: OwedReason,
): void {
  const payment = settle(draft, name, target, money, 'owed');
  putOwed(draft, payment, money.amountMinor, reason);
}

/**
 * Lets the one refund of a payment owe more.
 *
 * @param owedMinor what is owed in all, with what has gone already
 */
export function putOwed(draft: Draft, payment: Payment, owedMinor: number, reason: OwedReason): void {
  const before = draft.refundOf(payment.name);
  if (before === undefined) {
    const refund = newRefund(draft, payment, { owedMinor, reason });
    draft.refunds.insert(refund.id, refund);
  } else {
    draft.refunds.update(before.id, { ...before, owedMinor, reason, status: 'due' });
  }
  takeInFacts(draft, payment);
  projectPayment(draft, payment.name);
  const refund = draft.refundOf(payment.name);
  if (refund?.status === 'due') {
    draft.tell({ kind: 'refund_due', refund });
  }
}

/** The payment may be money that was settled already: nothing is sent by itself, an operator decides. */
export function flag(draft: Draft, event: PaymentEvent, target: PaymentTarget, money: Money): void {
  const name = paymentName(event);
  if (draft.payments.get(name) === undefined) {
    takeInFacts(draft, settle(draft, name, target, money, 'flagged'));
    projectPayment(draft, name);
  }
  draft.tell({ kind: 'possible_second_payment', event });
}

function settle(
  draft: Draft,
  name: string,
  target: PaymentTarget,
  money: Money,
  decision: PaymentDecision,
): Payment {
  const payment: Payment = {
    name,
    orderId: target.id,
    holdId: target.holdId,
    productId: target.productId,
    ...money,
    decision,
    settlement: settlementOf(decision, false),
    createdAtMs: draft.payments.get(name)?.createdAtMs ?? draft.nowMs,
  };
  draft.putPayment(payment);
  // Its money has come. An order that was paid with other money keeps its intent open until the provider has closed it.
  const reference = referenceIn(name);
  if (target.id !== null && reference !== null) {
    draft.closeIntent(target.id, reference);
  }
  return payment;
}
