import type { Dispute } from '../domain/dispute.ts';
import type { Hold, HoldStatus } from '../domain/hold.ts';
import { holdStatusAt } from '../domain/hold.ts';
import { toDecimal } from '../domain/money.ts';
import type { OperatorDecision } from '../domain/operator-decision.ts';
import type { OrderStatus } from '../domain/order.ts';
import { orderStatusAt } from '../domain/order.ts';
import { type PaymentAnswer, rowId } from '../domain/payment.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import { productVersion } from '../domain/product-version.ts';
import type { Refund } from '../domain/refund.ts';
import type { OrderAnswer } from '../domain/request-key.ts';
import type { OrderPayment } from '../payments/order-payments.ts';
import type { ListedPaymentEvent } from '../store/store-reader.ts';
import type { DecisionItem } from './schemas/decisions.ts';
import type { CreatedHoldAnswer, HoldAnswer, HoldItem } from './schemas/holds.ts';
import type { DisputeItem, OrderAnswerBody, OrderItem, RefundItem } from './schemas/orders.ts';
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
export function presentDecidedOrder(answer: OrderAnswer, payment: OrderPayment | null): OrderAnswerBody {
  return presentOrderAs(answer, answer.order.status, payment);
}

export function presentOrder(
  answer: OrderAnswer,
  payment: OrderPayment | null,
  nowMs: number,
): OrderAnswerBody {
  return presentOrderAs(answer, orderStatusAt(answer.order, nowMs), payment);
}

export function presentOrderItem(answer: OrderAnswer, nowMs: number): OrderItem {
  return { ...presentOrder(answer, null, nowMs), created_at: timeText(answer.order.createdAtMs) };
}

function presentOrderAs(
  { order, refunds, disputes = [] }: OrderAnswer,
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
    refunds: refunds.filter(isShown).map((refund) => ({
      refund_id: refund.id,
      amount: toDecimal(refund.amountMinor, refund.currency),
      currency: refund.currency,
      status: refund.status,
      reason: refund.reason,
      ...returnedOf(refund),
    })),
    ...(disputes.length === 0 ? {} : { disputes: disputes.map(presentDispute) }),
  };
}

/** What was returned and came back leaves a row of nothing. */
function isShown({ amountMinor }: Refund): boolean {
  return amountMinor > 0;
}

function presentDispute({ id, amountMinor, currency, status }: Dispute) {
  return { dispute_id: id, amount: toDecimal(amountMinor, currency), currency, status };
}

export function presentDisputeItem(dispute: Dispute): DisputeItem {
  return {
    ...presentDispute(dispute),
    order_id: dispute.orderId,
    hold_id: rowId(dispute.holdId),
    product_id: rowId(dispute.productId),
    payment: dispute.paymentName,
    created_at: timeText(dispute.createdAtMs),
  };
}

/** What went back of an owed sum by other ways. A refund that only records a return is that sum itself. */
function returnedOf({ owedMinor, returnedMinor, currency }: Refund): { readonly returned?: number } {
  return owedMinor > 0 && returnedMinor > 0 ? { returned: toDecimal(returnedMinor, currency) } : {};
}

export function presentRefund(refund: Refund): RefundItem {
  return {
    refund_id: refund.id,
    order_id: refund.orderId,
    hold_id: rowId(refund.holdId),
    product_id: rowId(refund.productId),
    payment: refund.paymentName,
    amount: toDecimal(refund.amountMinor, refund.currency),
    currency: refund.currency,
    status: refund.status,
    reason: refund.reason,
    ...returnedOf(refund),
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

export function presentPaymentEvent(event: ListedPaymentEvent): PaymentEventItem {
  const { answer, amountMinor, currency, resolution } = event;
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
    ...(resolution === undefined
      ? {}
      : {
          resolution: {
            decision: resolution.choice,
            reason: resolution.reason,
            decided_at: timeText(resolution.createdAtMs),
          },
        }),
  };
}

export function presentDecision(decision: OperatorDecision): DecisionItem {
  const { amountMinor, currency, eventKey } = decision;
  return {
    decision_id: decision.id,
    decision: decision.choice,
    ...(eventKey === null ? {} : { idempotency_key: eventKey }),
    payment: decision.paymentName,
    order_id: decision.orderId,
    hold_id: decision.holdId,
    product_id: decision.productId,
    amount: amountMinor === null || currency === null ? null : toDecimal(amountMinor, currency),
    currency,
    restocked: decision.restocked,
    reason: decision.reason,
    decided_at: timeText(decision.createdAtMs),
  };
}
