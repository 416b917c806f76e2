import type { Dispute } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Needs } from '../../src/domain/needs.ts';
import type { OperatorDecision } from '../../src/domain/operator-decision.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Delivery, OutgoingContent, OutgoingEvent } from '../../src/domain/outgoing-event.ts';
import type { Payment, PaymentEvent } from '../../src/domain/payment.ts';
import type { PaymentIntent } from '../../src/domain/payment-intent.ts';
import type { Product, StockChange } from '../../src/domain/product.ts';
import type { Refund } from '../../src/domain/refund.ts';
import { unsent } from '../../src/domain/refund.ts';
import type { RefusedPayment } from '../../src/domain/refused-payment.ts';
import type { RequestKey } from '../../src/domain/request-key.ts';
import type { Changes, RowChanges, State } from '../../src/domain/state.ts';
import type { Store } from '../../src/store/store.ts';

/** Rows for tests of the store. Each builder gives the plainest row; a test names only what it is about. */

/** A whole second, as deadlines are, in the past of every clock. */
export const longAgoMs = Date.UTC(2025, 0, 1, 12, 0, 0);
/** A whole second that no test lives to see. */
export const farAheadMs = Date.UTC(2035, 0, 1, 12, 0, 0);
/** The largest id, and the largest amount: every integer up to here is exact. */
export const largest = Number.MAX_SAFE_INTEGER;

export function productRow(over: Partial<Product> = {}): Product {
  return {
    id: 1,
    name: 'Flash Phone',
    priceMinor: 119_999,
    currency: 'USD',
    stock: 50,
    held: 0,
    version: 1,
    opensAtMs: null,
    closesAtMs: null,
    ...over,
  };
}

export function holdRow(over: Partial<Hold> = {}): Hold {
  const status = over.status ?? 'held';
  return {
    id: 70,
    productId: 1,
    quantity: 2,
    priceMinor: 119_999,
    status,
    releaseReason: status === 'released' ? 'expired' : null,
    parked: null,
    expiresAtMs: farAheadMs,
    createdAtMs: longAgoMs + 123,
    ...over,
  };
}

export function orderRow(over: Partial<Order> = {}): Order {
  return {
    id: 500,
    holdId: 70,
    productId: 1,
    quantity: 2,
    totalMinor: 239_998,
    currency: 'USD',
    status: 'pending',
    paymentDueAtMs: farAheadMs,
    createdAtMs: longAgoMs + 456,
    ...over,
  };
}

export function eventRow(over: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    key: 'evt_1',
    orderId: null,
    holdId: 70,
    productId: 1,
    status: 'paid',
    amountMinor: 239_998,
    currency: 'USD',
    reference: 'pi_1',
    result: 'parked',
    answer: { result: 'parked' },
    receivedAtMs: longAgoMs + 789,
    ...over,
  };
}

export function paymentRow(over: Partial<Payment> = {}): Payment {
  return {
    name: 'ref:pi_1',
    orderId: 500,
    holdId: 70,
    productId: 1,
    amountMinor: 239_998,
    currency: 'USD',
    decision: over.settlement === 'refunded' ? 'owed' : (over.settlement ?? 'fulfilled'),
    settlement: 'fulfilled',
    createdAtMs: longAgoMs + 789,
    ...over,
  };
}

export function refundRow(over: Partial<Refund> = {}): Refund {
  const { reason = 'late_payment', status = 'due', amountMinor = 239_998, id = 900 } = over;
  const isReturn = reason === 'returned' || reason === 'returned_in_part';
  const sentMinor = !isReturn && status === 'succeeded' ? amountMinor : 0;
  return {
    id,
    paymentName: 'ref:pi_1',
    orderId: 500,
    holdId: 70,
    productId: 1,
    amountMinor,
    owedMinor: isReturn ? 0 : amountMinor,
    returnedMinor: isReturn ? amountMinor : 0,
    sentMinor,
    currency: 'USD',
    status,
    reason,
    createdAtMs: longAgoMs + 790,
    ...unsent,
    sends: sentMinor === 0 ? [] : [{ reference: `re_${id}`, amountMinor: sentMinor, atMs: longAgoMs + 795 }],
    ...over,
  };
}

export function disputeRow(over: Partial<Dispute> = {}): Dispute {
  return {
    id: 'dp_1',
    paymentName: 'ref:pi_1',
    orderId: 500,
    holdId: 70,
    productId: 1,
    amountMinor: 100,
    currency: 'USD',
    status: 'open',
    createdAtMs: longAgoMs + 792,
    ...over,
  };
}

export function intentRow(over: Partial<PaymentIntent> = {}): PaymentIntent {
  return {
    orderId: 500,
    holdId: 70,
    productId: 1,
    provider: 'stripe',
    reference: 'pi_1',
    clientSecret: 'pi_1_secret',
    status: 'open',
    createdAtMs: longAgoMs + 500,
    ...over,
  };
}

/** Tells of `orderRow`, without refunds. */
export function outgoingEventRow(
  over: Partial<Omit<OutgoingEvent, 'type' | 'data'>> & Partial<OutgoingContent> = {},
): OutgoingEvent {
  return {
    id: 7_000,
    type: 'order.created',
    data: { order: orderRow(), refunds: [] },
    productId: 1,
    orderId: 500,
    holdId: 70,
    productVersion: 2,
    position: 0,
    createdAtMs: longAgoMs + 600,
    ...over,
  } as OutgoingEvent;
}

