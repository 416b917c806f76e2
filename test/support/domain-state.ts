import type {
  ApplyPaymentEvent,
  ChangeStock,
  CreateHold,
  CreateOrder,
  CreateProduct,
  PayOrder,
  RefundOrder,
  ResolvePaymentEvent,
  UpdateProduct,
} from '../../src/domain/commands.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { IncomingPaymentEvent, Payment, PaymentEvent } from '../../src/domain/payment.ts';
import type { PaymentIntent } from '../../src/domain/payment-intent.ts';
import type { Product } from '../../src/domain/product.ts';
import type { Refund } from '../../src/domain/refund.ts';
import { unsent } from '../../src/domain/refund.ts';
import type { Rules } from '../../src/domain/state.ts';
import type { Rows } from './memory-world.ts';
import { MemoryWorld } from './memory-world.ts';

/**
 * Builders of rows and commands for tests of the rules. Each gives the plainest row; a test names only what
 * it is about.
 */

/** The instant of most tests: 400 ms into a second, so that rounding shows. */
export const noonMs = Date.UTC(2030, 0, 1, 12, 0, 0, 400);
/** The second in which `noonMs` lies. */
export const noonSecondMs = noonMs - 400;

export const rules: Rules = { holdSeconds: 120, paymentSeconds: 600, parkedMax: 3, eventEndpoints: [] };

export function worldOf(rows: Rows, overdueRowsMax?: number): MemoryWorld {
  return new MemoryWorld(rows, overdueRowsMax === undefined ? { rules } : { rules, overdueRowsMax });
}

/** A world with endpoints that are told what happens. */
export function toldWorldOf(rows: Rows, eventEndpoints: readonly string[] = ['shop']): MemoryWorld {
  return new MemoryWorld(rows, { rules: { ...rules, eventEndpoints } });
}

export function aProduct(over: Partial<Omit<Product, 'held'>> = {}): Omit<Product, 'held'> {
  return {
    id: 1,
    name: 'Flash Phone',
    priceMinor: 119_999,
    currency: 'USD',
    stock: 10,
    version: 1,
    opensAtMs: null,
    closesAtMs: null,
    ...over,
  };
}

/** Held since a second, with a minute to go. A released one ran out, unless its reason is given. */
export function aHold(over: Partial<Hold> = {}): Hold {
  const status = over.status ?? 'held';
  return {
    id: 70,
    productId: 1,
    quantity: 2,
    priceMinor: 119_999,
    status,
    releaseReason: status === 'released' ? 'expired' : null,
    parked: null,
    expiresAtMs: status === 'released' ? noonSecondMs - 1000 : noonSecondMs + 60_000,
    createdAtMs: noonMs - 1000,
    ...over,
  };
}

/** The order of `hold`, pending unless said otherwise. Two units of 1199.99 USD. */
export function anOrder(over: Partial<Order> = {}): Order {
  return {
    id: 500,
    holdId: 70,
    productId: 1,
    quantity: 2,
    totalMinor: 239_998,
    currency: 'USD',
    status: 'pending',
    paymentDueAtMs: noonSecondMs + 60_000,
    createdAtMs: noonMs - 500,
    ...over,
  };
}

/** An order in `status` with its hold as the lifecycle has it. */
export function orderedRows(
  status: Order['status'],
  over: { readonly stock?: number } = {},
): {
  readonly products: readonly Omit<Product, 'held'>[];
  readonly holds: readonly Hold[];
  readonly orders: readonly Order[];
  readonly payments: readonly Payment[];
  readonly refunds: readonly Refund[];
} {
  const holdStatus = status === 'pending' ? 'ordered' : status === 'paid' ? 'consumed' : 'released';
  const releaseReason = holdStatus !== 'released' ? null : status === 'expired' ? 'expired' : 'order_ended';
  const isRefund = status === 'refund_due' || status === 'refunded';
  const decided = isRefund
    ? ({ decision: 'owed', settlement: 'refunded' } as const)
    : ({ decision: 'fulfilled', settlement: 'fulfilled' } as const);
  return {
    products: [aProduct({ stock: over.stock ?? 10 })],
    holds: [
      aHold({
        status: holdStatus,
        releaseReason,
        expiresAtMs: holdStatus === 'released' ? noonSecondMs - 1000 : noonSecondMs + 60_000,
      }),
    ],
    orders: [anOrder({ status })],
    payments: status === 'paid' || isRefund ? [aPayment(decided)] : [],
    refunds: isRefund ? [status === 'refunded' ? aSettledRefund() : aRefund()] : [],
  };
}

const decisionOf = { fulfilled: 'fulfilled', refunded: 'owed', flagged: 'flagged' } as const;

/** What settled the order, reported with the reference `pi_first`. */
export function aPayment(over: Partial<Payment> = {}): Payment {
  return {
    name: 'ref:pi_first',
    orderId: 500,
    holdId: 70,
    productId: 1,
    amountMinor: 239_998,
    currency: 'USD',
    decision: decisionOf[over.settlement ?? 'fulfilled'],
    settlement: 'fulfilled',
    createdAtMs: noonMs - 100,
    ...over,
  };
}

