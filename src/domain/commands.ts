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
};
export type ChangeStock = {
  readonly kind: 'change_stock';
  readonly stockChangeId: number;
  readonly productId: number;
  readonly change: number;
  readonly reason: string;
};
/** An operator says that the money of a refund went back. */
export type SettleRefund = { readonly kind: 'settle_refund'; readonly refundId: number };

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
  | SettleRefund;
