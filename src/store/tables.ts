import type { Generated, GeneratedAlways } from 'kysely';
import type { HoldStatus, ParkedOnHold, ReleaseReason } from '../domain/hold.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { DeliveryStatus, OutgoingEventType } from '../domain/outgoing-event.ts';
import type { PaymentResult, PaymentStatus, Settlement } from '../domain/payment.ts';
import type { PaymentIntentStatus } from '../domain/payment-intent.ts';
import type { RefundReason, RefundStatus } from '../domain/refund.ts';
import type { KeyScope } from '../domain/request-key.ts';

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
  result: PaymentResult;
  answer: string;
  received_at: SqlInstant;
};

export type PaymentsTable = {
  name: string;
  order_id: number | null;
  hold_id: number;
  product_id: number;
  amount_minor: number;
  currency: string;
  settlement: Settlement;
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
  scope: KeyScope;
  idempotency_key: string;
  fingerprint: string;
  answer: string;
  created_at: SqlInstant;
};

export type StockChangesTable = {
  id: number;
  product_id: number;
  units: number;
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
  request_keys: RequestKeysTable;
  stock_changes: StockChangesTable;
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
  request_keys: true,
  stock_changes: true,
  payment_intents: true,
  outgoing_events: true,
  deliveries: true,
  event_endpoints: true,
};

export const tableNames: readonly string[] = Object.keys(everyTable);
