import type { Attention, AuditResult, SaleProduct, SaleSecond } from './sale-messages.ts';
import { emptySale, type SaleState } from './sale-state.ts';

/** When the samples are. */
export const sampleMs = Date.parse('2026-11-27T09:00:00Z');

/** An instant so many seconds later, or earlier. */
export function at(seconds: number): string {
  return new Date(sampleMs + seconds * 1_000).toISOString();
}

export function aProduct(over: Partial<SaleProduct> = {}): SaleProduct {
  return {
    id: 1,
    name: 'Phone',
    price: 1199.99,
    currency: 'USD',
    stock: 50,
    held_stock: 0,
    available_stock: 50,
    next_release_at: null,
    opens_at: null,
    closes_at: null,
    version: 'a1b2c3d4e5f60718',
    ordered_stock: 0,
    sold: 0,
    ...over,
  };
}

/** The second that begins so many seconds after the samples' instant. */
export function aSecond(nth: number, over: Partial<SaleSecond> = {}): SaleSecond {
  return {
    at: at(nth),
    holds: 0,
    orders: 0,
    payments: 0,
    refusals: 0,
    p50_ms: null,
    p99_ms: null,
    waiting: 0,
    ...over,
  };
}

export const nothingToDo: Attention = {
  refunds_due: { count: 0, oldest_at: null },
  parked_events: 0,
  unmatched_events: 0,
  possible_second_payments: 0,
  open_disputes: { count: 0, oldest_at: null },
  refused_payments: { count: 0, oldest_at: null, product_ids: [] },
  dead_letters: 0,
  failing_deliveries: 0,
  switched_off_endpoints: 0,
  overdue_holds: { count: 0, oldest_at: null },
};

export const agreeingAudit: AuditResult = { ok: true, failed: [], at: at(-5), duration_ms: 12 };

/** A live stream of a sale of these products with nothing to do. */
export function aSale(products: readonly SaleProduct[], over: Partial<SaleState> = {}): SaleState {
  return {
    ...emptySale,
    stream: { kind: 'live' },
    lastMessageAtMs: sampleMs,
    products: new Map(products.map((product) => [product.id, product])),
    attention: nothingToDo,
    audit: agreeingAudit,
    ...over,
  };
}
