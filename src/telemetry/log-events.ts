import type { Logger } from './logger.ts';

/**
 * One function for each thing that the log tells of, because operators search for these messages and fields:
 * they are an interface. Ids in them allow to act on a hold or an order, so the log is confidential; nothing
 * that is a secret or a whole request goes in.
 */

type HoldUnits = {
  readonly holdId: number;
  readonly productId: number;
  readonly quantity: number;
};

export function holdCreated(
  log: Logger,
  { holdId, productId, quantity, availableStockRemaining }: HoldUnits & { availableStockRemaining: number },
): void {
  log.info(
    {
      hold_id: holdId,
      product_id: productId,
      quantity,
      available_stock_remaining: availableStockRemaining,
    },
    'Hold created',
  );
}

/** The deadline came. */
export function holdExpired(log: Logger, { holdId, productId, quantity }: HoldUnits): void {
  log.info({ hold_id: holdId, product_id: productId, quantity }, 'Hold expired and released');
}

/** The buyer let go. */
export function holdReleased(log: Logger, { holdId, productId, quantity }: HoldUnits): void {
  log.info({ hold_id: holdId, product_id: productId, quantity }, 'Hold released');
}

/** @param total in major units, as in the order's JSON */
export function orderCreated(
  log: Logger,
  { orderId, holdId, total }: { orderId: number; holdId: number; total: number },
): void {
  log.info({ order_id: orderId, hold_id: holdId, total }, 'Order created');
}

type OrderIds = {
  readonly orderId: number;
  readonly holdId: number;
};

export function orderCancelled(log: Logger, { orderId, holdId }: OrderIds): void {
  log.info({ order_id: orderId, hold_id: holdId }, 'Order cancelled');
}

/** The payment deadline came. */
export function orderExpired(log: Logger, { orderId, holdId }: OrderIds): void {
  log.info({ order_id: orderId, hold_id: holdId }, 'Order expired');
}

/** The provider said that the payment failed. */
export function orderFailed(log: Logger, { orderId, holdId }: OrderIds): void {
  log.info({ order_id: orderId, hold_id: holdId }, 'Order failed');
}

/** The provider can never take the payment of the order, so the order has failed. `total` is in major units. */
export function paymentRefused(
  log: Logger,
  refused: OrderIds & {
    readonly productId: number;
    readonly total: number;
    readonly currency: string;
    readonly provider: string;
    readonly reason: string;
  },
): void {
  const { orderId, holdId, productId, total, currency, provider, reason } = refused;
  log.error(
    { order_id: orderId, hold_id: holdId, product_id: productId, total, currency, provider, reason },
    'Payment refused',
  );
}

/** @param event `status` is that of the order, null without one; `stockDeducted` counts units */
export function webhookProcessed(
  log: Logger,
  event: { idempotencyKey: string; orderId: number | null; status: string | null; stockDeducted: number },
): void {
  log.info(
    {
      idempotency_key: event.idempotencyKey,
      order_id: event.orderId,
      status: event.status,
      stock_deducted: event.stockDeducted,
    },
    'Webhook processed',
  );
}

export function duplicateWebhookDetected(log: Logger, { idempotencyKey }: { idempotencyKey: string }): void {
  log.info({ idempotency_key: idempotencyKey, cached_response: true }, 'Duplicate webhook detected');
}

/** An order or a hold that an event names may be unknown yet: `null`. */
type PaymentEventIds = {
  readonly idempotencyKey: string;
  readonly orderId: number | null;
  readonly holdId: number | null;
};

/** The event came before its order and waits for it. */
export function paymentEventParked(log: Logger, event: PaymentEventIds): void {
  log.info(paymentEventFields(event), 'Payment event parked');
}

/**
 * The event waited in vain. Money may have been taken for nothing that is known here: an operator has to
 * look.
 */
export function paymentEventUnmatched(log: Logger, event: PaymentEventIds): void {
  log.warn(paymentEventFields(event), 'Payment event unmatched');
}

/**
 * The order is paid already, and whether this is the same money again is unclear: an operator has to look.
 */
export function possibleSecondPayment(log: Logger, event: PaymentEventIds): void {
  log.warn(paymentEventFields(event), 'Possible second payment');
}

function paymentEventFields({ idempotencyKey, orderId, holdId }: PaymentEventIds): object {
  return { idempotency_key: idempotencyKey, order_id: orderId, hold_id: holdId };
}

/**
 * A refund; `amount` is in major units. Without an order it is for a payment of a hold that ended without
 * one.
 */
type RefundFields = {
  readonly refundId: number;
  readonly orderId: number | null;
  readonly holdId: number;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
};

