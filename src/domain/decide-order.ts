import { endOrder } from './apply-payment.ts';
import type { CancelOrder, CreateOrder } from './commands.ts';
import { applyParkedEvents } from './decide-payment.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { holdStatusAt } from './hold.ts';
import { totalOf } from './money.ts';
import type { Order } from './order.ts';
import { orderStatusAt } from './order.ts';
import type { OutcomeOf } from './outcomes.ts';
import type { OrderAnswer } from './request-key.ts';
import { requestKeyName } from './request-key.ts';
import { deadlineAfter } from './time.ts';

/**
 * Turns a hold into an order at the price of the hold, once. The units stay reserved without a gap: the
 * hold's deadline moves to the payment deadline. Payments that came early are applied here, so the order may
 * be answered as paid.
 */
export function decideCreateOrder(draft: Draft, command: CreateOrder): OutcomeOf<CreateOrder> {
  const { orderId, holdId, idempotencyKey } = command;
  const fingerprint = String(holdId);
  if (idempotencyKey !== null) {
    const known = draft.requestKeys.get(requestKeyName('orders', idempotencyKey));
    if (known?.scope === 'orders') {
      return known.fingerprint === fingerprint
        ? // It is this very command's own order if the outcome of its commit was unknown.
          { kind: 'order_created', ...known.answer, replayed: known.answer.order.id !== orderId }
        : { kind: 'refused', code: 'idempotency_key_reused' };
    }
  }
  const hold = draft.holds.get(holdId);
  if (hold === undefined) {
    return { kind: 'refused', code: 'hold_not_found' };
  }
  const existing = draft.orderOfHold(holdId);
  if (existing !== undefined) {
    // It is this very command's own order if the outcome of its commit was unknown.
    return existing.id === orderId
      ? { kind: 'order_created', ...answerOf(draft, orderId), replayed: false }
      : { kind: 'refused', code: 'hold_already_ordered', orderId: existing.id };
  }
  if (holdStatusAt(hold, draft.nowMs) === 'released') {
    return { kind: 'refused', code: hold.releaseReason === 'released' ? 'hold_released' : 'hold_expired' };
  }

  ensure(hold.status === 'held', `hold ${holdId} is ${hold.status} without an order`);
  const product = draft.products.get(hold.productId);
  const totalMinor = totalOf(hold.priceMinor, hold.quantity);
  ensure(product !== undefined && totalMinor !== null, `hold ${holdId} has no product or no exact total`);
  const paymentDueAtMs = deadlineAfter(draft.nowMs, draft.rules.paymentSeconds);
  const order: Order = {
    id: orderId,
    holdId,
    productId: hold.productId,
    quantity: hold.quantity,
    totalMinor,
    currency: product.currency,
    status: 'pending',
    paymentDueAtMs,
    createdAtMs: draft.nowMs,
  };
  draft.insertOrder(order);
  draft.updateHold(hold, { ...hold, status: 'ordered', expiresAtMs: paymentDueAtMs });
  draft.tell({ kind: 'order_created', order });
  applyParkedEvents(draft, order);

  const answer = answerOf(draft, orderId);
  if (idempotencyKey !== null) {
    draft.requestKeys.insert(requestKeyName('orders', idempotencyKey), {
      scope: 'orders',
      key: idempotencyKey,
      fingerprint,
      answer,
      createdAtMs: draft.nowMs,
    });
  }
  return { kind: 'order_created', ...answer, replayed: false };
}

/**
 * Cancels a pending order and gives its units back. Again is a no-op; any other state is refused with what
 * the order is.
 */
export function decideCancelOrder(draft: Draft, { orderId }: CancelOrder): OutcomeOf<CancelOrder> {
  const order = draft.orders.get(orderId);
  if (order === undefined) {
    return { kind: 'refused', code: 'order_not_found' };
  }
  const orderStatus = orderStatusAt(order, draft.nowMs);
  if (orderStatus === 'pending') {
    endOrder(draft, order, 'cancelled');
  } else if (orderStatus !== 'cancelled') {
    return { kind: 'refused', code: 'order_not_cancellable', orderStatus };
  }
  return { kind: 'order_cancelled', ...answerOf(draft, orderId) };
}

/** An order as a command leaves it, with what belongs to it. */
export function answerOf(draft: Draft, orderId: number): OrderAnswer {
  const order = draft.orders.get(orderId);
  ensure(order !== undefined, `order ${orderId} vanished`);
  const refunds = draft.refundsOfOrder(orderId);
  const disputes = draft.disputesOfOrder(orderId);
  return { order, refunds, ...(disputes.length === 0 ? {} : { disputes }) };
}
