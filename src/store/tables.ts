import type { Generated, GeneratedAlways } from 'kysely';
import type { DisputeStatus } from '../domain/dispute.ts';
import type { HoldStatus, ParkedOnHold, ReleaseReason } from '../domain/hold.ts';
import type { OperatorChoice } from '../domain/operator-decision.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { DeliveryStatus, OutgoingEventType } from '../domain/outgoing-event.ts';
import type { PaymentDecision, PaymentResult, PaymentStatus, Settlement } from '../domain/payment.ts';
import type { PaymentIntentStatus } from '../domain/payment-intent.ts';
import type { RefundReason, RefundStatus } from '../domain/refund.ts';
import type { KeyScope } from '../domain/request-key.ts';
import type { OutboxKeyScope } from './outbox.ts';

/** An instant as a database gives and takes it; its dialect translates. */
export type SqlInstant = number | string | Date;
/** A truth value as a database gives and takes it; its dialect translates. */
export type SqlBoolean = number | boolean;

export type ProductsTable = {
  id: number;
  name: string;
  price_minor: number;
  currency: string;
  stock: number;
  held: number;
  version: number;
  opens_at: SqlInstant | null;
  closes_at: SqlInstant | null;
};

export type HoldsTable = {
  id: number;
  product_id: number;
  quantity: number;
  price_minor: number;
  status: HoldStatus;
  /**
   * Held or ordered: what `products.held` counts. Repeats the status, so that one index finds a product's
   * next deadline.
   */
  open: SqlBoolean;
  consumed: SqlBoolean;
  release_reason: ReleaseReason | null;
  parked: ParkedOnHold | null;
  expires_at: SqlInstant;
  created_at: SqlInstant;
};

export type OrdersTable = {
  id: number;
  hold_id: number;
  product_id: number;
  quantity: number;
  total_minor: number;
  minor_per_major: number;
  /** Major units, for the operator's SQL. */
  total: GeneratedAlways<number | string>;
  currency: string;
  status: OrderStatus;
  payment_due_at: SqlInstant;
  created_at: SqlInstant;
};

/**
 * A fact that waits has a result of its own: a version before facts would take an event that is `parked` for money of its order. So facts
 * are also counted, looked for and deleted by the index over results.
 */
export type SqlPaymentResult = PaymentResult | 'parked_fact';

/** One row for each payment event, and nothing else. */
export type IdempotencyKeysTable = {
  /** Counts up, so that it orders events that arrived at the same instant. */
  id: Generated<number>;
  idempotency_key: string;
  order_id: number | null;
  hold_id: number | null;
  product_id: number | null;
  status: PaymentStatus;
  amount_minor: number | null;
  currency: string | null;
  payment_reference: string | null;
  result: SqlPaymentResult;
  answer: string;
  received_at: SqlInstant;
  /** The delivery that stored the row; empty in rows of versions before this column. */
  receipt_id: number | null;
  /** The provider's id of the dispute, or of the refund that failed. */
  fact_id: string | null;
  /** The provider's time of a fact. */
  occurred_at: SqlInstant | null;
};

export type PaymentsTable = {
  name: string;
  order_id: number | null;
  hold_id: number;
  product_id: number;
  amount_minor: number;
  currency: string;
  settlement: Settlement;
  /** Empty in rows of versions before this column. */
  decision: PaymentDecision | null;
  created_at: SqlInstant;
};

export type RefundsTable = {
  id: number;
  payment_name: string;
  order_id: number | null;
  hold_id: number;
  product_id: number;
  amount_minor: number;
  currency: string;
  status: RefundStatus;
  reason: RefundReason;
  created_at: SqlInstant;
  attempts: number;
  /** Empty: at once. */
  next_attempt_at: SqlInstant | null;
  first_sent_at: SqlInstant | null;
  provider_reference: string | null;
  last_error: string | null;
  /** The columns from here on are empty in rows of versions before them. */
  owed_minor: number | null;
  returned_minor: number | null;
  sent_minor: number | null;
  /** JSON: `RefundSend[]`. */
  sends: string | null;
  looked_up_minor: number | null;
  looked_up_at: SqlInstant | null;
  attempt_minor: number | null;
  leased_until: SqlInstant | null;
  /** The status that the sums belong to: another one in `status` was written by a version before the sums. */
  summed_status: RefundStatus | null;
};

