import type { OrderStatus } from '../../src/domain/order.ts';
import type { PaymentEvent } from '../../src/domain/payment.ts';
import type { RefundReason, RefundStatus } from '../../src/domain/refund.ts';
import type { Books } from '../history/history.ts';
import type { Body, CheckoutClient } from '../support/checkout-client.ts';
import { minorOf } from './http-request.ts';

/** What a node's lists for operators say by now. */
export async function readBooks(client: CheckoutClient, productIds: readonly number[]): Promise<Books> {
  const [products, holds, orders, events, refunds] = await Promise.all([
    Promise.all(productIds.map((id) => client.product(id))),
    client.items('/holds'),
    client.items('/orders'),
    client.items('/payment-events'),
    client.items('/refunds'),
  ]);
  return {
    products: products.map(({ body }) => ({ id: body.id, stock: body.stock, held: body.held_stock })),
    holds: holds.map(holdIn),
    orders: orders.map(orderIn),
    events: events.map(eventIn),
    refunds: refunds.map(refundIn),
  };
}

/** Whether nothing is left that time, a worker or an operator would still change. */
export function isAtRest({ holds, events, refunds }: Books): boolean {
  return (
    holds.every(({ status }) => status === 'released' || status === 'consumed') &&
    events.every(({ result }) => result !== 'parked') &&
    refunds.every(({ status }) => status === 'succeeded')
  );
}

/** The lists have more members than one type of answers can name. */
type Item = Body & Readonly<Record<string, unknown>>;

function holdIn(item: Item): Books['holds'][number] {
  const { hold_id, product_id, quantity, status, created_at } = item;
  return {
    id: hold_id,
    productId: product_id,
    quantity,
    status: status as Books['holds'][number]['status'],
    createdAtMs: Date.parse(String(created_at)),
  };
}

function orderIn(item: Item): Books['orders'][number] {
  const { order_id, hold_id, product_id, quantity, total, currency, status, created_at } = item;
  return {
    id: order_id,
    holdId: hold_id,
    productId: product_id,
    quantity,
    totalMinor: minorOf(total, currency),
    status: status as OrderStatus,
    createdAtMs: Date.parse(String(created_at)),
  };
}

function eventIn(item: Item): Books['events'][number] {
  const { idempotency_key, order_id, amount, currency, status, result } = item;
  return {
    key: idempotency_key,
    orderId: order_id,
    holdId: item.hold_id,
    status: status as PaymentEvent['status'],
    amountMinor: amount === null ? null : minorOf(amount, currency),
    currency,
    reference: item.payment_reference as string | null,
    result: result as PaymentEvent['result'],
    receivedAtMs: Date.parse(String(item.received_at)),
  };
}

function refundIn(item: Item): Books['refunds'][number] {
  const { refund_id, order_id, amount, currency, status, reason, payment } = item;
  // Nothing is returned at the provider in these runs: what went back was sent by the operator.
  const sentMinor = status === 'succeeded' ? minorOf(amount, currency) : 0;
  return {
    returnedMinor: 0,
    sentMinor,
    id: refund_id,
    paymentName: String(payment),
    orderId: order_id,
    amountMinor: minorOf(amount, currency),
    status: status as RefundStatus,
    reason: reason as RefundReason,
  };
}
