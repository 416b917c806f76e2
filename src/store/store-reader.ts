import type { Dispute, DisputeStatus } from '../domain/dispute.ts';
import type { Hold, HoldStatus } from '../domain/hold.ts';
import type { OperatorDecision } from '../domain/operator-decision.ts';
import type { Order, OrderStatus } from '../domain/order.ts';
import type { PaymentEvent, PaymentResult } from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { Refund, RefundStatus } from '../domain/refund.ts';
import type { OrderAnswer } from '../domain/request-key.ts';
import type { OutboxReader } from './outbox.ts';

/**
 * Where a command's rows are: facts that never change once committed, so they may be read before any lock is
 * taken. What is not found is absent.
 */
export type Located = {
  readonly productIdByHold: ReadonlyMap<number, number>;
  readonly orders: ReadonlyMap<number, { readonly holdId: number; readonly productId: number }>;
  readonly refunds: ReadonlyMap<number, { readonly holdId: number; readonly productId: number }>;
  /** Except where a flagged payment is: it may turn out to be another product's. */
  readonly payments: ReadonlyMap<string, { readonly holdId: number; readonly productId: number }>;
};

/** Where a page ended: the instant by which its list is ordered, and the id of the last item. */
export type Cursor = { readonly atMs: number; readonly id: number };
/** A part of a list. `cursor` continues behind the last item of the page before. */
export type PageRequest = { readonly limit: number; readonly cursor: Cursor | null };
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: Cursor | null };

export type OrderFilter = {
  readonly status?: OrderStatus | undefined;
  readonly productId?: number | undefined;
  readonly holdId?: number | undefined;
};
export type HoldFilter = {
  readonly status?: HoldStatus | undefined;
  readonly productId?: number | undefined;
  readonly holdId?: number | undefined;
};
export type PaymentEventFilter = {
  readonly result?: PaymentResult | undefined;
  readonly orderId?: number | undefined;
  readonly holdId?: number | undefined;
  readonly key?: string | undefined;
  readonly reference?: string | undefined;
};
export type RefundFilter = {
  readonly status?: RefundStatus | undefined;
  readonly orderId?: number | undefined;
  readonly holdId?: number | undefined;
};
export type DisputeFilter = {
  readonly status?: DisputeStatus | undefined;
  readonly orderId?: number | undefined;
  readonly holdId?: number | undefined;
};

export type OperatorDecisionFilter = {
  readonly orderId?: number | undefined;
  readonly eventKey?: string | undefined;
};

/** An event with what an operator decided about it, if anything was decided. */
export type ListedPaymentEvent = PaymentEvent & { readonly resolution?: OperatorDecision };

/** A row with the instant of the database's clock at which it was read: what is overdue depends on it. */
export type ReadAt<Value> = { readonly value: Value; readonly nowMs: number };
export type HoldWithOrder = { readonly hold: Hold; readonly orderId: number | null };
export type OrderWithRefunds = OrderAnswer;
export type OrderWithPayment = OrderWithRefunds & { readonly paymentIntent: PaymentIntent | null };

/** A product with what has become of its units beyond what buyers see. */
export type ProductSales = {
  readonly product: ProductSnapshot;
  /** Units in pending orders: a part of the held stock. */
  readonly orderedStock: number;
  /** Units that were ever sold, whether their money went back later or not. */
  readonly soldUnits: number;
};

export type AuditCheck = {
  readonly name: string;
  readonly ok: boolean;
  /** Text where a number is too large to be exact. */
  readonly expected: number | string;
  readonly found: number | string;
};
/** How many wait, as far as they were counted, and since when the first of those does. */
export type Waiting = { readonly count: number; readonly oldestAtMs: number | null };
/**
 * Orders of the last day that ended because the provider can never take their payment, of products that still have the refused price,
 * and these products.
 */
