import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import type { Hold } from './hold.ts';
import { totalOf } from './money.ts';
import type { Payment, PaymentEvent, PaymentResult, Settlement } from './payment.ts';
import { hasReference, paymentName } from './payment.ts';
import type { OwedReason, Refund } from './refund.ts';
import { unsent } from './refund.ts';

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
    owe(draft, event, target, money, 'hold_ended');
    return 'refund_due';
  }
  flag(draft, event, target, money);
  return 'possible_second_payment';
}

/** Whether the payment has ended as fulfilled or refunded; a flagged one still waits for an operator. */
export function isSettled(payment: Payment | undefined): boolean {
  return payment !== undefined && payment.settlement !== 'flagged';
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
export function markFulfilled(draft: Draft, event: PaymentEvent, target: PaymentTarget, money: Money): void {
  settle(draft, event, target, money, 'fulfilled');
}

/** The payment goes back: the one refund of it is due from this transaction on. */
export function owe(
  draft: Draft,
  event: PaymentEvent,
  target: PaymentTarget,
  money: Money,
  reason: OwedReason,
): void {
  settle(draft, event, target, money, 'refunded');
  const refund: Refund = {
    id: draft.newId(),
    paymentName: paymentName(event),
    orderId: target.id,
    holdId: target.holdId,
    productId: target.productId,
    ...money,
    status: 'due',
    reason,
    createdAtMs: draft.nowMs,
    ...unsent,
  };
  draft.refunds.insert(refund.id, refund);
  draft.tell({ kind: 'refund_due', refund });
}

/** The payment may be money that was settled already: nothing is sent by itself, an operator is told. */
export function flag(draft: Draft, event: PaymentEvent, target: PaymentTarget, money: Money): void {
  if (draft.payments.get(paymentName(event)) === undefined) {
    settle(draft, event, target, money, 'flagged');
  }
  draft.tell({ kind: 'possible_second_payment', event });
}

function settle(
  draft: Draft,
  event: PaymentEvent,
  target: PaymentTarget,
  money: Money,
  settlement: Settlement,
): void {
  const before = draft.payments.get(paymentName(event));
  draft.putPayment({
    name: paymentName(event),
    orderId: target.id,
    holdId: target.holdId,
    productId: target.productId,
    ...money,
    settlement,
    createdAtMs: before?.createdAtMs ?? draft.nowMs,
  });
  // Its money has come. An order that was paid with other money keeps its intent open, until the provider was told to close it.
  if (target.id !== null && event.reference !== null) {
    draft.closeIntent(target.id, event.reference);
  }
}
