import type { Command } from './commands.ts';
import type { Hold } from './hold.ts';
import type { OrderStatus } from './order.ts';
import type { PaymentAnswer, PaymentResult } from './payment.ts';
import type { Product } from './product.ts';
import type { Refund } from './refund.ts';
import type { OrderAnswer } from './request-key.ts';

/** Expected refusals are values. Each code is one of the error catalogue and never changes its meaning. */
export type Refusal =
  | {
      readonly kind: 'refused';
      readonly code: 'product_not_found' | 'hold_not_found' | 'order_not_found' | 'refund_not_found';
    }
  | {
      readonly kind: 'refused';
      readonly code: 'insufficient_stock';
      readonly availableStock: number;
      readonly requested: number;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'sale_not_open';
      readonly opensAtMs: number | null;
      readonly closesAtMs: number | null;
    }
  | { readonly kind: 'refused'; readonly code: 'hold_already_ordered'; readonly orderId: number }
  | { readonly kind: 'refused'; readonly code: 'hold_consumed' | 'hold_expired' | 'hold_released' }
  | { readonly kind: 'refused'; readonly code: 'order_not_cancellable'; readonly orderStatus: OrderStatus }
  | {
      readonly kind: 'refused';
      readonly code: 'stock_below_held';
      readonly stock: number;
      readonly heldStock: number;
    }
  | { readonly kind: 'refused'; readonly code: 'idempotency_key_reused' }
  | {
      readonly kind: 'refused';
      readonly code: 'invalid_request';
      readonly field: string;
      readonly message: string;
    }
  /** More events wait for unknown orders than `PARKED_MAX` allows. */
  | { readonly kind: 'refused'; readonly code: 'overloaded' };

/**
 * The command needs more overdue holds released than one batch may: it keeps its place for the next batch.
 */
export type Deferred = { readonly kind: 'deferred' };

type HoldCreated = {
  readonly kind: 'hold_created';
  readonly hold: Hold;
  readonly replayed: boolean;
};
type OrderCreated = OrderAnswer & { readonly kind: 'order_created'; readonly replayed: boolean };
type PaymentEventAnswered = {
  readonly kind: 'payment_event_answered';
  readonly answer: PaymentAnswer;
  readonly replayed: boolean;
};

type OutcomeByKind = {
  create_hold: HoldCreated;
  /** Also when there was nothing left to release. */
  release_hold: { readonly kind: 'hold_let_go' };
  create_order: OrderCreated;
  cancel_order: OrderAnswer & { readonly kind: 'order_cancelled' };
  apply_payment_event: PaymentEventAnswered;
  recheck_parked_event: { readonly kind: 'parked_event_rechecked'; readonly result: PaymentResult | null };
  abandon_parked_event: { readonly kind: 'parked_event_rechecked'; readonly result: PaymentResult | null };
  expire_holds: { readonly kind: 'holds_expired'; readonly released: number };
  create_product: { readonly kind: 'product_created'; readonly product: Product };
  seed_products: { readonly kind: 'products_seeded'; readonly created: number };
  update_product: { readonly kind: 'product_updated'; readonly product: Product };
  change_stock: { readonly kind: 'stock_changed'; readonly product: Product };
  settle_refund: { readonly kind: 'refund_settled'; readonly refund: Refund };
};

/** What a command of type `C` can come to. */
export type OutcomeOf<C extends Command> = OutcomeByKind[C['kind']] | Refusal;

/** What `decide` returns for any command. */
export type Outcome = OutcomeOf<Command> | Deferred;
