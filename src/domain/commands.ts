import type { IncomingPaymentEvent } from './payment.ts';

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
export type ApplyPaymentEvent = {
  readonly kind: 'apply_payment_event';
  readonly event: IncomingPaymentEvent;
  /**
   * Set by the engine: the database's times of the attempts that decided this command and whose commits have an
   * unknown outcome. A row that was received at one of these times is the command's own. Another node may store the same event in the
   * same millisecond: the answer is the same then, and only the replay header is missing.
   */
  readonly lostAtMs?: readonly number[];
};
/** Looks again at a parked event, because its order or hold was committed while it was being parked. */
export type RecheckParkedEvent = {
  readonly kind: 'recheck_parked_event';
  readonly event: Pick<IncomingPaymentEvent, 'key' | 'orderId' | 'holdId' | 'reference'>;
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
export type CreateProduct = {
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
export type ChangeStock = {
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
/** The money of a refund went back, as an operator or the provider says. */
export type SettleRefund = {
  readonly kind: 'settle_refund';
  readonly refundId: number;
  readonly providerReference?: string | undefined;
};
/** The provider had taken a refund and says that it failed afterwards. */
export type ReopenRefund = {
  readonly kind: 'reopen_refund';
  readonly refundId: number;
  /** The provider's own id of the refund that failed: word of an older one comes too late. */
  readonly providerReference: string;
  readonly error: string;
};
/** A provider says how much of a payment has gone back by now. */
export type ApplyProviderRefund = {
  readonly kind: 'apply_provider_refund';
  /** The payment's. */
  readonly reference: string;
  /** In all, so that neither the order nor the number of such commands counts. */
  readonly refundedMinor: number;
  readonly currency: string;
  readonly providerReference: string | null;
};

export type Command =
  | CreateHold
  | ReleaseHold
  | CreateOrder
  | CancelOrder
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
  | ReopenRefund
  | ApplyProviderRefund;
