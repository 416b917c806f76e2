import type { Command } from './commands.ts';
import type { Hold } from './hold.ts';
import type { OperatorChoice, OperatorDecision } from './operator-decision.ts';
import type { Order, OrderStatus } from './order.ts';
import type { PaymentAnswer, PaymentEvent, PaymentResult } from './payment.ts';
import type { PaymentIntent } from './payment-intent.ts';
import type { ProductSnapshot } from './product.ts';
import type { Refund } from './refund.ts';
import type { OrderAnswer } from './request-key.ts';

/**
 * Expected refusals are values. Each code is one of the error catalogue and never changes its meaning.
 *
 * @typeParam Release what is known of the next release of a product: of an outcome that `decide` returns it may be a part
 */
export type Refusal<Release = number | null> =
  | {
      readonly kind: 'refused';
      readonly code:
        | 'product_not_found'
        | 'hold_not_found'
        | 'order_not_found'
        | 'refund_not_found'
        | 'payment_event_not_found';
    }
  | {
      readonly kind: 'refused';
      readonly code: 'insufficient_stock';
      readonly availableStock: number;
      readonly requested: number;
      /** When units may come back, as of this very command. */
      readonly nextReleaseAtMs: Release;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'sale_not_open';
      readonly opensAtMs: number | null;
      readonly closesAtMs: number | null;
    }
  | { readonly kind: 'refused'; readonly code: 'hold_already_ordered'; readonly orderId: number }
  | { readonly kind: 'refused'; readonly code: 'hold_consumed' | 'hold_expired' | 'hold_released' }
  | {
      readonly kind: 'refused';
      readonly code: 'order_not_cancellable' | 'order_not_payable' | 'order_not_refundable';
      readonly orderStatus: OrderStatus;
    }
  /** Of the order that the payment was settled for, if it was for one. */
  | { readonly kind: 'refused'; readonly code: 'payment_already_settled'; readonly orderId: number | null }
  | { readonly kind: 'refused'; readonly code: 'payment_event_not_waiting'; readonly result: PaymentResult }
  | { readonly kind: 'refused'; readonly code: 'payment_event_resolved'; readonly choice: OperatorChoice }
  /** The event reports no money, or not how much. */
  | { readonly kind: 'refused'; readonly code: 'nothing_to_refund' }
  | {
      readonly kind: 'refused';
      readonly code: 'stock_below_held';
      readonly stock: number;
      readonly heldStock: number;
    }
  | { readonly kind: 'refused'; readonly code: 'version_mismatch'; readonly version: string }
  | { readonly kind: 'refused'; readonly code: 'idempotency_key_reused' }
  | {
      readonly kind: 'refused';
      readonly code: 'invalid_request';
      readonly field: string;
      readonly message: string;
    }
  /** A worker is sending it at this moment. */
  | { readonly kind: 'refused'; readonly code: 'refund_in_progress'; readonly untilMs: number }
  /** More events wait for unknown orders than `PARKED_MAX` allows. */
  | { readonly kind: 'refused'; readonly code: 'overloaded' };

/**
 * The command needs more overdue holds released than one batch may: it keeps its place for the next batch.
 */
export type Deferred = { readonly kind: 'deferred' };

/** Only in the answer to a request whose `Idempotency-Key` was known. */
type MaybeReplayed = { readonly replayed?: true };

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

/** Said of something that nobody here knows, and of no use later: it is not kept. */
type PaymentEventIgnored = { readonly kind: 'payment_event_ignored' };

type RefundNotToSend = { readonly kind: 'refund_not_to_send'; readonly refund: Refund };

type OutcomeByKind<Release> = {
  create_hold: HoldCreated;
  /** Also when there was nothing left to release. */
  release_hold: { readonly kind: 'hold_let_go' };
  create_order: OrderCreated;
  cancel_order: OrderAnswer & { readonly kind: 'order_cancelled' };
  /** With the order as it is, also when there was nothing to end. */
  refuse_payment: { readonly kind: 'payment_refused'; readonly order: Order };
  apply_payment_event: PaymentEventAnswered | PaymentEventIgnored;
  recheck_parked_event: { readonly kind: 'parked_event_rechecked'; readonly result: PaymentResult | null };
  abandon_parked_event: { readonly kind: 'parked_event_rechecked'; readonly result: PaymentResult | null };
  expire_holds: { readonly kind: 'holds_expired'; readonly released: number };
  /** With the product right after the command, whatever follows in the same batch. The same holds for the next two. */
  create_product: MaybeReplayed & {
    readonly kind: 'product_created';
    readonly product: ProductSnapshot<Release>;
  };
  seed_products: { readonly kind: 'products_seeded'; readonly created: number };
  update_product: { readonly kind: 'product_updated'; readonly product: ProductSnapshot<Release> };
  change_stock: MaybeReplayed & {
    readonly kind: 'stock_changed';
    readonly product: ProductSnapshot<Release>;
  };
  /** The one that stands, which another process may have recorded. */
  record_payment_intent: { readonly kind: 'payment_intent_recorded'; readonly intent: PaymentIntent };
  /** Null when the order has none. */
  close_payment_intent: { readonly kind: 'payment_intent_closed'; readonly intent: PaymentIntent | null };
  begin_refund:
    | {
        readonly kind: 'refund_begun';
        /** `attemptMinor` is what is to be sent. */
        readonly refund: Refund;
        /**
         * The provider may have sent this refund under another key than the one of this attempt: the key is forgotten by now, it was for
         * another amount, or a refund of this payment ended there. The payment's refunds have to be looked through first.
         */
        readonly mayBeForgotten: boolean;
      }
    /** It succeeded, its next attempt has not come, its payment is under dispute or has no reference that a provider would know. */
    | RefundNotToSend;
  postpone_refund: { readonly kind: 'refund_postponed'; readonly refund: Refund };
  settle_refund: MaybeReplayed & { readonly kind: 'refund_settled'; readonly refund: Refund };
  record_returned_sum: { readonly kind: 'returned_sum_recorded'; readonly refund: Refund };
  refund_order: MaybeReplayed & OrderAnswer & { readonly kind: 'order_refund_due' };
  pay_order: MaybeReplayed & OrderAnswer & { readonly kind: 'order_paid' };
  resolve_payment_event: MaybeReplayed & {
    readonly kind: 'payment_event_resolved';
    readonly event: PaymentEvent;
    readonly resolution: OperatorDecision;
  };
};

/** What a command of type `C` can come to. */
export type OutcomeOf<C extends Command, Release = number | null> =
  | OutcomeByKind<Release>[C['kind']]
  | Refusal<Release>;

/** What any command can come to in one batch. */
export type Outcome<Release = number | null> = OutcomeOf<Command, Release> | Deferred;