export function deliveryRow(over: Partial<Delivery> = {}): Delivery {
  return {
    id: 8_000,
    eventId: 7_000,
    endpoint: 'shop',
    status: 'pending',
    attempts: 0,
    nextAttemptAtMs: longAgoMs + 600,
    lastError: null,
    chain: null,
    productVersion: 1,
    position: 0,
    ...over,
  };
}

export function holdKeyRow(key: string, createdAtMs = longAgoMs): RequestKey {
  return { scope: 'holds', key, fingerprint: '1:2', answer: holdRow(), createdAtMs };
}

export function orderKeyRow(key: string, createdAtMs = longAgoMs): RequestKey {
  const answer = { order: orderRow(), refunds: [refundRow()] };
  return { scope: 'orders', key, fingerprint: '70', answer, createdAtMs };
}

export function settlementKeyRow(key: string, createdAtMs = longAgoMs): RequestKey {
  const answer = { kind: 'refund_settled', refund: refundRow() } as const;
  return { scope: 'admin/settle', key, fingerprint: 'f'.repeat(64), answer, createdAtMs };
}

export function stockChangeRow(over: Partial<StockChange> = {}): StockChange {
  return { id: 800, productId: 1, change: 50, reason: 'first stock', createdAtMs: longAgoMs, ...over };
}

export function operatorDecisionRow(over: Partial<OperatorDecision> = {}): OperatorDecision {
  return {
    id: 900,
    choice: 'refund',
    eventKey: null,
    paymentName: 'ref:pi_1',
    orderId: 501,
    holdId: 70,
    productId: 1,
    amountMinor: 4_000,
    currency: 'USD',
    restocked: 0,
    reason: 'one of two arrived broken',
    createdAtMs: longAgoMs,
    ...over,
  };
}

export function needs(over: Partial<Needs> = {}): Needs {
  return {
    productIds: [],
    holdIds: [],
    orderIds: [],
    refundIds: [],
    eventKeys: [],
    paymentNames: [],
    returnedPayments: [],
    requestKeys: [],
    stockChangeIds: [],
    operatorDecisionIds: [],
    resolvedEvents: [],
    flaggedReferences: [],
    withPayments: false,
    withPaymentIntents: false,
    withParkedUnknown: false,
    withParkedUnknownFacts: false,
    withNextProductId: false,
    ...over,
  };
}

type Rows = {
  readonly products?: readonly Product[];
  readonly holds?: readonly Hold[];
  readonly orders?: readonly Order[];
  readonly events?: readonly PaymentEvent[];
  readonly payments?: readonly Payment[];
  readonly refunds?: readonly Refund[];
  readonly disputes?: readonly Dispute[];
  readonly paymentIntents?: readonly PaymentIntent[];
  readonly requestKeys?: readonly RequestKey[];
  readonly stockChanges?: readonly StockChange[];
  readonly operatorDecisions?: readonly OperatorDecision[];
  readonly refusedPayments?: readonly RefusedPayment[];
  readonly outgoingEvents?: readonly OutgoingEvent[];
  readonly deliveries?: readonly Delivery[];
};

/** Tables whose rows a batch may replace. */
type Replaced = Omit<
  Rows,
  'requestKeys' | 'stockChanges' | 'operatorDecisions' | 'refusedPayments' | 'outgoingEvents' | 'deliveries'
>;

export function changes(inserted: Rows, updated: Replaced = {}): Changes {
  const both = <Row>(
    added: readonly Row[] | undefined,
    replaced: readonly Row[] | undefined,
  ): RowChanges<Row> => ({ inserted: added ?? [], updated: replaced ?? [] });
  return {
    products: both(inserted.products, updated.products),
    holds: both(inserted.holds, updated.holds),
    orders: both(inserted.orders, updated.orders),
    events: both(inserted.events, updated.events),
    payments: both(inserted.payments, updated.payments),
    refunds: both(inserted.refunds, updated.refunds),
    disputes: both(inserted.disputes, updated.disputes),
    paymentIntents: both(inserted.paymentIntents, updated.paymentIntents),
    requestKeys: inserted.requestKeys ?? [],
    stockChanges: inserted.stockChanges ?? [],
    operatorDecisions: inserted.operatorDecisions ?? [],
    refusedPayments: inserted.refusedPayments ?? [],
    outgoingEvents: inserted.outgoingEvents ?? [],
    deliveries: inserted.deliveries ?? [],
  };
}

/** Writes rows as they are, in one transaction of their own. */
export function write(
  store: Store,
  inserted: Rows,
  updated: Parameters<typeof changes>[1] = {},
): Promise<void> {
  return store.transact((transaction) => transaction.apply(changes(inserted, updated)));
}

/** What a transaction of its own loads. */
export function loaded(store: Store, over: Partial<Needs>): Promise<State> {
  return store.transact((transaction) => transaction.load(needs(over)));
}

/** The kind of the StoreError that `work` rejects with, or what else became of it. */
export async function kindOfError(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'resolved';
  } catch (error) {
    return error instanceof Error && 'kind' in error ? String(error.kind) : String(error);
  }
}
