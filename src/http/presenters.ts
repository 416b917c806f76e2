import type { Hold, HoldStatus } from '../domain/hold.ts';
import { holdStatusAt } from '../domain/hold.ts';
import { toDecimal } from '../domain/money.ts';
import type { Order, OrderStatus } from '../domain/order.ts';
import { orderStatusAt } from '../domain/order.ts';
import type { PaymentAnswer, PaymentEvent } from '../domain/payment.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import { productVersion } from '../domain/product-version.ts';
import type { Refund } from '../domain/refund.ts';
import type { OrderPayment } from '../payments/order-payments.ts';
import type { CreatedHoldAnswer, HoldAnswer, HoldItem } from './schemas/holds.ts';
import type { OrderAnswerBody, OrderItem, RefundItem } from './schemas/orders.ts';
import type { PaymentAnswerBody, PaymentEventItem } from './schemas/payments.ts';
import type { AdminProductAnswer, ProductAnswer } from './schemas/products.ts';
import { timeText, timeTextOrNull } from './time-text.ts';

export function presentProduct(product: ProductSnapshot): ProductAnswer {
  return {
    id: product.id,
    name: product.name,
    price: toDecimal(product.priceMinor, product.currency),
    currency: product.currency,
    stock: product.stock,
    held_stock: product.heldStock,
    available_stock: product.stock - product.heldStock,
    next_release_at: timeTextOrNull(product.nextReleaseAtMs),
    opens_at: timeTextOrNull(product.opensAtMs),
    closes_at: timeTextOrNull(product.closesAtMs),
  };
}

/** The same for operators, with the version of the edited fields. */
export function presentAdminProduct(product: ProductSnapshot): AdminProductAnswer {
  return { ...presentProduct(product), version: productVersion(product) };
}

/**
 * The answer of a hold's creation. It shows the stored status, so that a replay a day later is the same
 * answer.
 */
export function presentCreatedHold(hold: Hold): CreatedHoldAnswer {
  return presentHoldAs(hold, hold.status);
}

export function presentHold(hold: Hold, orderId: number | null, nowMs: number): HoldAnswer {
  return { ...presentHoldAs(hold, holdStatusAt(hold, nowMs)), order_id: orderId };
}

export function presentHoldItem(hold: Hold, orderId: number | null, nowMs: number): HoldItem {
  return { ...presentHold(hold, orderId, nowMs), created_at: timeText(hold.createdAtMs) };
}

function presentHoldAs(hold: Hold, status: HoldStatus): CreatedHoldAnswer {
  return {
    hold_id: hold.id,
    expires_at: timeText(hold.expiresAtMs),
    product_id: hold.productId,
    quantity: hold.quantity,
    status,
  };
}

/**
 * An order as a command left it: it shows the stored status, so that a replay a day later is the same answer.
 */
export function presentDecidedOrder(
  order: Order,
  refunds: readonly Refund[],
  payment: OrderPayment | null,
): OrderAnswerBody {
  return presentOrderAs(order, refunds, order.status, payment);
}

export function presentOrder(
  order: Order,
  refunds: readonly Refund[],
  payment: OrderPayment | null,
  nowMs: number,
): OrderAnswerBody {
  return presentOrderAs(order, refunds, orderStatusAt(order, nowMs), payment);
}

export function presentOrderItem(order: Order, refunds: readonly Refund[], nowMs: number): OrderItem {
  return { ...presentOrder(order, refunds, null, nowMs), created_at: timeText(order.createdAtMs) };
}

function presentOrderAs(
  order: Order,
  refunds: readonly Refund[],
  status: OrderStatus,
  payment: OrderPayment | null,
): OrderAnswerBody {
  return {
    order_id: order.id,
    hold_id: order.holdId,
    product_id: order.productId,
    quantity: order.quantity,
    total: toDecimal(order.totalMinor, order.currency),
    currency: order.currency,
    status,
    payment_due_at: timeText(order.paymentDueAtMs),
    payment: payment === null ? null : { provider: payment.provider, client_secret: payment.clientSecret },
    refunds: refunds.map((refund) => ({
      refund_id: refund.id,
      amount: toDecimal(refund.amountMinor, refund.currency),
      currency: refund.currency,
      status: refund.status,
      reason: refund.reason,
    })),
  };
}

export function presentRefund(refund: Refund): RefundItem {
  return {
    refund_id: refund.id,
    order_id: refund.orderId,
    hold_id: refund.holdId,
    product_id: refund.productId,
    payment: refund.paymentName,
    amount: toDecimal(refund.amountMinor, refund.currency),
    currency: refund.currency,
    status: refund.status,
    reason: refund.reason,
    created_at: timeText(refund.createdAtMs),
  };
}

export function presentPaymentAnswer(
  answer: Exclude<PaymentAnswer, { result: 'parked' }>,
): PaymentAnswerBody {
  return {
    result: answer.result,
    order_id: answer.orderId,
    order_status: answer.orderStatus,
    stock_deducted: answer.stockDeducted,
  };
}

export function presentPaymentEvent(event: PaymentEvent): PaymentEventItem {
  const { answer, amountMinor, currency } = event;
  const answered = answer.result === 'parked' ? null : answer;
  return {
    idempotency_key: event.key,
    order_id: event.orderId,
    hold_id: event.holdId,
    product_id: event.productId,
    status: event.status,
    amount: amountMinor === null || currency === null ? null : toDecimal(amountMinor, currency),
    currency,
    payment_reference: event.reference,
    result: event.result,
    order_status: answered?.orderStatus ?? null,
    stock_deducted: answered?.stockDeducted ?? null,
    received_at: timeText(event.receivedAtMs),
  };
}
