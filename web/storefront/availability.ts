import type { Product } from '../../src/client/checkout-client.ts';

/** What a buyer can get of a product now. */
export type Availability =
  | { readonly kind: 'available'; readonly left: number; readonly of: number; readonly isLow: boolean }
  /** None is left, but some that are held may come back, not before `nextReleaseAt`. */
  | { readonly kind: 'all_held'; readonly nextReleaseAt: string | null }
  | { readonly kind: 'sold_out' }
  | { readonly kind: 'not_open'; readonly opensAt: string }
  | { readonly kind: 'closed' };

/** A buyer who wants more than this is not who the sale is for. */
const quantityMax = 10;

/** @param nowMs the server's time: it opens and closes the sale */
export function availabilityOf(product: Product, nowMs: number): Availability {
  const { stock, available_stock: left, opens_at, closes_at, next_release_at } = product;
  if (closes_at !== null && Date.parse(closes_at) <= nowMs) {
    return { kind: 'closed' };
  }
  if (opens_at !== null && Date.parse(opens_at) > nowMs) {
    return { kind: 'not_open', opensAt: opens_at };
  }
  if (left > 0) {
    return { kind: 'available', left, of: stock, isLow: isLow(left, stock) };
  }
  return stock > 0 ? { kind: 'all_held', nextReleaseAt: next_release_at } : { kind: 'sold_out' };
}

/** How many a buyer can ask for: at least one, so that there is always a number to show. */
export function quantityMaxOf(availability: Availability): number {
  return availability.kind === 'available' ? Math.min(quantityMax, availability.left) : 1;
}

/** When the sale of a product opens or closes next: until then the page has to look at the clock. */
export function nextChangeOf({ opens_at, closes_at }: Product, nowMs: number): string | null {
  return [opens_at, closes_at].find((time) => time !== null && Date.parse(time) > nowMs) ?? null;
}

/** A tenth is little, but neither is 150 of 1,500, nor are all of 3. */
function isLow(left: number, of: number): boolean {
  return left <= 3 || (left <= 20 && left * 10 <= of);
}
