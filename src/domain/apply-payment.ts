import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { claimUnits, expireHold, type Patience, releaseHold } from './expiry.ts';
import { isOpen, isOverdue } from './hold.ts';
import type { Order, OrderStatus } from './order.ts';
import type { PaymentEvent, PaymentResult } from './payment.ts';
import { paymentName } from './payment.ts';
import { foldFacts } from './payment-facts.ts';
import type { Money } from './settlement.ts';
import { flag, isSettled, isSurelyOtherMoney, markFulfilled, markReturned, owe } from './settlement.ts';

/** What an event did to its order. */
export type Effect = {
  readonly result: Exclude<PaymentResult, 'parked' | 'unmatched'>;
  readonly orderStatus: OrderStatus;
  readonly stockDeducted: number;
};
/** The effect, or `deferred` when more overdue holds must be released first. */
export type Applied = Effect | 'deferred';

/**
 * Applies a payment event about money to its order. The first rule that fits decides:
 *
 * - a payment that was settled before is ignored;
 * - `failed` ends a pending order;
 * - money of the wrong amount goes back;
 * - money that the provider has returned already never fulfils: an order without other money ends as refunded;
 * - a pending order is paid;
 * - an order that ended unpaid is paid after all when units are available, else the money goes back;
 * - further money for an order goes back, or an operator decides.
 *
 * Changes order, hold, product, payments and refunds; the event's own row is the caller's.
 */
export function applyToOrder(
  draft: Draft,
  event: PaymentEvent,
  orderId: number,
  patience: Patience,
): Applied {
  expireIfOverdue(draft, orderId);
  const order = draft.orders.get(orderId);
  ensure(order !== undefined, `order ${orderId} was not loaded`);
  const unchanged = { orderStatus: order.status, stockDeducted: 0 } as const;

  const name = paymentName(event);
  if (isSettled(draft.payments.get(name))) {
    return { result: 'ignored', ...unchanged };
  }
  if (event.status === 'declined') {
    return { result: 'ignored', ...unchanged };
  }
  if (event.status === 'failed') {
    if (order.status !== 'pending') {
      return { result: 'ignored', ...unchanged };
    }
    endOrder(draft, order, 'failed');
    return { result: 'processed', orderStatus: 'failed', stockDeducted: 0 };
  }

  const money: Money = {
    amountMinor: event.amountMinor ?? order.totalMinor,
    currency: event.currency ?? order.currency,
  };
  if (money.amountMinor !== order.totalMinor || money.currency !== order.currency) {
    owe(draft, name, order, money, 'amount_mismatch');
    return { result: 'amount_mismatch', ...unchanged };
  }

  switch (order.status) {
    case 'pending':
      return wasReturned(draft, name, order, money)
        ? endReturned(draft, name, order, money)
        : fulfil(draft, name, order, money);
    case 'failed':
    case 'cancelled':
    case 'expired':
      return wasReturned(draft, name, order, money)
        ? endReturned(draft, name, order, money)
        : applyLatePayment(draft, name, order, money, patience);
    case 'paid':
    case 'refund_due':
    case 'refunded':
      if (isSurelyOtherMoney(draft, event, order.holdId)) {
        owe(draft, name, order, money, 'second_payment');
        return { result: 'refund_due', ...unchanged };
      }
      flag(draft, event, order, money);
      return { result: 'possible_second_payment', ...unchanged };
  }
}

/** Ends a pending order without a payment and gives its units back. */
export function endOrder(draft: Draft, order: Order, status: 'failed' | 'cancelled'): Order {
  const hold = draft.holds.get(order.holdId);
  ensure(hold?.status === 'ordered' && order.status === 'pending', `order ${order.id} is not pending`);
  releaseHold(draft, hold, 'order_ended');
  const ended: Order = { ...order, status };
  draft.orders.update(order.id, ended);
  draft.tell({ kind: status === 'failed' ? 'order_failed' : 'order_cancelled', order: ended });
  return ended;
}

/** Writes down that the deadline of a pending order has come, if it has. */
export function expireIfOverdue(draft: Draft, orderId: number): void {
  const order = draft.orders.get(orderId);
  const hold = order && draft.holds.get(order.holdId);
  ensure(hold !== undefined, `the hold of order ${orderId} was not loaded`);
  if (isOverdue(hold, draft.nowMs)) {
    expireHold(draft, hold);
  }
}

/** Whether the provider has returned all of a payment before it came. */
export function wasReturned(draft: Draft, name: string, order: Order, money: Money): boolean {
  // The payment would stand for its order, so facts that name the order alone count too.
  const facts = draft.factsOf({ name, holdId: order.holdId }, true);
  return foldFacts({ name, ...money }, facts, undefined).goneMinor >= money.amountMinor;
}

/** The money came and is gone already: the order ends as refunded, and its units are available again. */
function endReturned(draft: Draft, name: string, order: Order, money: Money): Effect {
  const hold = draft.holds.get(order.holdId);
  ensure(hold !== undefined, `the hold of order ${order.id} was not loaded`);
  if (isOpen(hold)) {
    releaseHold(draft, hold, 'order_ended');
  }
  draft.orders.update(order.id, { ...order, status: 'refunded' });
  markReturned(draft, name, order, money);
  return { result: 'processed', orderStatus: 'refunded', stockDeducted: 0 };
}

/**
 * Lets money buy an order that has ended without it, when the units are available; else the money goes back.
 *
 * @param name of the payment
 */
export function applyLatePayment(
  draft: Draft,
  name: string,
  order: Order,
  money: Money,
  patience: Patience,
): Applied {
  const product = draft.products.get(order.productId);
  ensure(product !== undefined, `product ${order.productId} was not locked`);
  if (draft.availableStock(product) >= order.quantity) {
    // The units may still stand in rows of overdue holds; until those are released the payment waits rather
    // than being refunded.
    if (claimUnits(draft, product.id, order.quantity, patience) === 'deferred') {
      return 'deferred';
    }
    // A hold that was released for the units may have ended with this very payment parked under it: then it
    // goes back already.
    const payment = draft.payments.get(name);
    if (isSettled(payment) && payment?.decision !== 'returned') {
      return { result: 'ignored', orderStatus: order.status, stockDeducted: 0 };
    }
    return fulfil(draft, name, order, money);
  }
  draft.orders.update(order.id, { ...order, status: 'refund_due' });
  owe(draft, name, order, money, 'late_payment');
  const after = draft.orders.get(order.id);
  return { result: 'refund_due', orderStatus: after?.status ?? 'refund_due', stockDeducted: 0 };
}

/** Stock falls, the hold is consumed, the order is paid: all in this one transaction. */
export function fulfil(draft: Draft, name: string, order: Order, money: Money): Effect {
  const hold = draft.holds.get(order.holdId);
  ensure(hold !== undefined, `the hold of order ${order.id} was not loaded`);
  draft.updateHold(hold, { ...hold, status: 'consumed', releaseReason: null });
  const product = draft.products.get(order.productId);
  ensure(product !== undefined, `product ${order.productId} was not locked`);
  ensure(
    product.stock - product.held >= order.quantity,
    `product ${product.id} has too few units for order ${order.id}`,
  );
  draft.products.update(product.id, { ...product, stock: product.stock - order.quantity });
  const paid: Order = { ...order, status: 'paid' };
  draft.orders.update(order.id, paid);
  draft.tell({ kind: 'order_paid', order: paid });
  markFulfilled(draft, name, order, money);
  return { result: 'processed', orderStatus: 'paid', stockDeducted: order.quantity };
}
