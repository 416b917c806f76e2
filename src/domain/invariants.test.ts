import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  aRefund,
  createHold,
  createOrder,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';
import { Defect } from './defect.ts';
import type { Hold } from './hold.ts';
import { checkChanges, checkState } from './invariants.ts';
import type { Order } from './order.ts';
import type { Product } from './product.ts';
import type { Changes, State } from './state.ts';

const cancel: Command = { kind: 'cancel_order', orderId: 500 };

function loaded(rows = orderedRows('pending'), command: Command = cancel): State {
  return worldOf(rows).load([command], noonMs);
}

function withProduct(state: State, over: Partial<Product>): State {
  return { ...state, products: new Map([...state.products].map(([id, row]) => [id, { ...row, ...over }])) };
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

  it.each<[string, State]>([
    ['more is held than there is', withProduct(loaded(), { held: 11 })],
    ['the stock is negative', withProduct(loaded(), { stock: -1, held: -1 })],
    ['the stock is not whole', withProduct(loaded(), { stock: 10.5 })],
    [
      'more is overdue than held',
      { ...loaded(), availability: new Map([[1, { overdueUnits: 3, nextReleaseAtMs: null }]]) },
    ],
    ['the product of a hold was not locked', { ...loaded(), products: new Map() }],
    ['the hold of an order is missing', { ...loaded(), holds: new Map() }],
    ['a hold has no units', withHold(loaded(), { quantity: 0 })],
    ['a hold was let go without a reason', withHold(loaded(orderedRows('failed')), { releaseReason: null })],
    ['an open hold has a reason to be let go', withHold(loaded(), { releaseReason: 'released' })],
    ['an order has other units than its hold', withOrder(loaded(), { quantity: 3 })],
    ['an order is of another product than its hold', withOrder(loaded(), { productId: 2 })],
    ['a pending order has another deadline than its hold', withOrder(loaded(), { paymentDueAtMs: noonMs })],
    [
      'a pending order has lost its units',
      withHold(loaded(), { status: 'released', releaseReason: 'expired' }),
    ],
    ['a paid order did not get its units', withOrder(loaded(), { status: 'paid' })],
    ['a failed order kept its units', withOrder(loaded(), { status: 'failed' })],
    ['a cancelled order kept its units', withOrder(loaded(), { status: 'cancelled' })],
    ['an expired order kept its units', withOrder(loaded(), { status: 'expired' })],
    [
      'an order whose money goes back got its units',
      withOrder(loaded(orderedRows('paid')), { status: 'refund_due' }),
    ],
    ['a refunded order still reserves units', withOrder(loaded(), { status: 'refunded' })],
  ])('is refused when %s', (_case, state) => {
    expect(() => checkState(state)).toThrow(Defect);
  });
});

type Decided = { readonly state: State; readonly changes: Changes };

function decided(rows: Parameters<typeof worldOf>[0], command: Command): Decided {
  const world = worldOf(rows);
  const state = world.load([command], noonMs);
  return { state, changes: world.decide(state, [command]).changes };
}

const hold = () => decided({ products: [aProduct()] }, createHold());
const order = () => decided({ products: [aProduct()], holds: [aHold()] }, createOrder());
const payment = () => decided(orderedRows('pending'), applyEvent());
const refund = () => decided(orderedRows('paid'), applyEvent());

function updated<Row>(
  { state, changes }: Decided,
  table: 'products' | 'holds' | 'orders',
  over: Row,
): Decided {
  const rows = changes[table];
  return {
    state,
    changes: { ...changes, [table]: { ...rows, updated: rows.updated.map((row) => ({ ...row, ...over })) } },
  };
}

function without({ state, changes }: Decided, table: 'products' | 'holds' | 'orders' | 'refunds'): Decided {
  return { state, changes: { ...changes, [table]: { inserted: [], updated: [] } } };
}