export type RefusedPayments = Waiting & { readonly productIds: readonly number[] };
/** What waits for the worker or for an operator. Counts end at 10,000 each. */
export type Backlog = {
  /** Holds whose deadline has come and which nobody has released yet. Their units are free all the same. */
  readonly overdueHolds: Waiting;
  readonly refundsDue: Waiting;
  /** Those of them that wait for the end of an open dispute. */
  readonly refundsUnderDispute: number;
  readonly openDisputes: Waiting;
  readonly refusedPayments: RefusedPayments;
  /** Events that wait for their order. */
  readonly parkedEvents: number;
  /** Facts that wait for their payment. */
  readonly parkedFacts: number;
  /** Events that have waited in vain. */
  readonly unmatchedEvents: number;
  /** Payments that may be money which was settled under another name. */
  readonly possibleSecondPayments: number;
  /**
   * Counts end at 10,000 for each endpoint. `failing`: pending after an attempt. `oldestAtMs`: of the pending, when
   * the oldest event came.
   */
  readonly deliveries: {
    readonly pending: number;
    readonly failing: number;
    readonly dead: number;
    readonly oldestAtMs: number | null;
  };
  readonly endpointsOff: number;
};
export type Audit = { readonly ok: boolean; readonly checks: readonly AuditCheck[] };

/** Reads. They never wait for a sale's transactions and never see what is not committed. */
export interface StoreReader extends OutboxReader {
  /** The database's clock, in ms since 1970, as far as it is known without asking it. */
  nowMs(): number;
  locate(rows: {
    readonly holdIds: readonly number[];
    readonly orderIds: readonly number[];
    readonly refundIds: readonly number[];
    readonly returnedPayments: readonly string[];
  }): Promise<Located>;
  product(id: number): Promise<ProductSnapshot | null>;
  products(): Promise<readonly ProductSnapshot[]>;
  productSales(): Promise<readonly ProductSales[]>;
  hold(id: number): Promise<ReadAt<HoldWithOrder> | null>;
  order(id: number): Promise<ReadAt<OrderWithPayment> | null>;
  orders(filter: OrderFilter, page: PageRequest): Promise<ReadAt<Page<OrderWithRefunds>>>;
  holds(filter: HoldFilter, page: PageRequest): Promise<ReadAt<Page<HoldWithOrder>>>;
  paymentEvents(filter: PaymentEventFilter, page: PageRequest): Promise<Page<ListedPaymentEvent>>;
  operatorDecisions(filter: OperatorDecisionFilter, page: PageRequest): Promise<Page<OperatorDecision>>;
  /** Without those of nothing: what was returned failed afterwards. */
  refunds(filter: RefundFilter, page: PageRequest): Promise<Page<Refund>>;
  disputes(filter: DisputeFilter, page: PageRequest): Promise<Page<Dispute>>;
  /** The earliest deadline of an open hold for each product that has one: overdue when it has come. */
  deadlines(): Promise<ReadAt<readonly { readonly productId: number; readonly deadlineMs: number }[]>>;
  /** Events that were parked for an unknown order or hold which is there by now, oldest first. */
  parkedButKnown(limit: number): Promise<readonly PaymentEvent[]>;
  /** The same, among the events of these orders and their holds only. */
  parkedForOrders(orders: readonly Pick<Order, 'id' | 'holdId'>[]): Promise<readonly PaymentEvent[]>;
  /** Events that have waited for an unknown order or hold since before `beforeMs`, oldest first. */
  parkedSince(beforeMs: number, limit: number): Promise<readonly PaymentEvent[]>;
  /** Open intents of pending orders whose deadline lies between now and `dueBeforeMs`, the earliest first. */
  intentsToAsk(dueBeforeMs: number, limit: number): Promise<readonly PaymentIntent[]>;
  /**
   * Open intents of orders that are no longer pending, oldest first: ended without money, or paid with other money than theirs. A
   * pending order whose deadline has come ends first.
   */
  intentsToClose(limit: number): Promise<readonly PaymentIntent[]>;
  /** Refunds that are due, of payments that a provider knows by a reference, and whose next attempt has come, oldest first. */
  refundsToSend(limit: number): Promise<readonly Refund[]>;
  /** What an operator has to look after. */
  backlog(): Promise<Backlog>;
  audit(): Promise<Audit>;
}
