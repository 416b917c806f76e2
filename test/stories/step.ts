import type { FactStatus } from '../../src/domain/payment.ts';

/** What one buyer, payment provider, worker or operator does, once. */
export type Step = StepBase & StepKind;

type StepBase = {
  /** Its place among all steps as they were written. */
  readonly id: number;
  readonly buyer: number;
  /** Not before; a step that needs an id which an earlier one brings waits for it. */
  readonly atMs: number;
  /** The node that is asked first. */
  readonly node: number;
};

export type StepKind =
  | {
      readonly kind: 'hold';
      readonly productId: number;
      readonly quantity: number;
      readonly idempotencyKey: string | null;
    }
  | { readonly kind: 'order'; readonly hold: number; readonly idempotencyKey: string | null }
  | { readonly kind: 'release'; readonly hold: number }
  | { readonly kind: 'cancel'; readonly order: number }
  | Pay
  | Fact
  | { readonly kind: 'restock'; readonly productId: number; readonly change: number }
  /** A worker's round. */
  | { readonly kind: 'expire' | 'recheck' }
  /** An operator settles each refund that is due. */
  | { readonly kind: 'settle' };

/** A payment provider tells of a payment. */
export type Pay = {
  readonly kind: 'pay';
  readonly key: string;
  /** `order soon`: by the id that the order's first request carries, whether it has been answered or not. */
  readonly names: 'order' | 'order soon' | 'hold' | 'stranger';
  readonly hold: number;
  readonly order: number;
  readonly status: 'paid' | 'failed';
  readonly amount: 'right' | 'wrong' | 'unsaid';
  readonly reference: string | null;
};

/** A payment provider reports what became of a payment, before or after it reports the payment. */
export type Fact = {
  readonly kind: 'fact';
  readonly key: string;
  /** What the payment reports: the fact names its reference. */
  readonly of: Pay & { readonly reference: string };
  /** Whether it also names the order or hold of the payment. */
  readonly namesTarget: boolean;
  readonly status: FactStatus;
  /** Of the amount of the payment; `unsaid`: without an amount, which stands for all. */
  readonly amount: 'all' | 'half' | 'unsaid';
  readonly factId: string | null;
  /** The provider's time, in ms since an instant of its own. */
  readonly occurredAtMs: number;
};

/** Each product costs this for a unit. */
export const priceMinor = 1000;
