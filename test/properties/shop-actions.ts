import fc from 'fast-check';
import type { FactStatus } from '../../src/domain/payment.ts';

/**
 * What somebody does in a random shop. Rows are named by small numbers, taken modulo what there is, so that
 * random actions meet the same rows often; `unknown` names a row that comes later or never. A key of null is
 * one that nobody has used before.
 */
export type Action =
  | { readonly do: 'hold'; readonly product: number; readonly quantity: number; readonly key: number | null }
  | { readonly do: 'order'; readonly hold: number; readonly key: number | null }
  | { readonly do: 'release'; readonly hold: number }
  | { readonly do: 'cancel'; readonly order: number }
  | {
      readonly do: 'tell';
      readonly about: 'order' | 'hold' | 'order and its hold' | 'order and a hold';
      readonly row: number;
      readonly key: number | null;
      readonly status: 'paid' | 'failed' | 'declined';
      readonly amountMinor: number | null;
      readonly reference: number | null;
    }
  | { readonly do: 'recheck' | 'abandon'; readonly event: number }
  | { readonly do: 'expire'; readonly product: number; readonly limit: number }
  | { readonly do: 'stock'; readonly product: number; readonly change: number }
  | { readonly do: 'price'; readonly product: number; readonly price: number }
  | { readonly do: 'intend'; readonly order: number; readonly reference: number }
  | { readonly do: 'close intent'; readonly order: number }
  | {
      readonly do: 'begin' | 'settle' | 'operator settles' | 'postpone' | 'look';
      readonly refund: number;
      readonly sent: number;
    }
  | {
      readonly do: 'fact';
      readonly about: 'payment' | 'order' | 'hold' | 'payment and order' | 'order and a hold';
      readonly row: number;
      readonly payment: number;
      readonly status: FactStatus;
      readonly amountMinor: number | null;
      readonly currency: string;
      readonly fact: number | null;
      readonly at: number | null;
    }
  | { readonly do: 'product'; readonly stock: number }
  | {
      readonly do: 'refund order';
      readonly order: number;
      readonly amount: number | null;
      readonly key: number | null;
    }
  | {
      readonly do: 'pay order';
      readonly order: number;
      readonly amountMinor: number;
      readonly reference: number;
    }
  | { readonly do: 'resolve'; readonly event: number; readonly choice: 'refund' | 'nothing_due' };

/** Actions that wait together for one batch, `afterMs` after the one before. */
export type Step = { readonly afterMs: number; readonly actions: readonly Action[] };

/** Names a row that comes later or never. */
export const unknown = 9;
const row = fc.integer({ min: 0, max: unknown });
const product = fc.integer({ min: 0, max: 3 });
const quantity = fc.integer({ min: 1, max: 3 });
const key = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 2 });

const anAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ do: fc.constant('hold'), product, quantity, key }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('order'), hold: row, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release'), hold: row }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel'), order: row }) },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant('tell'),
      about: fc.constantFrom('order', 'order', 'hold', 'hold', 'order and its hold', 'order and a hold'),
      row,
      key,
      status: fc.constantFrom('paid', 'paid', 'paid', 'paid', 'failed', 'declined'),
      amountMinor: fc.constantFrom(null, null, null, 1000, 2000, 1),
      reference: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null, freq: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('recheck'), event: row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abandon'), event: row }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire'), product, limit: quantity }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('stock'), product, change: fc.integer({ min: -4, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('price'), product, price: fc.constantFrom(10, 20, 0.01) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('intend'),
      order: row,
      reference: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close intent'), order: row }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('begin', 'settle', 'operator settles', 'postpone', 'look'),
      refund: row,
      sent: fc.integer({ min: 0, max: 1 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('fact'),
      about: fc.constantFrom(
        ...(['payment', 'payment', 'payment', 'order', 'hold'] as const),
        ...(['payment and order', 'order and a hold'] as const),
      ),
      row,
      payment: row,
      status: fc.constantFrom<FactStatus>(
        ...(['refunded', 'refunded', 'refund_failed'] as const),
        ...(['disputed', 'dispute_won', 'dispute_lost'] as const),
      ),
      amountMinor: fc.constantFrom(null, 0, 1, 500, 1000, 2000, 6000),
      currency: fc.constantFrom('USD', 'USD', 'USD', 'USD', 'EUR'),
      fact: fc.option(fc.integer({ min: 0, max: 1 }), { nil: null, freq: 4 }),
      at: fc.option(fc.integer({ min: 0, max: 4 }), { nil: null, freq: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('product'), stock: quantity }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('refund order'),
      order: row,
      amount: fc.constantFrom(null, null, 5, 10, 0.01),
      key,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pay order'),
      order: row,
      amountMinor: fc.constantFrom(1000, 2000, 3000),
      reference: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('resolve'),
      event: row,
      choice: fc.constantFrom('refund', 'nothing_due'),
    }),
  },
);

/** Pauses around each deadline. The clock also jumps back: that moves deadlines, and may do nothing worse. */
const aPause = fc.constantFrom(
  0,
  0,
  0,
  1,
  400,
  1000,
  30_000,
  119_000,
  121_000,
  600_000,
  700_000,
  -2000,
  -130_000,
);

export const someSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ afterMs: aPause, actions: fc.array(anAction, { minLength: 1, maxLength: 7, size: 'max' }) }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

export const someStocks: fc.Arbitrary<readonly number[]> = fc.array(fc.integer({ min: 0, max: 5 }), {
  minLength: 1,
  maxLength: 3,
});
