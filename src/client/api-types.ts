/*
 * What the API takes and gives. Made from its description by "npm run client:types"; what is to be different is
 * changed in src/http/schemas/.
 */

/**
 * An error as RFC 9457 has it. Some codes have more fields.
 */
export interface Problem {
  /**
   * Where the code is explained.
   */
  type: string;
  title: string;
  /**
   * The status of the answer.
   */
  status: number;
  /**
   * What is wrong, for people.
   */
  detail: string;
  code: ErrorCode;
  /**
   * The log has the request under it.
   */
  request_id: string;
  available_stock?: number;
  requested?: number;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  next_release_at?: string | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  opens_at?: string | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  closes_at?: string | null;
  order_id?: number;
  order_status?: OrderStatus;
  stock?: number;
  held_stock?: number;
  version?: string;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  retry_at?: string;
  result?:
    | 'parked'
    | 'processed'
    | 'ignored'
    | 'amount_mismatch'
    | 'refund_due'
    | 'possible_second_payment'
    | 'unmatched';
  decision?: 'pay' | 'refund' | 'nothing_due';
  errors?: {
    field: string;
    message: string;
  }[];
}

/**
 * What is wrong, for programs. A code never changes its meaning.
 */
export type ErrorCode =
  | 'malformed_request'
  | 'malformed_json'
  | 'unauthorized'
  | 'invalid_signature'
  | 'sale_not_open'
  | 'not_a_local_request'
  | 'product_not_found'
  | 'hold_not_found'
  | 'order_not_found'
  | 'refund_not_found'
  | 'payment_event_not_found'
  | 'event_not_found'
  | 'endpoint_not_found'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'insufficient_stock'
  | 'hold_already_ordered'
  | 'hold_consumed'
  | 'order_not_cancellable'
  | 'refund_in_progress'
  | 'order_not_refundable'
  | 'order_not_payable'
  | 'payment_already_settled'
  | 'payment_event_not_waiting'
  | 'payment_event_resolved'
  | 'nothing_to_refund'
  | 'stock_below_held'
  | 'hold_expired'
  | 'hold_released'
  | 'version_mismatch'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'invalid_request'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'headers_too_large'
  | 'internal_error'
  | 'overloaded'
  | 'database_unavailable'
  | 'shutting_down';

/**
 * The product.
 */
export interface Product {
  id: number;
  name: string;
  /**
   * Of one unit, in major units: 1199.99.
   */
  price: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  /**
   * Units not yet sold, whether held or not.
   */
  stock: number;
  /**
   * Units that buyers hold until a deadline.
   */
  held_stock: number;
  /**
   * `stock` less `held_stock`.
   */
  available_stock: number;
  /**
   * The earliest deadline of a hold, when units may come back; `null` when none is held.
   */
  next_release_at: string | null;
  /**
   * Before it nothing can be held; `null`: no such limit.
   */
  opens_at: string | null;
  /**
   * From then on nothing can be held; `null`: no such limit.
   */
  closes_at: string | null;
}

/**
 * All products.
 */
export interface ProductList {
  products: Product[];
}

export interface NewHold {
  product_id: number;
  /**
   * How many units: all of them are held, or none.
   */
  qty: number;
}

/**
 * The hold. `Location` leads to it; `Idempotency-Replayed: true` says that an earlier request made it.
 */
export interface CreatedHold {
  hold_id: number;
  /**
   * The deadline: from then on the units are available to others. An order moves it to that of the payment.
   */
  expires_at: string;
  product_id: number;
  quantity: number;
  status: HoldStatus;
}

/**
 * The hold.
 */
export interface Hold {
  hold_id: number;
  /**
   * The deadline: from then on the units are available to others. An order moves it to that of the payment.
   */
  expires_at: string;
  product_id: number;
  quantity: number;
  status: HoldStatus;
  /**
   * The order that it became.
   */
  order_id: number | null;
}

export type HoldStatus = 'held' | 'ordered' | 'consumed' | 'released';

export interface NewOrder {
  hold_id: number;
}

/**
 * The order.
 */
