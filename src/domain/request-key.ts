import type {
  ChangeStock,
  CreateProduct,
  PayOrder,
  RefundOrder,
  ResolvePaymentEvent,
  SettleRefund,
} from './commands.ts';
import type { Dispute } from './dispute.ts';
import type { Hold } from './hold.ts';
import type { NextRelease } from './next-release.ts';
import type { Order } from './order.ts';
import type { OutcomeOf } from './outcomes.ts';
import type { Refund } from './refund.ts';

/** The commands of operators that an `Idempotency-Key` may come with. */
export type OperatorCommand =
  | CreateProduct
  | ChangeStock
  | SettleRefund
  | RefundOrder
  | PayOrder
  | ResolvePaymentEvent;

/** The path of each. An id in the path counts as a value of the request: under the same key another id is refused. */
export const operatorScopes = {
  create_product: 'admin/products',
  change_stock: 'admin/stock',
  settle_refund: 'admin/settle',
  refund_order: 'admin/refund',
  pay_order: 'admin/pay',
  resolve_payment_event: 'admin/resolve',
} as const satisfies Record<OperatorCommand['kind'], string>;

type OperatorScope = (typeof operatorScopes)[OperatorCommand['kind']];

/** Which path a key belongs to: the same key on another path is another key. */
export type KeyScope = 'holds' | 'orders' | OperatorScope;

/** The `Idempotency-Key` of an operator's request. */
export type KeyedRequest = {
  readonly key: string;
  /** A digest of the validated values, at most 64 characters: that is what every database keeps of it. */
  readonly fingerprint: string;
};

/** An order with its refunds and disputes, as it was answered. */
export type OrderAnswer = {
  readonly order: Order;
  readonly refunds: readonly Refund[];
  /** Absent without any. */
  readonly disputes?: readonly Dispute[];
};

/** What an operator's command came to. The next release of a product in it is completed before it is written. */
export type OperatorAnswer = Exclude<OutcomeOf<OperatorCommand, NextRelease>, { readonly kind: 'refused' }>;

/**
 * What an `Idempotency-Key` stood for: written with its effect, so that the same request gets the same
 * answer.
 */
export type RequestKey = {
  readonly key: string;
  /** The validated values of the request: another body under the same key is refused. */
  readonly fingerprint: string;
  readonly createdAtMs: number;
  /** The request that stored the row. Absent for holds and orders, which have an id of their own. */
  readonly receiptId?: number;
} & (
  | { readonly scope: 'holds'; readonly answer: Hold }
  | { readonly scope: 'orders'; readonly answer: OrderAnswer }
  | { readonly scope: OperatorScope; readonly answer: OperatorAnswer }
);

/** Where a key is kept in a map: scope and key in one string. */
export function requestKeyName(scope: string, key: string): string {
  return `${scope}:${key}`;
}