export function refundDue(log: Logger, refund: RefundFields): void {
  log.info(refundFields(refund), 'Refund due');
}

/** The money went back. */
export function refundSettled(log: Logger, refund: RefundFields): void {
  log.info(refundFields(refund), 'Refund settled');
}

/** Money that had gone back for the refund came back: it is due again. */
export function refundReopened(log: Logger, refund: RefundFields & { readonly error: string | null }): void {
  log.warn({ ...refundFields(refund), error: refund.error }, 'Refund reopened');
}

/** A refund made at the provider failed afterwards. This service did not send it, so this service does not repeat it. */
export function returnedMoneyCameBack(log: Logger, refund: RefundFields): void {
  log.warn(refundFields(refund), 'Returned money came back');
}

/** An operator has decided about money. `amount` is in major units. */
export function operatorDecided(
  log: Logger,
  decided: {
    readonly decision: 'pay' | 'refund' | 'nothing_due';
    readonly idempotencyKey: string | null;
    readonly orderId: number | null;
    readonly amount: number | null;
    readonly currency: string | null;
    readonly reason: string;
  },
): void {
  const { decision, idempotencyKey, orderId, amount, currency, reason } = decided;
  log.info(
    { decision, idempotency_key: idempotencyKey, order_id: orderId, amount, currency, reason },
    'Operator decided',
  );
}

/** The bank of a buyer claims money back, or has decided about it. `amount` is in major units. */
export function disputeChanged(
  log: Logger,
  dispute: {
    readonly disputeId: string;
    readonly orderId: number | null;
    readonly holdId: number;
    readonly amount: number;
    readonly currency: string;
    readonly status: 'open' | 'won' | 'lost';
  },
): void {
  const { disputeId, orderId, holdId, amount, currency, status } = dispute;
  const fields = { dispute_id: disputeId, order_id: orderId, hold_id: holdId, amount, currency };
  log.warn(fields, disputeMessages[status]);
}

const disputeMessages = { open: 'Dispute opened', won: 'Dispute won', lost: 'Dispute lost' } as const;

/** Refunds and disputes of payments that stayed unknown. They may belong to another shop with the same account at the provider. */
export function unknownFactsDeleted(log: Logger, count: number): void {
  log.info({ count }, 'Refund and dispute events of unknown payments deleted');
}

/** An attempt to send the refund went wrong; there will be another. */
export function refundPostponed(log: Logger, refund: RefundFields & { readonly error: string | null }): void {
  log.warn({ ...refundFields(refund), error: refund.error }, 'Refund postponed');
}

function refundFields({ refundId, orderId, holdId, amount, currency, reason }: RefundFields): object {
  return { refund_id: refundId, order_id: orderId, hold_id: holdId, amount, currency, reason };
}

/** The order's buyer has nothing to pay with until the order is looked at again. */
export function paymentNotCreated(
  log: Logger,
  { orderId, reason }: { orderId: number; reason: string },
): void {
  log.warn({ order_id: orderId, reason }, 'Payment not created');
}

/** The provider did not say what has become of an order's payment. */
export function paymentNotKnown(log: Logger, { orderId, reason }: { orderId: number; reason: string }): void {
  log.warn({ order_id: orderId, reason }, 'Payment not known');
}

/** An event on its way to an endpoint of somebody else. `webhookId` is what the receiver knows it by. */
type DeliveryFields = {
  readonly webhookId: string;
  readonly type: string;
  readonly endpoint: string;
  readonly attempts: number;
};

/** At debug level: each order has several. */
export function eventDelivered(log: Logger, delivery: DeliveryFields): void {
  log.debug(deliveryFields(delivery), 'Event delivered');
}

/** There will be another attempt. */
export function deliveryFailed(
  log: Logger,
  delivery: DeliveryFields & { readonly error: string | null },
): void {
  log.info(
    { ...deliveryFields(delivery), error: delivery.error },
    'Event could not be delivered, will try again',
  );
}

/** After the last attempt. The event stays, and an operator can have it sent again. */
export function deliveryGivenUp(
  log: Logger,
  delivery: DeliveryFields & { readonly error: string | null },
): void {
  log.error({ ...deliveryFields(delivery), error: delivery.error }, 'Event could not be delivered, given up');
}

/** Nothing is sent to it until an operator switches it on. */
export function endpointSwitchedOff(
  log: Logger,
  { endpoint, reason }: { readonly endpoint: string; readonly reason: string },
): void {
  log.error({ endpoint, reason }, 'Endpoint for events switched off');
}

function deliveryFields({ webhookId, type, endpoint, attempts }: DeliveryFields): object {
  return { webhook_id: webhookId, type, endpoint, attempts };
}

