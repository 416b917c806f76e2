import type { Insertable, Selectable } from 'kysely';
import type { Hold } from '../domain/hold.ts';
import { isOpen } from '../domain/hold.ts';
import { minorPerMajor } from '../domain/money.ts';
import type { Order } from '../domain/order.ts';
import type { Payment, PaymentAnswer, PaymentEvent } from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Product, StockChange } from '../domain/product.ts';
import type { Refund } from '../domain/refund.ts';
import type { RequestKey } from '../domain/request-key.ts';
import type { Codec } from './dialects/dialect.ts';
import { outboxRowMapping } from './outbox-rows.ts';
import type {
  HoldsTable,
  IdempotencyKeysTable,
  OrdersTable,
  PaymentIntentsTable,
  PaymentsTable,
  ProductsTable,
  RefundsTable,
  RequestKeysTable,
  SqlInstant,
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
      result: row.result,
      answer: JSON.parse(row.answer) as PaymentAnswer,
      receivedAtMs: instant(row.received_at),
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
      result: event.result,
      answer: JSON.stringify(event.answer),
      received_at: codec.encodeInstant(event.receivedAtMs),
    }),

    payment: (row: Selectable<PaymentsTable>): Payment => ({
      name: row.name,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      amountMinor: row.amount_minor,
      currency: row.currency,
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
      created_at: codec.encodeInstant(payment.createdAtMs),
    }),

    refund: (row: Selectable<RefundsTable>): Refund => ({
      id: row.id,
      paymentName: row.payment_name,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      amountMinor: row.amount_minor,
      currency: row.currency,
      status: row.status,
      reason: row.reason,
      createdAtMs: instant(row.created_at),
      attempts: row.attempts,
      nextAttemptAtMs: maybeInstant(row.next_attempt_at),
      firstSentAtMs: maybeInstant(row.first_sent_at),
      providerReference: row.provider_reference,
      lastError: row.last_error,
    }),

    refundRow: (refund: Refund): Insertable<RefundsTable> => ({
      id: refund.id,
      payment_name: refund.paymentName,
      order_id: refund.orderId,
      hold_id: refund.holdId,
      product_id: refund.productId,
      amount_minor: refund.amountMinor,
      currency: refund.currency,
      status: refund.status,
      reason: refund.reason,
      created_at: codec.encodeInstant(refund.createdAtMs),
      attempts: refund.attempts,
      next_attempt_at: encodeMaybe(refund.nextAttemptAtMs),
      first_sent_at: encodeMaybe(refund.firstSentAtMs),
      provider_reference: refund.providerReference,
      last_error: refund.lastError,
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
      }) as RequestKey,

    requestKeyRow: (key: RequestKey): Insertable<RequestKeysTable> => ({
      scope: key.scope,
      idempotency_key: key.key,
      fingerprint: key.fingerprint,
      answer: JSON.stringify(key.answer),
      created_at: codec.encodeInstant(key.createdAtMs),
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

export type RowMapping = ReturnType<typeof rowMapping>;
