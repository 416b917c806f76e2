import { toDecimal, toMinor } from '../../src/domain/money.ts';
import type { OrderStatus } from '../../src/domain/order.ts';
import type { IncomingPaymentEvent, PaymentAnswer } from '../../src/domain/payment.ts';
import type { HoldSeen, OrderSeen, PlainRefusalCode, Reply } from '../history/history.ts';
import type { Request } from '../stories/counter.ts';
import type { Body, CheckoutClient, Reply as HttpReply } from '../support/checkout-client.ts';

/** Asks a node over HTTP. Resolves to null when the connection falls before there is a whole answer. */
export async function sendRequest(client: CheckoutClient, request: Request): Promise<Reply | null> {
  const answer = await answerTo(client, request).catch(() => null);
  return answer === null ? null : replyOf(request, answer);
}

function answerTo(client: CheckoutClient, request: Request): Promise<HttpReply> {
  switch (request.kind) {
    case 'create_hold':
      return client.hold(request.productId, request.quantity, keyHeader(request.idempotencyKey));
    case 'create_order':
      return client.order(request.holdId, keyHeader(request.idempotencyKey));
    case 'release_hold':
      return client.release(request.holdId);
    case 'cancel_order':
      return client.cancel(request.orderId);
    case 'apply_payment_event':
      return client.pay(eventBody(request.event));
    case 'change_stock': {
      const { productId, change, reason } = request;
      return client.admin('POST', `/products/${productId}/stock`, { change, reason });
    }
    case 'settle_refund':
      return client.admin('POST', `/refunds/${request.refundId}/settle`);
  }
}

function keyHeader(key: string | null): Readonly<Record<string, string>> {
  return key === null ? {} : { 'idempotency-key': key };
}

function eventBody(event: IncomingPaymentEvent): Readonly<Record<string, unknown>> {
  const { key, orderId, holdId, status, amountMinor, currency, reference } = event;
  return {
    idempotency_key: key,
    status,
    ...(orderId === null ? {} : { order_id: orderId }),
    ...(holdId === null ? {} : { hold_id: holdId }),
    ...(reference === null ? {} : { payment_reference: reference }),
    ...(amountMinor === null || currency === null
      ? {}
      : { amount: toDecimal(amountMinor, currency), currency }),
  };
}

function replyOf({ kind }: Request, answer: HttpReply): Reply {
  const { status, body, headers } = answer;
  if (status >= 300) {
    return refusalOf(answer);
  }
  const replayed = headers['idempotency-replayed'] === 'true';
  switch (kind) {
    case 'create_hold':
      return { kind: 'hold_created', hold: holdOf(body), replayed };
    case 'create_order':
      return { kind: 'order_created', order: orderOf(body), replayed };
    case 'release_hold':
      return { kind: 'hold_let_go' };
    case 'cancel_order':
      return { kind: 'order_cancelled', order: orderOf(body) };
    case 'apply_payment_event':
      return { kind: 'payment_event_answered', answer: paymentAnswerOf(body), replayed };
    case 'change_stock':
      return { kind: 'stock_changed' };
    case 'settle_refund':
      return { kind: 'refund_settled', refund: { id: body.refund_id } };
  }
}

const plainRefusals: readonly string[] = [
  'insufficient_stock',
  'hold_not_found',
  'hold_expired',
  'hold_released',
  'hold_consumed',
  'order_not_found',
  'stock_below_held',
] satisfies readonly PlainRefusalCode[];

/** An answer that no request of these buyers deserves counts as a defect. */
function refusalOf({ status, body, text }: HttpReply): Reply {
  const { code, order_id: orderId, order_status: orderStatus } = body;
  if (status === 503) {
    return { kind: 'failed', code: code as 'overloaded' | 'database_unavailable' | 'shutting_down' };
  }
  if (code === 'hold_already_ordered') {
    return { kind: 'refused', code, orderId };
  }
  if (code === 'order_not_cancellable') {
    return { kind: 'refused', code, orderStatus: orderStatus as OrderStatus };
  }
  return plainRefusals.includes(code)
    ? { kind: 'refused', code: code as PlainRefusalCode }
    : { kind: 'failed', code: 'internal_error', cause: `${status} ${text}` };
}

function holdOf({ hold_id, product_id, quantity, expires_at }: Body): HoldSeen {
  return { id: hold_id, productId: product_id, quantity, expiresAtMs: Date.parse(expires_at) };
}

function orderOf({ order_id, hold_id, total, currency, status, payment_due_at }: Body): OrderSeen {
  return {
    id: order_id,
    holdId: hold_id,
    totalMinor: minorOf(total, currency),
    status: status as OrderStatus,
    paymentDueAtMs: Date.parse(payment_due_at),
  };
}

function paymentAnswerOf({ result, order_id, order_status, stock_deducted }: Body): PaymentAnswer {
  return result === 'parked'
    ? { result }
    : ({
        result,
        orderId: order_id,
        orderStatus: order_status,
        stockDeducted: stock_deducted,
      } as PaymentAnswer);
}

/** @throws Error when an amount is no whole number of minor units */
export function minorOf(amount: number, currency: string): number {
  const minor = toMinor(amount, currency);
  if (minor === null) {
    throw new Error(`${amount} ${currency} is no amount of money`);
  }
  return minor;
}
