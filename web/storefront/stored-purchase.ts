import type { Item, Purchase } from './purchase.ts';

/** What is kept of a purchase on the buyer's device, so that it goes on after a reload and in a second tab. */
export type StoredPurchase = { readonly item: Item } & (
  | { readonly step: 'asking'; readonly key: string; readonly askedAtMs: number }
  | { readonly step: 'held'; readonly holdId: number }
  | { readonly step: 'ordered'; readonly orderId: number }
);

const storageKey = 'flash-sale-purchase';
/** Of the format. What another version has written is not read. */
const version = 1;
/** A wish that nobody answered for so long is asked again only by the buyer. */
const wishMsMax = 60_000;

/**
 * What is to be kept when one purchase has become another: null for nothing, 'as_before' for what is kept already.
 *
 * @param nowMs by the device's clock, which need only agree with itself
 */
export function toKeep(
  before: Purchase,
  after: Purchase,
  nowMs: number,
): StoredPurchase | null | 'as_before' {
  // Only what is new: two tabs would wake each other for ever.
  if (after.kind === before.kind) {
    return 'as_before';
  }
  switch (after.kind) {
    case 'asking':
      return { step: 'asking', item: after.item, key: after.key, askedAtMs: nowMs };
    case 'held':
      return { step: 'held', item: after.item, holdId: after.holdId };
    case 'ordered':
      return { step: 'ordered', item: after.item, orderId: after.order.order_id };
    case 'restoring':
      return 'as_before';
    case 'refused':
      // Without an answer nobody knows: a reload finds out.
      return after.refusal.code === 'no_answer' ? 'as_before' : null;
    case 'hold_ended':
      // An end that came by itself is shown again after a reload, until the buyer has closed it.
      return after.how === 'expired' ? 'as_before' : null;
    case 'none':
      return null;
  }
}

/** Whether what is kept is what a page shows. */
export function isKept(purchase: Purchase, stored: StoredPurchase): boolean {
  switch (stored.step) {
    case 'asking':
      return purchase.kind === 'asking' && purchase.key === stored.key;
    case 'held':
      return purchase.kind === 'held' && purchase.holdId === stored.holdId;
    case 'ordered':
      return purchase.kind === 'ordered' && purchase.order.order_id === stored.orderId;
  }
}

/** The text that is kept, for `fromText`. */
export function toText(stored: StoredPurchase): string {
  return JSON.stringify({ version, ...stored });
}

/** @returns null for what this page has not written, or too long ago: other programs and people can write there too */
export function fromText(text: string | null, nowMs: number): StoredPurchase | null {
  const fields = parsed(text);
  const item = readItem(fields.item);
  if (fields.version !== version || item === null) {
    return null;
  }
  const { step, key, askedAtMs, holdId, orderId } = fields;
  if (step === 'asking' && typeof key === 'string' && typeof askedAtMs === 'number') {
    const isFresh = Math.abs(nowMs - askedAtMs) <= wishMsMax;
    return isFresh ? { step, item, key, askedAtMs } : null;
  }
  if (step === 'held' && isId(holdId)) {
    return { step, item, holdId };
  }
  return step === 'ordered' && isId(orderId) ? { step, item, orderId } : null;
}

/** The page's own storage, which may be full, switched off or forbidden: then a reload forgets. */
export const deviceStorage = {
  read(): string | null {
    try {
      return localStorage.getItem(storageKey);
    } catch {
      return null;
    }
  },
  write(text: string | null): void {
    try {
      if (text === null) {
        localStorage.removeItem(storageKey);
      } else {
        localStorage.setItem(storageKey, text);
      }
    } catch {
      // What is shown is right all the same.
    }
  },
  /** Calls back when another tab has changed what is kept. */
  watch(changed: () => void): void {
    addEventListener('storage', ({ key }) => {
      if (key === storageKey || key === null) {
        changed();
      }
    });
  },
};

export type PurchaseStorage = typeof deviceStorage;

function readItem(value: unknown): Item | null {
  const { productId, name, price, currency, quantity } = asFields(value);
  return isId(productId) &&
    typeof name === 'string' &&
    typeof price === 'number' &&
    typeof currency === 'string' &&
    /^[A-Z]{3}$/.test(currency) &&
    isId(quantity)
    ? { productId, name, price, currency, quantity }
    : null;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    return asFields(JSON.parse(text ?? 'null'));
  } catch {
    return {};
  }
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
