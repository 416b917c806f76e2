import type { CreatedHold, Hold, Order } from '../../src/client/checkout-client.ts';
import type { Refusal } from './refusals.ts';

/** What the buyer asked for, in the words and at the price that the page showed then. */
export type Item = {
  readonly productId: number;
  readonly name: string;
  /** For one unit. The order says what counts. */
  readonly price: number;
  readonly currency: string;
  readonly quantity: number;
};

/** What the buyer, or a developer in their place, does with a simulated payment. */
export type PaymentAction = 'succeed' | 'fail' | 'delay';

/**
 * Where one buyer is with one purchase. `isSlow`: what was asked is not answered yet, and is asked again until it is.
 *
 * ```
 * none ─▶ asking ─▶ held ─▶ ordered: pending ─▶ paid, failed, expired, cancelled, refund_due, refunded
 *           └▶ refused └▶ hold_ended
 * ```
 * A page that is loaded in the middle goes on from `restoring`. Nothing here decides anything: each step is an answer of the checkout.
 */
export type Purchase =
  | { readonly kind: 'none' }
  | { readonly kind: 'restoring'; readonly item: Item; readonly isSlow: boolean }
  /** `key`: asked again with it, the same hold comes back, and not a second one. */
  | { readonly kind: 'asking'; readonly item: Item; readonly key: string; readonly isSlow: boolean }
  | { readonly kind: 'refused'; readonly item: Item; readonly key: string; readonly refusal: Refusal }
  | Held
  | { readonly kind: 'hold_ended'; readonly item: Item; readonly how: 'expired' | 'given_back' }
  | Ordered;

export type Held = {
  readonly kind: 'held';
  readonly item: Item;
  readonly holdId: number;
  readonly expiresAt: string;
  /** `looking`: the deadline has come by the page's clock; the checkout has the last word. */
  readonly doing: 'ordering' | 'giving_back' | 'looking' | null;
  readonly isSlow: boolean;
  /** Why the last step was not taken. */
  readonly refusal: Refusal | null;
};

export type Ordered = {
  readonly kind: 'ordered';
  readonly item: Item;
  readonly order: Order;
  readonly doing: 'paying' | 'cancelling' | null;
  /** What the provider took; the order learns of it by an event. */
  readonly sent: PaymentAction | null;
  readonly isSlow: boolean;
  readonly refusal: Refusal | null;
};

export type PurchaseEvent =
  | { readonly type: 'restoring'; readonly item: Item }
  | { readonly type: 'hold_wanted'; readonly item: Item; readonly key: string }
  | { readonly type: 'order_wanted' }
  | { readonly type: 'give_back_wanted' }
  | { readonly type: 'payment_wanted' }
  | { readonly type: 'cancel_wanted' }
  | { readonly type: 'closed' }
  | { readonly type: 'deadline_came' }
  | { readonly type: 'no_answer_yet' }
  | { readonly type: 'hold_answered'; readonly hold: CreatedHold | Hold }
  | { readonly type: 'given_back' }
  | { readonly type: 'payment_sent'; readonly action: PaymentAction }
  | { readonly type: 'order_answered'; readonly order: Order }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export const noPurchase: Purchase = { kind: 'none' };

/** A purchase that is under way has units that are kept for its buyer, or may have soon. There is one at a time. */
export function isUnderWay(purchase: Purchase): boolean {
  switch (purchase.kind) {
    case 'restoring':
    case 'asking':
    case 'held':
      return true;
    case 'ordered':
      return purchase.order.status === 'pending';
    default:
      return false;
  }
}

/** What the purchase counts down to: an RFC 3339 time, or null when nothing runs out. */
export function deadlineOf(purchase: Purchase): string | null {
  if (purchase.kind === 'held') {
    return purchase.expiresAt;
  }
  return purchase.kind === 'ordered' && purchase.order.status === 'pending'
    ? purchase.order.payment_due_at
    : null;
}

/** @returns the same object when the event means nothing here: it came too late, or was sent twice */
export function nextPurchase(purchase: Purchase, event: PurchaseEvent): Purchase {
  switch (event.type) {
    case 'closed':
      return purchase.kind === 'none' ? purchase : noPurchase;
    case 'restoring':
      return isUnderWay(purchase) ? purchase : { kind: 'restoring', item: event.item, isSlow: false };
    case 'hold_wanted':
      return isUnderWay(purchase)
        ? purchase
        : { kind: 'asking', item: event.item, key: event.key, isSlow: false };
    default:
      break;
  }
  switch (purchase.kind) {
    case 'restoring':
    case 'asking':
      return afterAsking(purchase, event);
    case 'held':
      return afterHeld(purchase, event);
    case 'ordered':
      return afterOrdered(purchase, event);
    default:
      return purchase;
  }
}

