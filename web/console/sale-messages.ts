import type { AdminProduct } from '../../src/client/checkout-client.ts';

/** A product as operators see it: with what became of the units that are no longer free. */
export type SaleProduct = AdminProduct & {
  /** Units in orders that wait for their payment. They are held too. */
  readonly ordered_stock: number;
  /** Units ever sold. */
  readonly sold: number;
};

/** What happened in one second, over all processes. */
export type SaleSecond = {
  readonly at: string;
  readonly holds: number;
  readonly orders: number;
  readonly payments: number;
  readonly refusals: number;
  /** Of the answers to holds; null in a second without any. */
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  /** Commands in the queue. */
  readonly waiting: number;
};

export type WaitingSince = {
  readonly count: number;
  readonly oldest_at: string | null;
};

/** What waits for an operator, or for the worker. */
export type Attention = {
  readonly refunds_due: WaitingSince;
  readonly parked_events: number;
  readonly unmatched_events: number;
  readonly possible_second_payments: number;
  readonly open_disputes: WaitingSince;
  readonly refused_payments: WaitingSince & { readonly product_ids: readonly number[] };
  readonly dead_letters: number;
  readonly failing_deliveries: number;
  readonly switched_off_endpoints: number;
  readonly overdue_holds: WaitingSince;
};

export type AuditResult = {
  readonly ok: boolean;
  /** Names of the checks that differ. */
  readonly failed: readonly string[];
  readonly at: string;
  readonly duration_ms: number;
};

/** What the stream for operators says. */
export type SaleMessage =
  | { readonly event: 'products'; readonly data: { readonly products: readonly SaleProduct[] } }
  | {
      readonly event: 'seconds';
      readonly data: { readonly processes: number; readonly seconds: readonly SaleSecond[] };
    }
  | { readonly event: 'attention'; readonly data: Attention }
  | { readonly event: 'audit'; readonly data: AuditResult };