export interface Order {
  order_id: number;
  hold_id: number;
  product_id: number;
  quantity: number;
  /**
   * In major units, at the price of the moment of the hold.
   */
  total: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  status: OrderStatus;
  /**
   * Until then the units are held; a pending order expires then.
   */
  payment_due_at: string;
  /**
   * What the buyer pays with while the order is pending. `null` where no provider is set or it has not answered yet: ask for the order again. Lists leave it out with `null`.
   */
  payment: {
    /**
     * Who takes the payment: `stripe` or `simulated`.
     */
    provider: string;
    /**
     * With it the page of the buyer pays; it is for them alone.
     */
    client_secret: string;
  } | null;
  refunds: RefundOfOrder[];
  /**
   * Claims of the bank of the buyer on the payment. Absent without any.
   */
  disputes?: {
    /**
     * The provider's own id of the dispute.
     */
    dispute_id: string;
    amount: number;
    /**
     * a currency code of ISO 4217 such as USD
     */
    currency: string;
    status: 'open' | 'won' | 'lost';
  }[];
}

export type OrderStatus = 'pending' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'refund_due' | 'refunded';

export interface RefundOfOrder {
  refund_id: number;
  amount: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  status: 'due' | 'succeeded';
  reason: RefundReason;
  /**
   * What went back by other ways than this service: refunds made at the provider, and lost disputes. Absent when nothing did.
   */
  returned?: number;
}

export type RefundReason =
  | 'late_payment'
  | 'amount_mismatch'
  | 'second_payment'
  | 'hold_ended'
  | 'requested'
  | 'returned'
  | 'returned_in_part';

/**
 * `succeed` and `fail` are told of at once, `delay` succeeds later, `duplicate` is told of twice, `early` names the hold as if there were no order yet.
 */
export interface SimulatedPayment {
  action: 'succeed' | 'fail' | 'delay' | 'duplicate' | 'early';
  /**
   * With `delay`: how much later it succeeds; without it a second after the deadline.
   */
  delay_ms?: number;
}

/**
 * What has become of the payment by now. The order learns of it by an event of its own.
 */
export interface SimulatedPaymentAnswer {
  status: 'open' | 'paid' | 'closed';
}

/**
 * One of `order_id` and `hold_id` is required; `amount` and `currency` go together.
 */
export interface PaymentEvent {
  /**
   * 1 to 255 printable ASCII characters
   */
  idempotency_key: string;
  order_id?: number;
  hold_id?: number;
  /**
   * The first five report the money of a payment, the others what became of it later.
   */
  status:
    | 'paid'
    | 'succeeded'
    | 'success'
    | 'failed'
    | 'failure'
    | 'refunded'
    | 'refund_failed'
    | 'disputed'
    | 'dispute_won'
    | 'dispute_lost';
  /**
   * What was paid. With `refunded` the sum returned so far, with `refund_failed` the refund that failed, with a dispute the disputed amount; without an amount all of the payment. 0 goes with `refunded` only.
   */
  amount?: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency?: string;
  /**
   * The payment. Without it a refund or dispute is about the payment that bought the order.
   */
  payment_reference?: string;
  /**
   * When a refund or dispute took place at the provider. The latest fact counts. An RFC 3339 time; default: the time of arrival.
   */
  occurred_at?: string;
  /**
   * With `refund_failed`: the refund. Each counts once.
   */
  refund_id?: string;
  /**
   * With a dispute: which one. A payment may have several.
   */
  dispute_id?: string;
}

/**
 * The event was decided; it has its effect and will never have it again. Without an order, as for the refund of a hold that ended, its fields are `null`.
 */
export interface PaymentEventAnswer {
  result: 'processed' | 'ignored' | 'amount_mismatch' | 'refund_due' | 'possible_second_payment';
  order_id: number | null;
  order_status: string | null;
  stock_deducted: number;
}

/**
 * The product. `If-Match` with its `ETag` keeps an edit from overwriting another one.
 */
export interface AdminProduct {
  id: number;
  name: string;
  /**
   * Of one unit, in major units: 1199.99.
   */
  price: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  /**
   * Units not yet sold, whether held or not.
   */
  stock: number;
  /**
   * Units that buyers hold until a deadline.
   */
  held_stock: number;
  /**
   * `stock` less `held_stock`.
   */
  available_stock: number;
  /**
   * The earliest deadline of a hold, when units may come back; `null` when none is held.
   */
  next_release_at: string | null;
  /**
   * Before it nothing can be held; `null`: no such limit.
   */
  opens_at: string | null;
  /**
   * From then on nothing can be held; `null`: no such limit.
   */
  closes_at: string | null;
  /**
   * Names the state of name, price and sale window; holds and stock leave it as it is. Also the `ETag`.
   */
  version: string;
}

