import type { IncomingPaymentEvent } from './payment.ts';
import type { KeyedRequest } from './request-key.ts';

/** An operator's command may come with an `Idempotency-Key`. */
type Keyed = {
  readonly requestKey?: KeyedRequest | undefined;
  /** Set by the engine, as in `ApplyPaymentEvent`: a key with this id was stored by this command, and not by another request. */
  readonly receiptId?: number;
};

/**
 * What the engine is asked to do. The id of what a command asks for, a hold, an order or a change of stock,
 * is made beforehand by who submits it: a batch can then be decided again, and after a commit whose outcome
 * is unknown the id tells whether it took place.
 */
export type CreateHold = {
  readonly kind: 'create_hold';
  readonly holdId: number;
  readonly productId: number;
  readonly quantity: number;
  readonly idempotencyKey: string | null;
};
export type ReleaseHold = { readonly kind: 'release_hold'; readonly holdId: number };
export type CreateOrder = {
  readonly kind: 'create_order';
  readonly orderId: number;
  readonly holdId: number;
  readonly idempotencyKey: string | null;
};
export type CancelOrder = { readonly kind: 'cancel_order'; readonly orderId: number };
/** A provider can never take the payment of an order, because of its amount or its currency. */
export type RefusePayment = {
  readonly kind: 'refuse_payment';
  readonly orderId: number;
  readonly provider: string;
  /** The provider's words, for an operator. */
  readonly reason: string;
};
export type ApplyPaymentEvent = {
  readonly kind: 'apply_payment_event';
  readonly event: IncomingPaymentEvent;
  /**
   * Set by the engine, once for each delivery of the event. After a commit of unknown outcome it tells a row that this command has stored
   * from one that another delivery has.
   */
  readonly receiptId?: number;
};
/** Looks again at a parked event, because its order or hold was committed while it was being parked. */
export type RecheckParkedEvent = {
  readonly kind: 'recheck_parked_event';
  readonly event: Pick<IncomingPaymentEvent, 'key' | 'orderId' | 'holdId' | 'reference' | 'status'>;
};
/**
 * Gives up on an event whose order or hold has stayed unknown; one that is known by now is rechecked instead.
 */
export type AbandonParkedEvent = Omit<RecheckParkedEvent, 'kind'> & { readonly kind: 'abandon_parked_event' };
/** Releases overdue holds of one product, oldest first, at most `limit`. */
export type ExpireHolds = {
  readonly kind: 'expire_holds';
  readonly productId: number;
  readonly limit: number;
};
export type CreateProduct = Keyed & {
  readonly kind: 'create_product';
  readonly stockChangeId: number;
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly stock: number;
  readonly reason: string;
  readonly opensAtMs: number | null;
  readonly closesAtMs: number | null;
};
export type SeedProduct = {
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly stock: number;
};
/**
 * Puts products on sale if there is none at all, so that several processes that start at once seed only once.
 */
export type SeedProducts = { readonly kind: 'seed_products'; readonly products: readonly SeedProduct[] };
/** Fields that are undefined stay as they are. */
export type UpdateProduct = {
  readonly kind: 'update_product';
  readonly productId: number;
  readonly name: string | undefined;
  /** In major units: only the product's row knows its currency. */
  readonly price: number | undefined;
  readonly opensAtMs: number | null | undefined;
  readonly closesAtMs: number | null | undefined;
  /** The versions that the product may have (`productVersion`); null: any. */
  readonly expectedVersions: readonly string[] | null;
};
export type ChangeStock = Keyed & {
  readonly kind: 'change_stock';
  readonly stockChangeId: number;
  readonly productId: number;
  readonly change: number;
  readonly reason: string;
};
/** The payment that a provider was asked for; the one that was recorded first stays. */
export type RecordPaymentIntent = {
  readonly kind: 'record_payment_intent';
  readonly orderId: number;
  readonly provider: string;
  readonly reference: string;
  readonly clientSecret: string;
};
/** An order's intent can no longer be paid, or its money was told of. */
export type ClosePaymentIntent = { readonly kind: 'close_payment_intent'; readonly orderId: number };
/**
 * Takes a refund for one attempt, before anything is sent: nobody else sends it until `leaseSeconds` have passed.
 */
export type BeginRefund = {
  readonly kind: 'begin_refund';
  readonly refundId: number;
  readonly leaseSeconds: number;
};
/** An attempt has not sent the refund, or the provider will tell later what became of it. */
export type PostponeRefund = {
  readonly kind: 'postpone_refund';
  readonly refundId: number;
  /** Why, in words for an operator; null when the provider has taken it. */
  readonly error: string | null;
  /** From now to the next attempt. */
  readonly delayMs: number;
  readonly providerReference?: string | undefined;
};
/** The money of a refund went back: the provider has sent it, or an operator did by other means. */
export type SettleRefund = Keyed & {
  readonly kind: 'settle_refund';
  readonly refundId: number;
  /** What the provider has sent, with its own id and time; absent: an operator sent what was left. */
  readonly sent?: { readonly reference: string; readonly amountMinor: number; readonly atMs: number };
};
/** The sum that the provider has returned of a refund's payment, as it answered when it was asked. */
export type RecordReturnedSum = {
  readonly kind: 'record_returned_sum';
  readonly refundId: number;
  readonly returnedMinor: number;
  readonly currency: string;
  /** The provider's time, in ms since 1970. */
  readonly atMs: number;
};
/** Money of a paid order goes back, because an operator wants it to. */
export type RefundOrder = Keyed & {
  readonly kind: 'refund_order';
  readonly decisionId: number;
  /** Of the stock change, if there is one. */
  readonly stockChangeId: number;
  readonly orderId: number;
  /** In major units, because only the order's row knows its currency. Null: all that is left. */
  readonly amount: number | null;
  readonly restock: boolean;
  readonly reason: string;
};
/** Money that came by another way than a payment event buys an order. */
export type PayOrder = Keyed & {
  readonly kind: 'pay_order';
  readonly decisionId: number;
  readonly orderId: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reference: string;
  readonly reason: string;
};
/** An operator decides about a payment event that waits for that. */
export type ResolvePaymentEvent = Keyed & {
  readonly kind: 'resolve_payment_event';
  readonly decisionId: number;
  readonly event: RecheckParkedEvent['event'];
  readonly choice: 'refund' | 'nothing_due';
  readonly reason: string;
};

export type Command =
  | CreateHold
  | ReleaseHold
  | CreateOrder
  | CancelOrder
  | RefusePayment
  | ApplyPaymentEvent
  | RecheckParkedEvent
  | AbandonParkedEvent
  | ExpireHolds
  | CreateProduct
  | SeedProducts
  | UpdateProduct
  | ChangeStock
  | RecordPaymentIntent
  | ClosePaymentIntent
  | BeginRefund
  | PostponeRefund
  | SettleRefund
  | RecordReturnedSum
  | RefundOrder
  | PayOrder
  | ResolvePaymentEvent;