export type DisputesTable = {
  /** Counts up, so that it orders disputes that arrived at the same instant. */
  id: Generated<number>;
  payment_name: string;
  dispute_id: string;
  order_id: number | null;
  hold_id: number;
  product_id: number;
  amount_minor: number;
  currency: string;
  status: DisputeStatus;
  created_at: SqlInstant;
};

export type PaymentIntentsTable = {
  order_id: number;
  hold_id: number;
  product_id: number;
  provider: string;
  reference: string;
  client_secret: string;
  status: PaymentIntentStatus;
  created_at: SqlInstant;
};

export type RequestKeysTable = {
  scope: KeyScope | OutboxKeyScope;
  idempotency_key: string;
  fingerprint: string;
  answer: string;
  created_at: SqlInstant;
  /** Of an operator's request that went through the engine. */
  receipt_id: number | null;
};

export type StockChangesTable = {
  id: number;
  product_id: number;
  units: number;
  reason: string;
  created_at: SqlInstant;
};

/** What operators decided about money. */
export type OperatorDecisionsTable = {
  id: number;
  choice: OperatorChoice;
  /** The resolved event; empty for a decision about an order. */
  event_key: string | null;
  payment_name: string;
  order_id: number | null;
  hold_id: number | null;
  product_id: number | null;
  amount_minor: number | null;
  currency: string | null;
  restocked: number;
  reason: string;
  created_at: SqlInstant;
};

/** Payments that a provider can never take. */
export type RefusedPaymentsTable = {
  order_id: number;
  hold_id: number;
  product_id: number;
  provider: string;
  price_minor: number;
  reason: string;
  created_at: SqlInstant;
};

export type OutgoingEventsTable = {
  id: number;
  type: OutgoingEventType;
  product_id: number | null;
  order_id: number | null;
  hold_id: number | null;
  product_version: number;
  position: number;
  /** JSON: what the event is about, as it was then. */
  data: string;
  created_at: SqlInstant;
};

export type DeliveriesTable = {
  id: number;
  event_id: number;
  endpoint: string;
  status: DeliveryStatus;
  attempts: number;
  next_attempt_at: SqlInstant;
  last_error: string | null;
  /** Repeats what the event says of its place, so that one index finds the first delivery of a chain. */
  chain: number | null;
  product_version: number;
  position: number;
};

/** Endpoints that somebody delivers to, or that were switched off. */
export type EventEndpointsTable = {
  endpoint: string;
  leased_by: string | null;
  leased_until: SqlInstant | null;
  switched_off_at: SqlInstant | null;
  reason: string | null;
};

export type Tables = {
  products: ProductsTable;
  holds: HoldsTable;
  orders: OrdersTable;
  idempotency_keys: IdempotencyKeysTable;
  payments: PaymentsTable;
  refunds: RefundsTable;
  disputes: DisputesTable;
  request_keys: RequestKeysTable;
  stock_changes: StockChangesTable;
  operator_decisions: OperatorDecisionsTable;
  refused_payments: RefusedPaymentsTable;
  payment_intents: PaymentIntentsTable;
  outgoing_events: OutgoingEventsTable;
  deliveries: DeliveriesTable;
  event_endpoints: EventEndpointsTable;
};

/** Written out as a record, so that the compiler misses none. */
const everyTable: Readonly<Record<keyof Tables, true>> = {
  products: true,
  holds: true,
  orders: true,
  idempotency_keys: true,
  payments: true,
  refunds: true,
  disputes: true,
  request_keys: true,
  stock_changes: true,
  operator_decisions: true,
  refused_payments: true,
  payment_intents: true,
  outgoing_events: true,
  deliveries: true,
  event_endpoints: true,
};

export const tableNames: readonly string[] = Object.keys(everyTable);
