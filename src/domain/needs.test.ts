import { describe, expect, it } from 'vitest';
import {
  aHold,
  anEarlyEvent,
  anEvent,
  anOrder,
  aProduct,
  applyEarlyEvent,
  applyEvent,
  changeStock,
  createHold,
  createOrder,
  createProduct,
  noonMs,
  noonSecondMs,
  updateProduct,
  worldOf,
} from '../../test/support/domain-state.ts';
import { needs } from '../../test/support/store-rows.ts';
import type { Command } from './commands.ts';
import { type Needs, needsOf, overdueNeedsOf, overdueRowsMax } from './needs.ts';
import { factStatuses } from './payment.ts';

const expire = (productId: number, limit: number) => ({ kind: 'expire_holds', productId, limit }) as const;

const recheck = (kind: 'recheck_parked_event' | 'abandon_parked_event') =>
  ({ kind, event: anEvent() }) as const;

describe('the overdue holds that a batch reads', () => {
  /**
   * Product 1 has four free units and three overdue ones, product 2 one overdue unit and none free, product 3
   * nothing overdue.
   */
  const rows = {
    products: [aProduct({ stock: 7 }), aProduct({ id: 2, stock: 1 }), aProduct({ id: 3 })],
    holds: [
      aHold({ id: 80, quantity: 3, expiresAtMs: noonSecondMs }),
      aHold({ id: 81, quantity: 1, productId: 2, expiresAtMs: noonSecondMs }),
      aHold({ id: 82, productId: 3 }),
      aHold({ status: 'released' }),
    ],
    orders: [anOrder({ status: 'expired' })],
  };

  it.each<[string, Command[], number[][]]>([
    ['free units are enough', [createHold({ quantity: 4 })], []],
    ['nothing is overdue', [createHold({ productId: 3, quantity: 100 })], []],
    ['the product is unknown', [createHold({ productId: 9 }), expire(9, 5)], []],
    ['one unit is missing', [createHold({ quantity: 5 })], [[1, 1]]],
    ['holds ask for more together', [createHold({ quantity: 4 }), createHold({ quantity: 2 })], [[1, 2]]],
    ['stock is taken away', [changeStock(-6)], [[1, 2]]],
    ['stock is added', [changeStock(6)], []],
    ['a late payment needs units', [createHold({ quantity: 4 }), applyEvent()], [[1, 2]]],
    ['an event names the hold of an order', [createHold({ quantity: 4 }), applyEarlyEvent()], [[1, 2]]],
    ['the worker asks for some', [expire(1, 2)], [[1, 2]]],
    ['the worker and a hold ask', [expire(1, 2), createHold({ quantity: 7 })], [[1, 3]]],
    ['an order is made', [createOrder()], []],
    [
      'a parked event is looked at again',
      [createHold({ quantity: 4 }), recheck('recheck_parked_event')],
      [[1, 2]],
    ],
    ['a parked event is given up', [createHold({ quantity: 4 }), recheck('abandon_parked_event')], [[1, 2]]],
    ['an event names nothing that is known', [createHold({ quantity: 4 }), applyEvent({ orderId: 9 })], []],
    ['the worker asks for fewer than a hold', [expire(1, 1), createHold({ quantity: 7 })], [[1, 3]]],
    [
      'two products are asked for',
      [createHold({ quantity: 5 }), createHold({ productId: 2, quantity: 1 })],
      [
        [1, 1],
        [2, 1],
      ],
    ],
    ['far more is asked for than is overdue', [createHold({ quantity: 100_000 })], [[1, 3]]],
    [
      'the worker asks one product for all that a batch may: another one still gets its own',
      [expire(1, overdueRowsMax), createHold({ productId: 2, quantity: 1 })],
      [
        [1, 3],
        [2, 1],
      ],
    ],
  ])('are as many as may be needed when %s', (_case, commands, expected) => {
    const state = worldOf(rows).load(commands, noonMs);
    expect(overdueNeedsOf(state, commands).map((need) => [need.productId, need.rows])).toEqual(expected);
  });

  it('are never more than one batch may release', () => {
    const holds = Array.from({ length: 1100 }, (_, index) =>
      aHold({ id: 1000 + index, quantity: 1, expiresAtMs: noonSecondMs }),
    );
    const state = worldOf({ products: [aProduct({ stock: 1100 })], holds }).load([expire(1, 5000)], noonMs);
    expect(overdueNeedsOf(state, [expire(1, 5000)])).toEqual([{ productId: 1, rows: overdueRowsMax }]);
  });
});