export function slowQuery(log: Logger, { sql, durationMs }: { sql: string; durationMs: number }): void {
  log.warn({ sql, duration_ms: durationMs }, 'Slow query');
}

/** Every query, when the operator asked for it. */
export function databaseQuery(log: Logger, { sql, durationMs }: { sql: string; durationMs: number }): void {
  log.info({ sql, duration_ms: durationMs }, 'Database query');
}

/** One of several database hosts is not used for now: connections go to the next one of the URL. */
export function databaseHostPassedOver(log: Logger, fields: { host: string; reason: string }): void {
  log.warn(fields, 'Database host is passed over');
}

export function databaseHostIsBack(log: Logger, fields: { host: string }): void {
  log.info(fields, 'Database host is back');
}

/** A fail-over between these hosts moves every deadline by the difference: an operator has to set the clocks. */
export function databaseClocksDiffer(
  log: Logger,
  { hosts, differenceMs }: { hosts: readonly [string, string]; differenceMs: number },
): void {
  log.warn({ hosts, difference_ms: differenceMs }, 'Clocks of the database hosts differ');
}

/** Commits go on, into a log that grows: an operator has to see what the disk lacks. */
export function checkpointFailed(log: Logger, fields: { reason: string }): void {
  log.error(fields, "SQLite's log cannot be put into the database file, it grows until it can");
}

/** Logged at the start. The service works; an operator runs `command`. */
export function databaseFilesAreOpen(log: Logger, { command }: { command: string }): void {
  log.warn({ command }, 'Other users can reach the database files: run the command');
}

/** The part of a logger that the HTTP server passes in. */
type WarnLog = { warn(fields: object, message: string): void };

/** All clients behind that proxy look like one address until an operator sets `TRUST_PROXY`. */
export function proxyNotTrusted(
  log: WarnLog,
  fields: { readonly address: string; readonly header: string },
): void {
  log.warn(fields, 'Forwarding headers are ignored, because their sender is not in TRUST_PROXY');
}

/** The ids are those in the event's metadata. `info` for an event that needs no action, `warn` for one whose payment may be lost. */
export function stripeEventIgnored(
  log: WarnLog & { info(fields: object, message: string): void },
  level: 'info' | 'warn',
  event: {
    readonly id: string;
    readonly type: string;
    readonly ids: {
      readonly orderId: number | null;
      readonly holdId: number | null;
      readonly refundId: number | null;
    };
    readonly reason: string;
  },
): void {
  const { id, type, ids, reason } = event;
  const { orderId, holdId, refundId } = ids;
  log[level](
    { event_id: id, type, order_id: orderId, hold_id: holdId, refund_id: refundId, reason },
    'Stripe event ignored',
  );
}

/** Logged once by each process. */
export function thinStripeEvents(
  log: WarnLog,
  fields: { readonly event_id: string; readonly type: string },
): void {
  log.warn(
    fields,
    'Stripe sends thin events, which carry no payment, so they are ignored: ' +
      "create an event destination at Stripe with the payload style 'snapshot'",
  );
}

/** Logged once by each process. */
export function liveStripeEventsWithTestKey(
  log: WarnLog,
  fields: { readonly event_id: string; readonly type: string },
): void {
  log.warn(
    fields,
    'Stripe sends live events, and STRIPE_API_KEY is a test key: refunds of live payments fail until it is a live key',
  );
}

/** Logged once a minute for an address: its tokens are refused until the minute ends. */
export function adminTokenGuessed(
  log: WarnLog,
  { address, wrongTokens }: { readonly address: string; readonly wrongTokens: number },
): void {
  log.warn({ address, wrong_tokens: wrongTokens }, 'Too many wrong admin tokens from one address');
}

/** Said once: what is traced meanwhile is lost, and nothing else is. */
export function tracesNotSent(log: Logger, fields: { reason: string }): void {
  log.warn(fields, 'Traces cannot be sent, the sale goes on without them');
}

export function tracesSentAgain(log: Logger): void {
  log.info('Traces are sent again');
}

export function cacheHit(log: Logger, { productId }: { productId: number }): void {
  cacheLookup(log, productId, 'Cache hit');
}

export function cacheMiss(log: Logger, { productId }: { productId: number }): void {
  cacheLookup(log, productId, 'Cache miss');
}

function cacheLookup(log: Logger, productId: number, message: string): void {
  // Every read of a product comes by, so the key is only made when somebody reads it.
  if (log.isLevelEnabled('debug')) {
    log.debug({ key: `product:${productId}:available_stock` }, message);
  }
}
