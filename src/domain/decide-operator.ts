import { expireIfOverdue, fulfil, wasReturned } from './apply-payment.ts';
import type { PayOrder, RefundOrder } from './commands.ts';
import { answerOf } from './decide-order.ts';
import { recordStockChange } from './decide-product.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { claimUnits } from './expiry.ts';
import { currencyDecimals, toDecimal, toMinor } from './money.ts';
import type { NextRelease } from './next-release.ts';
import type { OperatorDecision } from './operator-decision.ts';
import type { Order } from './order.ts';
import { orderStatusAt } from './order.ts';
import type { Deferred, OutcomeOf, Refusal } from './outcomes.ts';
import { type Payment, referenceName } from './payment.ts';
import { stockMax } from './product.ts';
import { factsOf } from './project-payment.ts';
import { isSettled, putOwed } from './settlement.ts';

/**
 * Sends money of a paid order back, all that is left of it or a part. The order stays paid until all of its money has gone. With
 * `restock` the units go back on the shelf in the same transaction.
 */
export function decideRefundOrder(draft: Draft, command: RefundOrder): OutcomeOf<RefundOrder> {
  const order = draft.orders.get(command.orderId);
  if (order === undefined) {
    return { kind: 'refused', code: 'order_not_found' };
  }
  if (draft.operatorDecisions.has(command.decisionId)) {
    // The outcome of this command's commit was unknown: it did take place.
    return { kind: 'order_refund_due', ...answerOf(draft, order.id) };
  }
  const payment = draft.paymentsOfHold(order.holdId).find(({ decision }) => decision === 'fulfilled');
  const orderStatus = orderStatusAt(order, draft.nowMs);
  if (orderStatus !== 'paid' || payment === undefined) {
    return { kind: 'refused', code: 'order_not_refundable', orderStatus };
  }
  const owedMinor = draft.refundOf(payment.name)?.owedMinor ?? 0;
  const takenMinor = Math.max(owedMinor, factsOf(draft, payment).goneMinor);
  const leftMinor = payment.amountMinor - takenMinor;
  if (leftMinor === 0) {
    return { kind: 'refused', code: 'order_not_refundable', orderStatus };
  }
  const amountMinor = readAmount(command, order.currency, leftMinor);
  if (typeof amountMinor !== 'number') {
    return amountMinor;
  }
  if (command.restock) {
    const refusal = restock(draft, command, order, amountMinor === leftMinor);
    if (refusal !== null) {
      return refusal;
    }
  }
  decided(draft, command, payment.name, order, {
    choice: 'refund',
    amountMinor,
    restocked: command.restock ? order.quantity : 0,
  });
  putOwed(draft, payment, takenMinor + amountMinor, 'requested');
  return { kind: 'order_refund_due', ...answerOf(draft, order.id) };
}

function readAmount({ amount }: RefundOrder, currency: string, leftMinor: number): number | Refusal<never> {
  if (amount === null) {
    return leftMinor;
  }
  const minor = toMinor(amount, currency);
  if (minor === null) {
    const decimals = currencyDecimals(currency);
    return invalid('amount', `expected at most ${decimals} decimals, as ${currency} has, got ${amount}`);
  }
  return minor > leftMinor
    ? invalid(
        'amount',
        `expected at most ${toDecimal(leftMinor, currency)} ${currency}, which is left of the payment, got ${amount}`,
      )
    : minor;
}

/** Puts the units of an order back on the shelf. Its hold stays consumed: the change of stock accounts for the units. */
function restock(
  draft: Draft,
  { stockChangeId, reason }: RefundOrder,
  { id, productId, quantity }: Order,
  isFull: boolean,
): Refusal<never> | null {
  if (!isFull) {
    return invalid('restock', 'expected a refund of all that is left, got a part of it');
  }
  const product = draft.products.get(productId);
  ensure(product !== undefined, `product ${productId} was not locked`);
  if (product.stock + quantity > stockMax) {
    return invalid('restock', `expected a stock of at most ${stockMax}, got ${product.stock + quantity}`);
  }
  draft.products.update(productId, { ...product, stock: product.stock + quantity });
  recordStockChange(draft, {
    id: stockChangeId,
    productId,
    change: quantity,
    reason: `order ${id} refunded: ${reason}`,
  });
  return null;
}