/** Due, and owed in full unless the reason is a return. */
export function aRefund(over: Partial<Refund> = {}): Refund {
  const isReturn = over.reason === 'returned' || over.reason === 'returned_in_part';
  const amountMinor = over.amountMinor ?? 239_998;
  return {
    id: 1,
    paymentName: 'ref:pi_first',
    orderId: 500,
    holdId: 70,
    productId: 1,
    amountMinor,
    owedMinor: isReturn ? 0 : amountMinor,
    returnedMinor: isReturn ? amountMinor : 0,
    sentMinor: 0,
    currency: 'USD',
    status: 'due',
    reason: 'late_payment',
    createdAtMs: noonMs - 100,
    ...unsent,
    ...over,
  };
}

/** The same when it has succeeded: an operator sent all of it. */
export function aSettledRefund(over: Partial<Refund> = {}): Refund {
  const refund = aRefund(over);
  const { amountMinor, createdAtMs: atMs } = refund;
  return {
    ...refund,
    status: 'succeeded',
    sentMinor: amountMinor,
    sends: [{ reference: null, amountMinor, atMs }],
    ...over,
  };
}

/** What the simulated provider was asked for, for order 500. */
export function anIntent(over: Partial<PaymentIntent> = {}): PaymentIntent {
  return {
    orderId: 500,
    holdId: 70,
    productId: 1,
    provider: 'simulated',
    reference: 'pi_1',
    clientSecret: 'pi_1_secret',
    status: 'open',
    createdAtMs: noonMs - 400,
    ...over,
  };
}

/** `paid` for order 500, in full, with a reference. */
export function anEvent(over: Partial<IncomingPaymentEvent> = {}): IncomingPaymentEvent {
  return {
    key: 'evt_1',
    orderId: 500,
    holdId: null,
    status: 'paid',
    amountMinor: 239_998,
    currency: 'USD',
    reference: 'pi_1',
    ...over,
  };
}

/** `paid` for hold 70, which has no order. */
export function anEarlyEvent(over: Partial<IncomingPaymentEvent> = {}): IncomingPaymentEvent {
  return anEvent({ orderId: null, holdId: 70, ...over });
}

/** An early event as its row stands under hold 70. */
export function aParkedEvent(over: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    ...anEarlyEvent(),
    productId: 1,
    result: 'parked',
    answer: { result: 'parked' },
    receivedAtMs: noonMs - 200,
    ...over,
  };
}

export function createHold(over: Partial<CreateHold> = {}): CreateHold {
  return { kind: 'create_hold', holdId: 71, productId: 1, quantity: 2, idempotencyKey: null, ...over };
}

export function createOrder(over: Partial<CreateOrder> = {}): CreateOrder {
  return { kind: 'create_order', orderId: 500, holdId: 70, idempotencyKey: null, ...over };
}

export function applyEvent(over: Partial<IncomingPaymentEvent> = {}): ApplyPaymentEvent {
  return { kind: 'apply_payment_event', event: anEvent(over) };
}

export function applyEarlyEvent(over: Partial<IncomingPaymentEvent> = {}): ApplyPaymentEvent {
  return { kind: 'apply_payment_event', event: anEarlyEvent(over) };
}

/** Sends all of order 500's money back. */
export function refundOrder(over: Partial<RefundOrder> = {}): RefundOrder {
  return {
    kind: 'refund_order',
    decisionId: 950,
    stockChangeId: 951,
    orderId: 500,
    amount: null,
    restock: false,
    reason: 'arrived broken',
    ...over,
  };
}

/** Pays order 500 in full by a transfer. */
export function payOrder(over: Partial<PayOrder> = {}): PayOrder {
  return {
    kind: 'pay_order',
    decisionId: 960,
    orderId: 500,
    amountMinor: 239_998,
    currency: 'USD',
    reference: 'transfer-77',
    reason: 'paid by transfer',
    ...over,
  };
}

export function resolveEvent(
  event: Pick<PaymentEvent, 'key' | 'orderId' | 'holdId' | 'reference' | 'status'>,
  choice: ResolvePaymentEvent['choice'],
  over: Partial<ResolvePaymentEvent> = {},
): ResolvePaymentEvent {
  const { key, orderId, holdId, reference, status } = event;
  const named = { key, orderId, holdId, reference, status };
  return {
    kind: 'resolve_payment_event',
    decisionId: 970,
    event: named,
    choice,
    reason: 'looked up',
    ...over,
  };
}

export function createProduct(over: Partial<CreateProduct> = {}): CreateProduct {
  return {
    kind: 'create_product',
    stockChangeId: 900,
    name: 'Flash Phone',
    priceMinor: 119_999,
    currency: 'USD',
    stock: 50,
    reason: 'first stock',
    opensAtMs: null,
    closesAtMs: null,
    ...over,
  };
}

export function updateProduct(over: Partial<UpdateProduct> = {}): UpdateProduct {
  return {
    kind: 'update_product',
    productId: 1,
    name: undefined,
    price: undefined,
    opensAtMs: undefined,
    closesAtMs: undefined,
    expectedVersions: null,
    ...over,
  };
}

export function changeStock(change: number, over: Partial<ChangeStock> = {}): ChangeStock {
  return { kind: 'change_stock', stockChangeId: 901, productId: 1, change, reason: 'delivery', ...over };
}