describe('what a batch reads', () => {
  const nothing = needs();
  const ofEvent = {
    orderIds: [500],
    eventKeys: ['evt_1'],
    paymentNames: ['ref:pi_1'],
    withPayments: true,
    withPaymentIntents: true,
  };
  /** The product of the payment has to be locked too, and the fact may name nothing but the payment. */
  const ofFact = { ...ofEvent, returnedPayments: ['ref:pi_1'] };
  const seed = { kind: 'seed_products', products: [] } as const;

  it.each<[Command, Partial<Needs>]>([
    [createHold(), { productIds: [1] }],
    [createHold({ idempotencyKey: 'once' }), { productIds: [1], requestKeys: ['holds:once'] }],
    [{ kind: 'release_hold', holdId: 70 }, { holdIds: [70] }],
    [createOrder(), { holdIds: [70] }],
    [createOrder({ idempotencyKey: 'once' }), { holdIds: [70], requestKeys: ['orders:once'] }],
    [{ kind: 'cancel_order', orderId: 500 }, { orderIds: [500] }],
    [applyEvent(), { ...ofEvent, withParkedUnknown: true }],
    [applyEvent({ holdId: 70 }), { ...ofEvent, holdIds: [70], withParkedUnknown: true }],
    [applyEarlyEvent(), { ...ofEvent, orderIds: [], holdIds: [70], withParkedUnknown: true }],
    [applyEvent({ reference: null }), { ...ofEvent, paymentNames: ['key:evt_1'], withParkedUnknown: true }],
    [{ kind: 'recheck_parked_event', event: anEvent() }, ofEvent],
    [
      { kind: 'recheck_parked_event', event: anEarlyEvent() },
      { ...ofEvent, orderIds: [], holdIds: [70] },
    ],
    [{ kind: 'abandon_parked_event', event: anEvent() }, ofEvent],
    [
      {
        kind: 'record_payment_intent',
        orderId: 500,
        provider: 'simulated',
        reference: 'pi_1',
        clientSecret: 'secret',
      },
      { orderIds: [500], withPaymentIntents: true },
    ],
    [
      { kind: 'close_payment_intent', orderId: 500 },
      { orderIds: [500], withPaymentIntents: true },
    ],
    [
      { kind: 'refuse_payment', orderId: 500, provider: 'stripe', reason: 'too small' },
      { orderIds: [500], withPaymentIntents: true },
    ],
    [{ kind: 'begin_refund', refundId: 1, leaseSeconds: 60 }, { refundIds: [1] }],
    [{ kind: 'postpone_refund', refundId: 1, error: null, delayMs: 1 }, { refundIds: [1] }],
    [{ kind: 'settle_refund', refundId: 1 }, { refundIds: [1] }],
    [
      { kind: 'record_returned_sum', refundId: 1, returnedMinor: 5, currency: 'USD', atMs: noonMs },
      { refundIds: [1] },
    ],
    ...factStatuses.flatMap((status): [Command, Partial<Needs>][] => [
      [applyEvent({ status }), { ...ofFact, withParkedUnknownFacts: true }],
      [
        applyEvent({ status, reference: null }),
        { ...ofFact, paymentNames: [], returnedPayments: [], withParkedUnknownFacts: true },
      ],
      [applyEvent({ status, orderId: null }), { ...ofFact, orderIds: [], withParkedUnknownFacts: true }],
      [{ kind: 'recheck_parked_event', event: anEvent({ status }) }, ofFact],
      [{ kind: 'abandon_parked_event', event: anEvent({ status }) }, ofFact],
    ]),
    [createProduct(), { withNextProductId: true }],
    [seed, { withNextProductId: true }],
    [updateProduct(), { productIds: [1] }],
    [changeStock(1), { productIds: [1] }],
    [expire(1, 5), { productIds: [1] }],
  ])('is what its command names, and nothing else: $kind', (command, expected) => {
    expect(needsOf([command], false)).toEqual({ ...nothing, ...expected });
  });

  it('is read once, however many commands name it', () => {
    expect(needsOf([createHold(), createHold({ productId: 2 }), createHold()], false).productIds).toEqual([
      1, 2,
    ]);
    expect(needsOf([], true)).toEqual(nothing);
  });

  it.each<[string, Command, Partial<Needs>]>([
    ['a hold', createHold(), { productIds: [1], holdIds: [71] }],
    ['a change of stock', changeStock(1), { productIds: [1], stockChangeIds: [901] }],
    ['a product', createProduct(), { stockChangeIds: [900], withNextProductId: true }],
    ['an order is found by its hold', createOrder(), { holdIds: [70] }],
  ])('is more after a lost commit: what it may have written, such as %s', (_case, command, expected) => {
    expect(needsOf([command], true)).toEqual({ ...nothing, ...expected });
  });
});
