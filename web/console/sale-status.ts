import type { Product } from '../../src/client/checkout-client.ts';
import { saleTimeText, timeText } from './format.ts';

/** What a buyer meets who asks for this product now. */
export type SaleStatus =
  | { readonly kind: 'on_sale'; readonly until: string | null }
  | { readonly kind: 'opens'; readonly at: string }
  | { readonly kind: 'closed'; readonly at: string }
  | { readonly kind: 'all_held'; readonly backAt: string | null }
  | { readonly kind: 'sold_out' };

export function saleStatus(product: Product, nowMs: number): SaleStatus {
  const { opens_at, closes_at, available_stock, held_stock, next_release_at } = product;
  if (closes_at !== null && Date.parse(closes_at) <= nowMs) {
    return { kind: 'closed', at: closes_at };
  }
  if (opens_at !== null && Date.parse(opens_at) > nowMs) {
    return { kind: 'opens', at: opens_at };
  }
  if (available_stock > 0) {
    return { kind: 'on_sale', until: closes_at };
  }
  return held_stock > 0 ? { kind: 'all_held', backAt: next_release_at } : { kind: 'sold_out' };
}

/** Whether new holds are granted, by the window alone. */
export function isSaleOpen(
  { opens_at, closes_at }: Pick<Product, 'opens_at' | 'closes_at'>,
  nowMs: number,
): boolean {
  return (
    (opens_at === null || Date.parse(opens_at) <= nowMs) &&
    (closes_at === null || Date.parse(closes_at) > nowMs)
  );
}

export function saleStatusText(status: SaleStatus, nowMs: number): string {
  switch (status.kind) {
    case 'on_sale':
      return status.until === null ? 'On sale' : `On sale until ${saleTimeText(status.until, nowMs)}`;
    case 'opens':
      return `Opens ${saleTimeText(status.at, nowMs)}`;
    case 'closed':
      return `Closed ${saleTimeText(status.at, nowMs)}`;
    case 'all_held':
      return status.backAt === null ? 'All held' : `All held, back ${timeText(status.backAt, nowMs)}`;
    case 'sold_out':
      return 'Sold out';
  }
}