describe('what is about to be written', () => {
  it.each([
    ['a hold', hold()],
    ['an order', order()],
    ['a payment', payment()],
    ['a refund', refund()],
  ])('is accepted for %s', (_case, { state, changes }) => {
    expect(() => checkChanges(state, changes)).not.toThrow();
  });

  it.each<[string, Decided]>([
    ['a hold is not counted on its product', without(hold(), 'products')],
    ['a product counts a hold that is not there', updated(hold(), 'products', { held: 3 })],
    ['stock falls without a sale', updated(hold(), 'products', { stock: 9 })],
    ['a product keeps its version', updated(hold(), 'products', { version: 1 })],
    ['a product skips a version', updated(hold(), 'products', { version: 3 })],
    ['a product was not locked', updated(hold(), 'products', { id: 2 })],
    ['a sale leaves the stock as it was', updated(payment(), 'products', { stock: 10 })],
    ['a sale leaves its units held', updated(payment(), 'products', { held: 2 })],
    ['a hold changes its quantity', updated(order(), 'holds', { quantity: 3 })],
    ['a hold changes its price', updated(order(), 'holds', { priceMinor: 1 })],
    ['a hold changes its product', updated(order(), 'holds', { productId: 2 })],
    ['a hold was not loaded', updated(order(), 'holds', { id: 79 })],
    [
      'an order has no hold',
      {
        ...order(),
        changes: { ...order().changes, orders: { inserted: [anOrder({ holdId: 79 })], updated: [] } },
      },
    ],
    ['a pending order has no units', without(order(), 'holds')],
    ['a paid order has not got its units', without(payment(), 'holds')],
    ['a sold hold has no paid order', without(payment(), 'orders')],
    [
      'a sold hold is held again',
      {
        state: loaded(orderedRows('paid')),
        changes: {
          ...order().changes,
          products: { inserted: [], updated: [{ ...aProduct(), held: 2, version: 2 }] },
          orders: { inserted: [], updated: [] },
          holds: { inserted: [], updated: [aHold()] },
        },
      },
    ],
    ['an ordered hold has no order', without(order(), 'orders')],
    [
      'an ordered hold is released under its pending order',
      {
        state: loaded(),
        changes: {
          ...hold().changes,
          products: { inserted: [], updated: [{ ...aProduct(), held: 0, version: 2 }] },
          holds: { inserted: [], updated: [aHold({ status: 'released' })] },
        },
      },
    ],
    ['a refunded payment has no refund', without(refund(), 'refunds')],
    [
      'a fulfilled payment has a refund',
      {
        ...payment(),
        changes: {
          ...payment().changes,
          refunds: { inserted: [aRefund({ paymentName: 'ref:pi_1' })], updated: [] },
        },
      },
    ],
    [
      'a refund belongs to no payment',
      {
        ...hold(),
        changes: {
          ...hold().changes,
          refunds: { inserted: [aRefund({ paymentName: 'ref:pi_9' })], updated: [] },
        },
      },
    ],
    [
      'a payment has two refunds',
      {
        ...refund(),
        changes: {
          ...refund().changes,
          refunds: {
            inserted: [aRefund({ paymentName: 'ref:pi_1' }), aRefund({ id: 2, paymentName: 'ref:pi_1' })],
            updated: [],
          },
        },
      },
    ],
    [
      'a refund is of nothing',
      {
        ...refund(),
        changes: {
          ...refund().changes,
          refunds: { inserted: [aRefund({ paymentName: 'ref:pi_1', amountMinor: 0 })], updated: [] },
        },
      },
    ],
    [
      'a settled payment is settled again',
      {
        state: worldOf(orderedRows('paid')).load([applyEvent({ reference: 'pi_first' })], noonMs),
        changes: {
          ...refund().changes,
          payments: { inserted: [], updated: [aPayment({ settlement: 'refunded' })] },
          refunds: { inserted: [aRefund()], updated: [] },
        },
      },
    ],
  ])('is refused when %s', (_case, { state, changes }) => {
    expect(() => checkChanges(state, changes)).toThrow(Defect);
  });
});
