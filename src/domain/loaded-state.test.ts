import { describe, expect, it } from 'vitest';
import { aProduct, noonMs, orderedRows, worldOf } from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';
import { Defect } from './defect.ts';
import type { Hold } from './hold.ts';
import { checkState } from './invariants.ts';
import type { Order } from './order.ts';
import type { Product } from './product.ts';
import type { State } from './state.ts';

const cancel: Command = { kind: 'cancel_order', orderId: 500 };

function loaded(rows = orderedRows('pending'), command: Command = cancel): State {
  return worldOf(rows).load([command], noonMs);
}

function withProduct(state: State, over: Partial<Product>): State {
  return { ...state, products: new Map([...state.products].map(([id, row]) => [id, { ...row, ...over }])) };
}

function withOverdue(state: State, overdueUnits: number): State {
  return { ...state, availability: new Map([[1, { overdueUnits, nextReleaseAtMs: null }]]) };
}

function withHold(state: State, over: Partial<Hold>): State {
  return { ...state, holds: new Map([...state.holds].map(([id, row]) => [id, { ...row, ...over }])) };
}

function withOrder(state: State, over: Partial<Order>): State {
  return { ...state, orders: new Map([...state.orders].map(([id, row]) => [id, { ...row, ...over }])) };
}

describe('what was loaded', () => {
  it.each(['pending', 'paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'] as const)(
    'is accepted with a %s order',
    (status) => {
      expect(() => checkState(loaded(orderedRows(status)))).not.toThrow();
    },
  );

  it('is accepted when each unit is held, each of these is overdue, and there is nothing at all', () => {
    const full = withProduct(loaded(), { stock: 2 });
    expect(() => checkState(withOverdue(full, 2))).not.toThrow();
    const nothing = loaded({ ...orderedRows('failed'), products: [aProduct({ stock: 0 })] });
    expect(() => checkState({ ...nothing, availability: new Map() })).not.toThrow();
  });

  it.each<[string, () => State, string]>([
    [
      'more is held than there is',
      () => withProduct(loaded(), { held: 11 }),
      'product 1: 11 held of a stock of 10',
    ],
    [
      'the stock is negative',
      () => withProduct(loaded(), { stock: -1, held: -1 }),
      'product 1: -1 held of a stock of -1',
    ],
    [
      'less than nothing is held',
      () => withProduct(loaded(), { held: -1 }),
      'product 1: -1 held of a stock of 10',
    ],
    [
      'the stock is not whole',
      () => withProduct(loaded(), { stock: 10.5 }),
      'product 1: 2 held of a stock of 10.5',
    ],
    [
      'what is held is not whole',
      () => withProduct(loaded(), { held: 2.5 }),
      'product 1: 2.5 held of a stock of 10',
    ],
    ['more is overdue than held', () => withOverdue(loaded(), 3), 'product 1: 3 overdue units of 2 held'],
    [
      'less than nothing is overdue',
      () => withOverdue(loaded(), -1),
      'product 1: -1 overdue units of 2 held',
    ],
    [
      'the product of a hold was not locked',
      () => ({ ...loaded(), products: new Map() }),
      'hold 70: product 1 was not locked',
    ],
    [
      'the hold of an order is missing',
      () => ({ ...loaded(), holds: new Map() }),
      'order 500: hold 70 was not loaded',
    ],
    ['a hold has no units', () => withHold(loaded(), { quantity: 0 }), 'hold 70: quantity 0'],
    ['a hold has half a unit', () => withHold(loaded(), { quantity: 0.5 }), 'hold 70: quantity 0.5'],
    [
      'a hold was let go without a reason',
      () => withHold(loaded(orderedRows('failed')), { releaseReason: null }),
      'hold 70 is released with the release reason null',
    ],
    [
      'an open hold has a reason to be let go',
      () => withHold(loaded(), { releaseReason: 'released' }),
      'hold 70 is ordered with the release reason released',
    ],
    [
      'an order has other units than its hold',
      () => withOrder(loaded(), { quantity: 3 }),
      'order 500 differs from its hold 70',
    ],
    [
      'an order is of another product than its hold',
      () => withOrder(loaded(), { productId: 2 }),
      'order 500 differs from its hold 70',
    ],
    [
      'a pending order has another deadline than its hold',
      () => withOrder(loaded(), { paymentDueAtMs: noonMs }),
      'order 500 and its hold have two deadlines',
    ],
    [
      'a pending order has lost its units',
      () => withHold(loaded(), { status: 'released', releaseReason: 'expired' }),
      'order 500 is pending, its hold released',
    ],
    [
      'a paid order did not get its units',
      () => withOrder(loaded(), { status: 'paid' }),
      'order 500 is paid, its hold ordered',
    ],
    ...(['failed', 'cancelled', 'expired'] as const).map((status): [string, () => State, string] => [
      `an order that is ${status} kept its units`,
      () => withOrder(loaded(), { status }),
      `order 500 is ${status}, its hold ordered`,
    ]),
    [
      'an order whose money goes back got its units',
      () => withOrder(loaded(orderedRows('paid')), { status: 'refund_due' }),
      'order 500 is refund_due, its hold consumed',
    ],
    [
      'a refunded order still reserves units',
      () => withOrder(loaded(), { status: 'refunded' }),
      'order 500 is refunded, its hold ordered',
    ],
  ])('is refused, and the log says why, when %s', (_case, given, message) => {
    const state = given();
    expect(() => checkState(state)).toThrow(new Defect(message));
  });
});