export interface NewProduct {
  /**
   * a text of 1 to 200 characters without control characters or bidirectional overrides
   */
  name: string;
  price: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  stock: number;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  opens_at?: string | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  closes_at?: string | null;
}

export interface ProductChange {
  /**
   * a text of 1 to 200 characters without control characters or bidirectional overrides
   */
  name?: string;
  price?: number;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  opens_at?: string | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  closes_at?: string | null;
}

export interface StockChange {
  /**
   * an integer from -1000000000 to 1000000000 other than 0
   */
  change: number;
  /**
   * a text of 1 to 255 characters without control characters or bidirectional overrides
   */
  reason: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface HoldPage {
  items: ListedHold[];
  next_cursor: string | null;
}

export interface ListedHold {
  hold_id: number;
  /**
   * The deadline: from then on the units are available to others. An order moves it to that of the payment.
   */
  expires_at: string;
  product_id: number;
  quantity: number;
  status: HoldStatus;
  order_id: number | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  created_at: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface OrderPage {
  items: ListedOrder[];
  next_cursor: string | null;
}

export interface ListedOrder {
  order_id: number;
  hold_id: number;
  product_id: number;
  quantity: number;
  /**
   * In major units, at the price of the moment of the hold.
   */
  total: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  status: OrderStatus;
  /**
   * Until then the units are held; a pending order expires then.
   */
  payment_due_at: string;
  /**
   * What the buyer pays with while the order is pending. `null` where no provider is set or it has not answered yet: ask for the order again. Lists leave it out with `null`.
   */
  payment: {
    /**
     * Who takes the payment: `stripe` or `simulated`.
     */
    provider: string;
    /**
     * With it the page of the buyer pays; it is for them alone.
     */
    client_secret: string;
  } | null;
  refunds: RefundOfOrder[];
  /**
   * Claims of the bank of the buyer on the payment. Absent without any.
   */
  disputes?: {
    /**
     * The provider's own id of the dispute.
     */
    dispute_id: string;
    amount: number;
    /**
     * a currency code of ISO 4217 such as USD
     */
    currency: string;
    status: 'open' | 'won' | 'lost';
  }[];
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  created_at: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface PaymentEventPage {
  items: ListedPaymentEvent[];
  next_cursor: string | null;
}

export interface ListedPaymentEvent {
  idempotency_key: string;
  order_id: number | null;
  hold_id: number | null;
  product_id: number | null;
  status:
    | 'paid'
    | 'failed'
    | 'declined'
    | 'refunded'
    | 'refund_failed'
    | 'disputed'
    | 'dispute_won'
    | 'dispute_lost';
  amount: number | null;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string | null;
  payment_reference: string | null;
  result:
    | 'parked'
    | 'processed'
    | 'ignored'
    | 'amount_mismatch'
    | 'refund_due'
    | 'possible_second_payment'
    | 'unmatched';
  order_status: string | null;
  stock_deducted: number | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  received_at: string;
  /**
   * What an operator decided about the event, and why. Absent without a decision.
   */
  resolution?: {
    decision: 'pay' | 'refund' | 'nothing_due';
    reason: string;
    /**
     * an RFC 3339 time such as 2026-11-27T09:00:00Z
     */
    decided_at: string;
  };
}

export interface OrderRefund {
  /**
   * In the currency of the order. Default: all that is left.
   */
  amount?: number;
  /**
   * Why. It is kept with the decision and shown.
   */
  reason: string;
  /**
   * Puts the units back on the shelf. Only with a refund of all that is left.
   */
  restock?: boolean;
}

export interface OrderPayment {
  /**
   * The total of the order.
   */
  amount: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  /**
   * Names the payment, as `payment_reference` of a payment event does.
   */
  reference: string;
  /**
   * Why. It is kept with the decision and shown.
   */
  reason: string;
}

export interface PaymentEventResolution {
  /**
   * 1 to 255 printable ASCII characters
   */
  idempotency_key: string;
  decision: 'refund' | 'nothing_due';
  /**
   * Why. It is kept with the decision and shown.
   */
  reason: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface DecisionPage {
  items: Decision[];
  next_cursor: string | null;
}

export interface Decision {
  decision_id: number;
  decision: 'pay' | 'refund' | 'nothing_due';
  /**
   * The payment event that was resolved. Absent for an order.
   */
  idempotency_key?: string;
  /**
   * The payment: `ref:` and its reference, or `key:` and the key of its event.
   */
  payment: string;
  order_id: number | null;
  hold_id: number | null;
  product_id: number | null;
  amount: number | null;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string | null;
  /**
   * Units that went back on the shelf.
   */
  restocked: number;
  reason: string;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  decided_at: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface RefundPage {
  items: Refund[];
  next_cursor: string | null;
}

/**
 * The refund.
 */
export interface Refund {
  refund_id: number;
  order_id: number | null;
  hold_id: number | null;
  product_id: number | null;
  /**
   * The payment whose money goes back: `ref:` and its reference, or `key:` and the key of its event.
   */
  payment: string;
  amount: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  status: 'due' | 'succeeded';
  reason: RefundReason;
  /**
   * What went back by other ways than this service: refunds made at the provider, and lost disputes. Absent when nothing did.
   */
  returned?: number;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  created_at: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface DisputePage {
  items: Dispute[];
  next_cursor: string | null;
}

/**
 * The dispute.
 */
export interface Dispute {
  dispute_id: string;
  order_id: number | null;
  hold_id: number | null;
  product_id: number | null;
  /**
   * The disputed payment: `ref:` and its reference, or `key:` and the key of its event.
   */
  payment: string;
  amount: number;
  /**
   * a currency code of ISO 4217 such as USD
   */
  currency: string;
  status: 'open' | 'won' | 'lost';
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  created_at: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface OutgoingEventPage {
  items: OutgoingEvent[];
  next_cursor: string | null;
}

export interface OutgoingEvent {
  event_id: number;
  /**
   * The `webhook-id` that its receivers know.
   */
  webhook_id: string;
  type:
    | 'order.created'
    | 'order.paid'
    | 'order.expired'
    | 'order.failed'
    | 'order.cancelled'
    | 'refund.due'
    | 'refund.succeeded'
    | 'refund.failed'
    | 'dispute.opened'
    | 'dispute.won'
    | 'dispute.lost'
    | 'payment.unmatched'
    | 'product.sold_out'
    | 'product.available_again';
  product_id: number | null;
  order_id: number | null;
  hold_id: number | null;
  /**
   * What the event is about, as it was then; `type` says what it is.
   */
  data: {
    [k: string]: unknown;
  };
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  created_at: string;
}

/**
 * `next_cursor` continues, and is null on the last page.
 */
export interface DeliveryPage {
  items: Delivery[];
  next_cursor: string | null;
}

export interface Delivery {
  event_id: number;
  webhook_id: string;
  type:
    | 'order.created'
    | 'order.paid'
    | 'order.expired'
    | 'order.failed'
    | 'order.cancelled'
    | 'refund.due'
    | 'refund.succeeded'
    | 'refund.failed'
    | 'dispute.opened'
    | 'dispute.won'
    | 'dispute.lost'
    | 'payment.unmatched'
    | 'product.sold_out'
    | 'product.available_again';
  order_id: number | null;
  endpoint: string;
  status: 'pending' | 'delivered' | 'dead';
  attempts: number;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  next_attempt_at: string | null;
  last_error: string | null;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  created_at: string;
}

/**
 * All endpoints.
 */
export interface EndpointList {
  endpoints: Endpoint[];
}

/**
 * The endpoint.
 */
export interface Endpoint {
  endpoint: string;
  /**
   * Whether `EVENT_WEBHOOK_URLS` of this process has it.
   */
  configured: boolean;
  pending: number;
  dead: number;
  /**
   * an RFC 3339 time such as 2026-11-27T09:00:00Z
   */
  switched_off_at: string | null;
  reason: string | null;
}

/**
 * What was recomputed from the rows, and whether it agrees.
 */
export interface Audit {
  ok: boolean;
  checks: {
    name: string;
    ok: boolean;
    expected: number | string;
    found: number | string;
  }[];
}
