import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { claimUnits, expireHold, type Patience, releaseHold } from './expiry.ts';
import type { Hold } from './hold.ts';
import { isOverdue } from './hold.ts';
import type { Order, OrderStatus } from './order.ts';
import type { PaymentEvent, PaymentResult } from './payment.ts';
import { paymentName } from './payment.ts';
import type { Money } from './settlement.ts';
import { flag, isSettled, isSurelyOtherMoney, markFulfilled, owe } from './settlement.ts';

/** What an event did to its order, or `deferred` when more overdue holds must be released first. */
export type Applied =
  | {
      readonly result: Exclude<PaymentResult, 'parked' | 'unmatched'>;
      readonly orderStatus: OrderStatus;
      readonly stockDeducted: number;
    }
  | 'deferred';

/**
 * Applies a payment event to its order. The first rule that fits decides: a payment that was settled before
 * is ignored; `failed` ends a pending order; money of the wrong amount goes back; a pending order is paid; an
 * order that ended unpaid is paid after all when units are available, else the money goes back; further money
 * for an order goes back, or an operator looks at it.
 *
 * Changes order, hold, product, payments and refunds; the event's own row is the caller's.
 */
export function applyToOrder(
  draft: Draft,
  event: PaymentEvent,
  orderId: number,
  patience: Patience,
): Applied {
  const hold = expireIfOverdue(draft, orderId);
  const order = draft.orders.get(orderId);
  ensure(order !== undefined, `order ${orderId} was not loaded`);
  const unchanged = { orderStatus: order.status, stockDeducted: 0 } as const;

  if (isSettled(draft.payments.get(paymentName(event)))) {
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
    owe(draft, event, order, money, 'amount_mismatch');
    return { result: 'amount_mismatch', ...unchanged };
  }

  switch (order.status) {
    case 'pending':
      return fulfil(draft, event, order, hold, money);
    case 'failed':
    case 'cancelled':
    case 'expired':
      return applyLatePayment(draft, event, order, hold, money, patience);
    case 'paid':
    case 'refund_due':
    case 'refunded':
      if (isSurelyOtherMoney(draft, event, order.holdId)) {
        owe(draft, event, order, money, 'second_payment');
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

function expireIfOverdue(draft: Draft, orderId: number): Hold {
  const order = draft.orders.get(orderId);
  const hold = order && draft.holds.get(order.holdId);
  ensure(hold !== undefined, `the hold of order ${orderId} was not loaded`);
  return isOverdue(hold, draft.nowMs) ? expireHold(draft, hold) : hold;
}

function applyLatePayment(
  draft: Draft,
  event: PaymentEvent,
  order: Order,
  hold: Hold,
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
    if (isSettled(draft.payments.get(paymentName(event)))) {
      return { result: 'ignored', orderStatus: order.status, stockDeducted: 0 };
    }
    return fulfil(draft, event, order, hold, money);
  }
  draft.orders.update(order.id, { ...order, status: 'refund_due' });
  owe(draft, event, order, money, 'late_payment');
  return { result: 'refund_due', orderStatus: 'refund_due', stockDeducted: 0 };
}

/** Stock falls, the hold is consumed, the order is paid: all in this one transaction. */
function fulfil(draft: Draft, event: PaymentEvent, order: Order, hold: Hold, money: Money): Applied {
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
  markFulfilled(draft, event, order, money);
  draft.tell({ kind: 'order_paid', order: paid });
  return { result: 'processed', orderStatus: 'paid', stockDeducted: order.quantity };
}
