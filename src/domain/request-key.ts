import type { Hold } from './hold.ts';
import type { Order } from './order.ts';
import type { Refund } from './refund.ts';

/** Which path a key belongs to: the same key on another path is another key. */
export type KeyScope = 'holds' | 'orders';

/** An order with its refunds, as it was answered. */
export type OrderAnswer = { readonly order: Order; readonly refunds: readonly Refund[] };

/**
 * What a buyer's `Idempotency-Key` stood for: written with its effect, so that the same request gets the same
 * answer.
 */
export type RequestKey = {
  readonly key: string;
  /** The validated values of the request: another body under the same key is refused. */
  readonly fingerprint: string;
  readonly createdAtMs: number;
} & (
  | { readonly scope: 'holds'; readonly answer: Hold }
  | { readonly scope: 'orders'; readonly answer: OrderAnswer }
);

/** Where a key is kept in a map: scope and key in one string. */
export function requestKeyName(scope: KeyScope, key: string): string {
  return `${scope}:${key}`;
}
