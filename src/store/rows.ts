import type { Insertable, Selectable } from 'kysely';
import type { Dispute } from '../domain/dispute.ts';
import type { Hold } from '../domain/hold.ts';
import { isOpen } from '../domain/hold.ts';
import { minorPerMajor } from '../domain/money.ts';
import type { OperatorDecision } from '../domain/operator-decision.ts';
import type { Order } from '../domain/order.ts';
import {
  isFact,
  type Payment,
  type PaymentAnswer,
  type PaymentDecision,
  type PaymentEvent,
} from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Product, StockChange } from '../domain/product.ts';
import type { RefusedPayment } from '../domain/refused-payment.ts';
import type { RequestKey } from '../domain/request-key.ts';
import type { Codec } from './dialects/dialect.ts';
import { outboxRowMapping } from './outbox-rows.ts';
import { refundRowMapping } from './refund-rows.ts';
import type {
  DisputesTable,
  HoldsTable,
  IdempotencyKeysTable,
  OperatorDecisionsTable,
  OrdersTable,
  PaymentIntentsTable,
  PaymentsTable,
  ProductsTable,
  RefusedPaymentsTable,
  RequestKeysTable,
  SqlInstant,
  SqlPaymentResult,
  StockChangesTable,
} from './tables.ts';

/** Rows to values of the domain and back, for one database's way of writing instants and truth values. */
export function rowMapping(codec: Codec) {
  const instant = codec.decodeInstant;
  const maybeInstant = (value: SqlInstant | null): number | null => (value === null ? null : instant(value));
  const encodeMaybe = (ms: number | null): SqlInstant | null =>
    ms === null ? null : codec.encodeInstant(ms);

  return {
    ...outboxRowMapping(codec),

    product: (row: Selectable<ProductsTable>): Product => ({
      id: row.id,
      name: row.name,
      priceMinor: row.price_minor,
      currency: row.currency,
      stock: row.stock,
      held: row.held,
      version: row.version,
      opensAtMs: maybeInstant(row.opens_at),
      closesAtMs: maybeInstant(row.closes_at),
    }),

    productRow: (product: Product): Selectable<ProductsTable> => ({
      id: product.id,
      name: product.name,
      price_minor: product.priceMinor,
      currency: product.currency,
      stock: product.stock,
      held: product.held,
      version: product.version,
      opens_at: encodeMaybe(product.opensAtMs),
      closes_at: encodeMaybe(product.closesAtMs),
    }),

    hold: (row: Selectable<HoldsTable>): Hold => ({
      id: row.id,
      productId: row.product_id,
      quantity: row.quantity,
      priceMinor: row.price_minor,
      status: row.status,
      releaseReason: row.release_reason,
      parked: row.parked,
      expiresAtMs: instant(row.expires_at),
      createdAtMs: instant(row.created_at),
    }),

    holdRow: (hold: Hold): Insertable<HoldsTable> => ({
      id: hold.id,
      product_id: hold.productId,
      quantity: hold.quantity,
      price_minor: hold.priceMinor,
      status: hold.status,
      open: codec.encodeBoolean(isOpen(hold)),
      consumed: codec.encodeBoolean(hold.status === 'consumed'),
      release_reason: hold.releaseReason,
      parked: hold.parked,
      expires_at: codec.encodeInstant(hold.expiresAtMs),
      created_at: codec.encodeInstant(hold.createdAtMs),
    }),

    order: (row: Omit<Selectable<OrdersTable>, 'total' | 'minor_per_major'>): Order => ({
      id: row.id,
      holdId: row.hold_id,
      productId: row.product_id,
      quantity: row.quantity,
      totalMinor: row.total_minor,
      currency: row.currency,
      status: row.status,
      paymentDueAtMs: instant(row.payment_due_at),
      createdAtMs: instant(row.created_at),
    }),

    orderRow: (order: Order): Insertable<OrdersTable> => ({
      id: order.id,
      hold_id: order.holdId,
      product_id: order.productId,
      quantity: order.quantity,
      total_minor: order.totalMinor,
      minor_per_major: minorPerMajor(order.currency),
      currency: order.currency,
      status: order.status,
      payment_due_at: codec.encodeInstant(order.paymentDueAtMs),
      created_at: codec.encodeInstant(order.createdAtMs),
    }),

    event: (row: Omit<Selectable<IdempotencyKeysTable>, 'id'>): PaymentEvent => ({
      key: row.idempotency_key,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      status: row.status,
      amountMinor: row.amount_minor,
      currency: row.currency,
      reference: row.payment_reference,
      result: row.result === 'parked_fact' ? 'parked' : row.result,
      answer: JSON.parse(row.answer) as PaymentAnswer,
      receivedAtMs: instant(row.received_at),
      ...(row.receipt_id === null ? {} : { receiptId: row.receipt_id }),
      ...(row.fact_id === null ? {} : { factId: row.fact_id }),
      ...(row.occurred_at === null ? {} : { occurredAtMs: instant(row.occurred_at) }),
    }),

    eventRow: (event: PaymentEvent): Insertable<IdempotencyKeysTable> => ({
      idempotency_key: event.key,
      order_id: event.orderId,
      hold_id: event.holdId,
      product_id: event.productId,
      status: event.status,
      amount_minor: event.amountMinor,
      currency: event.currency,
      payment_reference: event.reference,
      result: sqlResult(event),
      answer: JSON.stringify(event.answer),
      received_at: codec.encodeInstant(event.receivedAtMs),
      receipt_id: event.receiptId ?? null,
      fact_id: event.factId ?? null,
      occurred_at: encodeMaybe(event.occurredAtMs ?? null),
    }),

    payment: (row: Selectable<PaymentsTable>): Payment => ({
      name: row.name,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      amountMinor: row.amount_minor,
      currency: row.currency,
      decision: decisionOf(row),
      settlement: row.settlement,
      createdAtMs: instant(row.created_at),
    }),

    paymentRow: (payment: Payment): Insertable<PaymentsTable> => ({
      name: payment.name,
      order_id: payment.orderId,
      hold_id: payment.holdId,
      product_id: payment.productId,
      amount_minor: payment.amountMinor,
      currency: payment.currency,
      settlement: payment.settlement,
      decision: payment.decision,
      created_at: codec.encodeInstant(payment.createdAtMs),
    }),

    ...refundRowMapping(codec),

    dispute: (row: Omit<Selectable<DisputesTable>, 'id'>): Dispute => ({
      id: row.dispute_id,
      paymentName: row.payment_name,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      amountMinor: row.amount_minor,
      currency: row.currency,
      status: row.status,
      createdAtMs: instant(row.created_at),
    }),

    disputeRow: (dispute: Dispute): Insertable<DisputesTable> => ({
      payment_name: dispute.paymentName,
      dispute_id: dispute.id,
      order_id: dispute.orderId,
      hold_id: dispute.holdId,
      product_id: dispute.productId,
      amount_minor: dispute.amountMinor,
      currency: dispute.currency,
      status: dispute.status,
      created_at: codec.encodeInstant(dispute.createdAtMs),
    }),

    paymentIntent: (row: Selectable<PaymentIntentsTable>): PaymentIntent => ({
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      provider: row.provider,
      reference: row.reference,
      clientSecret: row.client_secret,
      status: row.status,
      createdAtMs: instant(row.created_at),
    }),

    paymentIntentRow: (intent: PaymentIntent): Insertable<PaymentIntentsTable> => ({
      order_id: intent.orderId,
      hold_id: intent.holdId,
      product_id: intent.productId,
      provider: intent.provider,
      reference: intent.reference,
      client_secret: intent.clientSecret,
      status: intent.status,
      created_at: codec.encodeInstant(intent.createdAtMs),
    }),

    requestKey: (row: Selectable<RequestKeysTable>): RequestKey =>
      ({
        scope: row.scope,
        key: row.idempotency_key,
        fingerprint: row.fingerprint,
        answer: JSON.parse(row.answer),
        createdAtMs: instant(row.created_at),
        ...(row.receipt_id === null ? {} : { receiptId: row.receipt_id }),
      }) as RequestKey,

    requestKeyRow: (key: RequestKey): Insertable<RequestKeysTable> => ({
      scope: key.scope,
      idempotency_key: key.key,
      fingerprint: key.fingerprint,
      answer: JSON.stringify(key.answer),
      created_at: codec.encodeInstant(key.createdAtMs),
      receipt_id: key.receiptId ?? null,
    }),

    operatorDecision: (row: Selectable<OperatorDecisionsTable>): OperatorDecision => ({
      id: row.id,
      choice: row.choice,
      eventKey: row.event_key,
      paymentName: row.payment_name,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      amountMinor: row.amount_minor,
      currency: row.currency,
      restocked: row.restocked,
      reason: row.reason,
      createdAtMs: instant(row.created_at),
    }),

    operatorDecisionRow: (decision: OperatorDecision): Insertable<OperatorDecisionsTable> => ({
      id: decision.id,
      choice: decision.choice,
      event_key: decision.eventKey,
      payment_name: decision.paymentName,
      order_id: decision.orderId,
      hold_id: decision.holdId,
      product_id: decision.productId,
      amount_minor: decision.amountMinor,
      currency: decision.currency,
      restocked: decision.restocked,
      reason: decision.reason,
      created_at: codec.encodeInstant(decision.createdAtMs),
    }),

    refusedPaymentRow: (refused: RefusedPayment): Insertable<RefusedPaymentsTable> => ({
      order_id: refused.orderId,
      hold_id: refused.holdId,
      product_id: refused.productId,
      provider: refused.provider,
      price_minor: refused.priceMinor,
      reason: refused.reason,
      created_at: codec.encodeInstant(refused.createdAtMs),
    }),

    stockChange: (row: Selectable<StockChangesTable>): StockChange => ({
      id: row.id,
      productId: row.product_id,
      change: row.units,
      reason: row.reason,
      createdAtMs: instant(row.created_at),
    }),

    stockChangeRow: (change: StockChange): Insertable<StockChangesTable> => ({
      id: change.id,
      product_id: change.productId,
      units: change.change,
      reason: change.reason,
      created_at: codec.encodeInstant(change.createdAtMs),
    }),
  };
}

/** The result of an event as its row has it. */
export function sqlResult(event: PaymentEvent): SqlPaymentResult {
  return event.result === 'parked' && isFact(event) ? 'parked_fact' : event.result;
}

/**
 * What was decided, as far as the row says it. A version before the column leaves it as it is when a flagged payment is settled; what
 * that says of a refunded payment only its refund knows (`older-payments.ts`).
 */
function decisionOf({ decision, settlement }: Selectable<PaymentsTable>): PaymentDecision {
  switch (settlement) {
    case 'fulfilled':
      return 'fulfilled';
    case 'flagged':
      return decision === 'nothing_due' ? 'nothing_due' : 'flagged';
    case 'refunded':
      return decision ?? 'owed';
  }
}

export type RowMapping = ReturnType<typeof rowMapping>;