/**
 * Lets money that came by another way than a payment event buy an order: stock falls, the hold is consumed and the order is paid in one
 * transaction. What cannot be bought is refused, and nothing of the payment is recorded.
 */
export function decidePayOrder(draft: Draft, command: PayOrder): OutcomeOf<PayOrder, NextRelease> | Deferred {
  const { orderId, decisionId, amountMinor, currency } = command;
  const known = draft.orders.get(orderId);
  if (known === undefined) {
    return { kind: 'refused', code: 'order_not_found' };
  }
  if (draft.operatorDecisions.has(decisionId)) {
    // The outcome of this command's commit was unknown: it did take place.
    return { kind: 'order_paid', ...answerOf(draft, orderId) };
  }
  expireIfOverdue(draft, orderId);
  const order = draft.orders.get(orderId) ?? known;
  const name = referenceName(command.reference);
  const money = { amountMinor, currency };
  if (order.status === 'paid' || order.status === 'refund_due' || order.status === 'refunded') {
    return { kind: 'refused', code: 'order_not_payable', orderStatus: order.status };
  }
  if (currency !== order.currency) {
    return invalid('currency', `expected ${order.currency}, in which the order is, got ${currency}`);
  }
  if (amountMinor !== order.totalMinor) {
    const total = toDecimal(order.totalMinor, currency);
    return invalid(
      'amount',
      `expected ${total} ${currency}, the total of the order, got ${toDecimal(amountMinor, currency)}`,
    );
  }
  const settled = draft.payments.get(name);
  if (isSettled(settled) || wasReturned(draft, name, order, money)) {
    return alreadySettled(settled);
  }
  if (order.status !== 'pending') {
    const refusal = takeUnits(draft, order);
    if (refusal !== null) {
      return refusal;
    }
    // A hold that was released for the units may have ended with this very payment parked under it.
    const since = draft.payments.get(name);
    if (isSettled(since)) {
      return alreadySettled(since);
    }
  }
  decided(draft, command, name, order, { choice: 'pay', amountMinor, restocked: 0 });
  fulfil(draft, name, order, money);
  return { kind: 'order_paid', ...answerOf(draft, orderId) };
}

function alreadySettled(payment: Payment | undefined): Refusal<never> {
  return { kind: 'refused', code: 'payment_already_settled', orderId: payment?.orderId ?? null };
}

/** Makes the units of an order that has ended free once more, or says why they are not. */
function takeUnits(
  draft: Draft,
  { productId, quantity }: Order,
): OutcomeOf<PayOrder, NextRelease> | Deferred | null {
  const product = draft.products.get(productId);
  ensure(product !== undefined, `product ${productId} was not locked`);
  const availableStock = draft.availableStock(product);
  if (availableStock < quantity) {
    return {
      kind: 'refused',
      code: 'insufficient_stock',
      availableStock,
      requested: quantity,
      nextReleaseAtMs: draft.nextReleaseAtMs(productId),
    };
  }
  return claimUnits(draft, productId, quantity) === 'deferred' ? { kind: 'deferred' } : null;
}

function decided(
  draft: Draft,
  { decisionId, reason }: PayOrder | RefundOrder,
  paymentName: string,
  { id: orderId, holdId, productId, currency }: Order,
  what: Pick<OperatorDecision, 'choice' | 'amountMinor' | 'restocked'>,
): void {
  const decision: OperatorDecision = {
    id: decisionId,
    eventKey: null,
    paymentName,
    orderId,
    holdId,
    productId,
    currency,
    reason,
    createdAtMs: draft.nowMs,
    ...what,
  };
  draft.operatorDecisions.insert(decision.id, decision);
  draft.tell({ kind: 'operator_decided', decision });
}

function invalid(field: string, message: string): Refusal<never> {
  return { kind: 'refused', code: 'invalid_request', field, message };
}
