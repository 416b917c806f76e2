import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aProduct,
  applyEarlyEvent,
  applyEvent,
  changeStock,
  createHold,
  createOrder,
  noonMs,
  noonSecondMs,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';
import { needsOf, overdueNeedsOf, overdueRowsMax } from './needs.ts';

const expire = (productId: number, limit: number) => ({ kind: 'expire_holds', productId, limit }) as const;

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

describe('rows that an earlier attempt may have written', () => {
  it.each<[string, Command, object]>([
    ['a hold', createHold(), { holdIds: [71] }],
    ['a change of stock', changeStock(1), { stockChangeIds: [901] }],
  ])('are looked up after a lost commit only: %s', (_case, command, expected) => {
    expect(needsOf([command], true)).toMatchObject(expected);
    expect(needsOf([command], false)).toMatchObject({ holdIds: [], stockChangeIds: [] });
  });
});
