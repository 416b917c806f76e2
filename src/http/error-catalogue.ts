/** What a code of the API stands for. `docs/errors.md` has the same words; a test compares them. */
export type ErrorEntry = {
  readonly status: number;
  readonly title: string;
  /** When it is answered. */
  readonly when: string;
  /** What a client should do about it. */
  readonly advice: string;
  /** Members of the body beyond those that every error has. */
  readonly fields: readonly string[];
  /** Value of the `Retry-After` header, where a retry without any change may succeed. */
  readonly retryAfterSeconds?: number;
};

/** Every error that the API answers. A code never changes its meaning. */
export const errorCatalogue = {
  malformed_request: {
    status: 400,
    title: 'Malformed request',
    when: 'The request is not HTTP that can be parsed, names no host or more than one, or its body was cut off.',
    advice: 'Fix the client or the proxy before this service.',
    fields: [],
  },
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    when: 'The body is not JSON in UTF-8.',
    advice: 'Send valid JSON in UTF-8.',
    fields: [],
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    when: 'The admin API was called without its token or with a wrong one, or no `ADMIN_TOKEN` is set.',
    advice: 'Send `Authorization: Bearer` with the value of `ADMIN_TOKEN`.',
    fields: [],
  },
  invalid_signature: {
    status: 401,
    title: 'Invalid signature',
    when: 'The signature of a payment event is missing, wrong or too old.',
    advice: 'Check the secret and the clock of the sender.',
    fields: [],
  },
  sale_not_open: {
    status: 403,
    title: 'Sale not open',
    when: 'A hold was asked for before the sale of the product opens or after it closed.',
    advice: 'Come back at `opens_at`; `null` is a window without that end.',
    fields: ['opens_at', 'closes_at'],
  },
  not_a_local_request: {
    status: 403,
    title: 'Not a local request',
    when: 'A route for development, which checks no signature, was called through a proxy or by a foreign host name.',
    advice:
      'Call `http://localhost` directly. For payments from elsewhere set `WEBHOOK_SECRETS`; the name of a development container goes into `LOCAL_HOSTS`.',
    fields: [],
  },
  product_not_found: {
    status: 404,
    title: 'Product not found',
    when: 'There is no product with this id.',
    advice: 'List the products.',
    fields: [],
  },
  hold_not_found: {
    status: 404,
    title: 'Hold not found',
    when: 'There is no hold with this id; released holds without an order are deleted after some weeks.',
    advice: 'Create a new hold.',
    fields: [],
  },
  order_not_found: {
    status: 404,
    title: 'Order not found',
    when: 'There is no order with this id.',
    advice: 'Check the id.',
    fields: [],
  },
  refund_not_found: {
    status: 404,
    title: 'Refund not found',
    when: 'There is no refund with this id.',
    advice: 'List the refunds.',
    fields: [],
  },
  payment_event_not_found: {
    status: 404,
    title: 'Payment event not found',
    when: 'No payment event has this idempotency key.',
    advice: 'List the payment events.',
    fields: [],
  },
  event_not_found: {
    status: 404,
    title: 'Event not found',
    when: 'There is no event for others with this id; delivered ones are deleted after some weeks.',
    advice: 'List the events.',
    fields: [],
  },
  endpoint_not_found: {
    status: 404,
    title: 'Endpoint not found',
    when: 'No endpoint for events has this id.',
    advice: 'List the endpoints.',
    fields: [],
  },
  route_not_found: {
    status: 404,
    title: 'Route not found',
    when: 'Nothing is served at this path.',
    advice: 'See the API description at `/api/docs`.',
    fields: [],
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    when: 'The path is served, but not with this method.',
    advice: 'Use a method that the `Allow` header names.',
    fields: [],
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    when: 'The request did not arrive as a whole in time.',
    advice: 'Send it again on a new connection.',
    fields: [],
  },
  insufficient_stock: {
    status: 409,
    title: 'Insufficient stock',
    when: 'Fewer units are available than the hold or the order needs; nothing was changed.',
    advice: 'Ask for at most `available_stock`, or again at `next_release_at`, when units may come back.',
    fields: ['available_stock', 'requested', 'next_release_at'],
  },
  hold_already_ordered: {
    status: 409,
    title: 'Hold already ordered',
    when: 'The hold has or had an order; there is one for each hold, ever.',
    advice: 'Go on with the order `order_id`; to let its units go, cancel it.',
    fields: ['order_id'],
  },
  hold_consumed: {
    status: 409,
    title: 'Hold consumed',
    when: 'The hold was paid for, so it cannot be let go.',
    advice: 'Nothing; the units are sold.',
    fields: [],
  },
  order_not_cancellable: {
    status: 409,
    title: 'Order not cancellable',
    when: 'The order is no longer pending and was not cancelled before.',
    advice: 'Read the order; `order_status` says what became of it.',
    fields: ['order_status'],
  },
  refund_in_progress: {
    status: 409,
    title: 'Refund in progress',
    when: 'An operator settles a refund that the worker is sending at this moment.',
    advice: 'Ask again after `retry_at`: the refund has then succeeded, or is due and can be settled.',
    fields: ['retry_at'],
  },
  order_not_refundable: {
    status: 409,
    title: 'Order not refundable',
    when: 'The order is not paid, or all of its payment goes back already.',
    advice: 'Read the order: `order_status` and its refunds show where its money is.',
    fields: ['order_status'],
  },
  order_not_payable: {
    status: 409,
    title: 'Order not payable',
    when: 'The order was paid before, or its money goes or went back.',
    advice: 'Read the order. If money came a second time, refund it at the provider.',
    fields: ['order_status'],
  },
  payment_already_settled: {
    status: 409,
    title: 'Payment already settled',
    when: 'The payment of this reference bought an order or goes or went back; nothing was recorded.',
    advice: 'Check the reference. `order_id` is the order that the payment was for, if it was for one.',
    fields: ['order_id'],
  },
  payment_event_not_waiting: {
    status: 409,
    title: 'Payment event not waiting',
    when: 'The payment event does not wait for an operator, or its payment was settled in the meantime.',
    advice: 'Nothing; `result` is what came of the event.',
    fields: ['result'],
  },
  payment_event_resolved: {
    status: 409,
    title: 'Payment event resolved',
    when: 'An operator has decided about the payment event before, and otherwise.',
    advice: 'Read the event: its `resolution` has the decision and its reason.',
    fields: ['decision'],
  },
  nothing_to_refund: {
    status: 409,
    title: 'Nothing to refund',
    when: 'The payment event reports no money, or not how much.',
    advice: 'Decide `nothing_due`. If money came, refund it at the provider first.',
    fields: [],
  },
  stock_below_held: {
    status: 409,
    title: 'Stock below held stock',
    when: 'A change would bring the stock below what buyers hold.',
    advice: 'Take at most `stock` minus `held_stock`, or wait until holds have ended.',
    fields: ['stock', 'held_stock'],
  },
  hold_expired: {
    status: 410,
    title: 'Hold expired',
    when: 'The deadline of the hold came before its order.',
    advice: 'Create a new hold.',
    fields: [],
  },
  hold_released: {
    status: 410,
    title: 'Hold released',
    when: 'The hold was let go before its order.',
    advice: 'Create a new hold.',
    fields: [],
  },
  version_mismatch: {
    status: 412,
    title: 'Version mismatch',
    when: 'The product has another version than `If-Match` names; nothing was changed.',
    advice: 'Read the product again, and repeat the edit with its `version` if it still applies.',
    fields: ['version'],
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    when: 'The body is larger than 64 KiB.',
    advice: 'Send less.',
    fields: [],
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    when: 'The body is compressed, its charset is not UTF-8, or its `Content-Type` is not `application/json`.',
    advice:
      'Send JSON in UTF-8, without compression, as `application/json`. `Accept-Encoding: identity` marks a compressed body.',
    fields: [],
  },
  invalid_request: {
    status: 422,
    title: 'Invalid request',
    when: 'A field of the body, the path, the query or a header is missing, unknown or not what was expected.',
    advice: 'Mend what `errors` names: a list of `field` and `message`.',
    fields: ['errors'],
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    when: 'The key was used before, for a request with other values.',
    advice: 'Use a new key for a new request.',
    fields: [],
  },
  rate_limited: {
    status: 429,
    title: 'Rate limited',
    when: 'One address sent too many requests of one kind: holds, unknown ids, wrong admin tokens or live streams.',
    advice: 'Wait for the seconds in `Retry-After`.',
    fields: [],
  },
  headers_too_large: {
    status: 431,
    title: 'Headers too large',
    when: 'The headers of the request are larger than 16 KiB together.',
    advice: 'Send fewer or shorter headers.',
    fields: [],
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    when: 'A defect of this service; the log has its cause under the `request_id`.',
    advice: 'Report the `request_id`. A retry is safe with an idempotency key.',
    fields: [],
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    when: 'Too many requests wait already; this one changed nothing.',
    advice: 'Send it again after the seconds in `Retry-After`.',
    fields: [],
    retryAfterSeconds: 1,
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    when: 'The database did not take the request. Nothing was changed, or the idempotency key finds out.',
    advice: 'Send it again, with the same idempotency key, after the seconds in `Retry-After`.',
    fields: [],
    retryAfterSeconds: 2,
  },
  shutting_down: {
    status: 503,
    title: 'Shutting down',
    when: 'This process is about to end and takes nothing new.',
    advice: 'Send it again after the seconds in `Retry-After`, on a new connection.',
    fields: [],
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** All codes, in the order of the catalogue. */
export const errorCodes = Object.keys(errorCatalogue) as readonly ErrorCode[];

/** The entry of a code, with the members that only some entries have. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return errorCatalogue[code];
}