type Waiting = Extract<Purchase, { kind: 'restoring' | 'asking' }>;

function afterAsking(purchase: Waiting, event: PurchaseEvent): Purchase {
  switch (event.type) {
    case 'no_answer_yet':
      return purchase.isSlow ? purchase : { ...purchase, isSlow: true };
    case 'hold_answered':
      return held(purchase.item, event.hold);
    case 'order_answered':
      return ordered(purchase.item, event.order);
    case 'refused':
      // What was restored is then not there any more.
      return purchase.kind === 'asking'
        ? { kind: 'refused', item: purchase.item, key: purchase.key, refusal: event.refusal }
        : noPurchase;
    default:
      return purchase;
  }
}

function afterHeld(purchase: Held, event: PurchaseEvent): Purchase {
  const { item, doing } = purchase;
  switch (event.type) {
    case 'no_answer_yet':
      return doing === null || purchase.isSlow ? purchase : { ...purchase, isSlow: true };
    case 'order_wanted':
      return doing === null ? { ...purchase, doing: 'ordering', refusal: null } : purchase;
    case 'give_back_wanted':
      return doing === null ? { ...purchase, doing: 'giving_back', refusal: null } : purchase;
    case 'deadline_came':
      return doing === null ? { ...purchase, doing: 'looking', refusal: null } : purchase;
    case 'hold_answered':
      return event.hold.status === 'released'
        ? { kind: 'hold_ended', item, how: howEnded(event.hold, purchase.expiresAt) }
        : sameOr(purchase, event.hold.expires_at);
    case 'given_back':
      return { kind: 'hold_ended', item, how: 'given_back' };
    case 'order_answered':
      return ordered(item, event.order);
    case 'refused':
      return afterRefusal(purchase, event.refusal);
    default:
      return purchase;
  }
}

function afterRefusal(purchase: Held, refusal: Refusal): Purchase {
  switch (refusal.code) {
    case 'hold_expired':
    case 'hold_not_found':
      return { kind: 'hold_ended', item: purchase.item, how: 'expired' };
    case 'hold_released':
      return { kind: 'hold_ended', item: purchase.item, how: 'given_back' };
    default:
      return { ...purchase, doing: null, isSlow: false, refusal };
  }
}

function afterOrdered(purchase: Ordered, event: PurchaseEvent): Purchase {
  if (event.type === 'order_answered') {
    return event.order.status === 'pending'
      ? { ...purchase, order: event.order }
      : { ...ordered(purchase.item, event.order), sent: purchase.sent };
  }
  // Nothing else can be done with an order that has ended.
  return purchase.order.status === 'pending' ? afterPending(purchase, event) : purchase;
}

function afterPending(purchase: Ordered, event: PurchaseEvent): Purchase {
  const { doing } = purchase;
  switch (event.type) {
    case 'no_answer_yet':
      return doing === null || purchase.isSlow ? purchase : { ...purchase, isSlow: true };
    case 'payment_wanted':
      return doing === null ? { ...purchase, doing: 'paying', refusal: null } : purchase;
    case 'cancel_wanted':
      return doing === null ? { ...purchase, doing: 'cancelling', refusal: null } : purchase;
    case 'payment_sent':
      return { ...purchase, doing: null, isSlow: false, sent: event.action };
    case 'refused':
      return { ...purchase, doing: null, isSlow: false, refusal: event.refusal };
    default:
      return purchase;
  }
}

function held(item: Item, hold: CreatedHold | Hold): Purchase {
  if (hold.status === 'released') {
    return { kind: 'hold_ended', item, how: 'expired' };
  }
  const { hold_id: holdId, expires_at: expiresAt, quantity } = hold;
  return {
    kind: 'held',
    item: { ...item, quantity },
    holdId,
    expiresAt,
    doing: null,
    isSlow: false,
    refusal: null,
  };
}

/** What was asked meanwhile goes on. */
function sameOr(purchase: Held, expiresAt: string): Held {
  return purchase.expiresAt === expiresAt ? purchase : { ...purchase, expiresAt };
}

/** A deadline that has come closer means that the hold was let go, in another tab for example. */
function howEnded(hold: CreatedHold | Hold, knownExpiresAt: string): 'expired' | 'given_back' {
  return Date.parse(hold.expires_at) < Date.parse(knownExpiresAt) ? 'given_back' : 'expired';
}

function ordered(item: Item, order: Order): Ordered {
  return {
    kind: 'ordered',
    item: { ...item, quantity: order.quantity },
    order,
    doing: null,
    sent: null,
    isSlow: false,
    refusal: null,
  };
}
