import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  aRefund,
  changeStock,
  createHold,
  createOrder,
  createProduct,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';
import { Defect } from './defect.ts';
import type { Hold } from './hold.ts';
import { checkChanges } from './invariants.ts';
import type { Changes, State } from './state.ts';

type Decided = { readonly state: State; readonly changes: Changes };

function decided(rows: Parameters<typeof worldOf>[0], command: Command): Decided {
  const world = worldOf(rows);
  const state = world.load([command], noonMs);
  return { state, changes: world.decide(state, [command]).changes };
}

const loaded = (status: 'pending' | 'paid') =>
  worldOf(orderedRows(status)).load([{ kind: 'cancel_order', orderId: 500 }], noonMs);
const hold = () => decided({ products: [aProduct()] }, createHold());
const newProduct = () => decided({}, createProduct());
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

/** A hold that was ordered or sold is written once more, and nothing else. */
function written(state: State, over: Partial<Hold>): Decided {
  const { changes } = decided({ products: [aProduct()] }, createHold({ productId: 2 }));
  const updated = [...state.products.values()].map((product) => ({ ...product, version: 2 }));
  return {
    state,
    changes: {
      ...changes,
      products: { inserted: [], updated },
      holds: { inserted: [], updated: [aHold(over)] },
    },
  };
}

function without({ state, changes }: Decided, table: 'products' | 'holds' | 'orders' | 'refunds'): Decided {
  return { state, changes: { ...changes, [table]: { inserted: [], updated: [] } } };
}

describe('what is about to be written', () => {
  it.each([
    ['a hold', hold],
    ['an order', order],
    ['a payment', payment],
    ['a refund', refund],
    ['a new product', newProduct],
    ['a delivery', () => decided({ products: [aProduct()] }, changeStock(5))],
    ['the hold of a paid order as it was', () => written(loaded('paid'), { status: 'consumed' })],
  ])('is accepted for %s', (_case, given) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).not.toThrow();
  });

  it.each<[string, () => Decided, string]>([
    [
      'a hold is not counted on its product',
      () => without(hold(), 'products'),
      'product 1: 2 units changed without its row',
    ],
    [
      'a product counts a hold that is not there',
      () => updated(hold(), 'products', { held: 3 }),
      'product 1: held 3, its holds give 2',
    ],
    [
      'stock falls without a sale',
      () => updated(hold(), 'products', { stock: 9 }),
      'product 1: stock 9, its changes give 10',
    ],
    [
      'a product keeps its version',
      () => updated(hold(), 'products', { version: 1 }),
      'product 1: version 1 after 1',
    ],
    [
      'a product skips a version',
      () => updated(hold(), 'products', { version: 3 }),
      'product 1: version 3 after 1',
    ],
    ['a product was not locked', () => updated(hold(), 'products', { id: 2 }), 'product 2 was not locked'],
    [
      'a sale leaves the stock as it was',
      () => updated(payment(), 'products', { stock: 10 }),
      'product 1: stock 10, its changes give 8',
    ],
    [
      'a sale leaves its units held',
      () => updated(payment(), 'products', { held: 2 }),
      'product 1: held 2, its holds give 0',
    ],
    [
      'a new hold has no units',
      () => ({
        ...hold(),
        changes: { ...hold().changes, holds: { inserted: [aHold({ quantity: 0 })], updated: [] } },
      }),
      'hold 70: quantity 0',
    ],
    [
      'a new hold is sold at once',
      () => ({
        ...hold(),
        changes: { ...hold().changes, holds: { inserted: [aHold({ status: 'consumed' })], updated: [] } },
      }),
      'product 1: stock 10, its changes give 8',
    ],
    [
      'a new product has more than was delivered',
      () => ({ ...newProduct(), changes: { ...newProduct().changes, stockChanges: [] } }),
      'product 1: stock 50, its changes give 0',
    ],
    [
      'a new product has more held than there is',
      () => ({
        ...newProduct(),
        changes: {
          ...newProduct().changes,
          products: { inserted: [{ ...aProduct({ stock: 50 }), held: 51 }], updated: [] },
        },
      }),
      'product 1: 51 held of a stock of 50',
    ],
    [
      'a changed product has more held than there is',
      () => updated(hold(), 'products', { stock: 1 }),
      'product 1: 2 held of a stock of 1',
    ],
    [
      'a delivery reaches no product',
      () => ({
        ...newProduct(),
        changes: { ...newProduct().changes, products: { inserted: [], updated: [] } },
      }),
      'product 1: 50 units changed without its row',
    ],
    [
      'a hold changes its quantity',
      () => updated(order(), 'holds', { quantity: 3 }),
      'hold 70: quantity, product and price never change',
    ],
    [
      'a hold changes its price',
      () => updated(order(), 'holds', { priceMinor: 1 }),
      'hold 70: quantity, product and price never change',
    ],
    [
      'a hold changes its product',
      () => updated(order(), 'holds', { productId: 2 }),
      'hold 70: quantity, product and price never change',
    ],
    ['a hold was not loaded', () => updated(order(), 'holds', { id: 79 }), 'hold 79 was not loaded'],
    [
      'an order has no hold',
      () => ({
        ...order(),
        changes: { ...order().changes, orders: { inserted: [anOrder({ holdId: 79 })], updated: [] } },
      }),
      'order 500: hold 79 was not loaded',
    ],
    ['a pending order has no units', () => without(order(), 'holds'), 'order 500 is pending, its hold held'],
    [
      'a paid order has not got its units',
      () => without(payment(), 'holds'),
      'product 1: stock 8, its changes give 10',
    ],
    [
      'a sold hold has no paid order',
      () => without(payment(), 'orders'),
      'order 500 is pending, its hold consumed',
    ],
    [
      'a sold hold is held again',
      () => ({
        state: loaded('paid'),
        changes: {
          ...order().changes,
          products: { inserted: [], updated: [{ ...aProduct(), held: 2, version: 2 }] },
          orders: { inserted: [], updated: [] },
          holds: { inserted: [], updated: [aHold()] },
        },
      }),
      'hold 70 left consumed',
    ],
    ['an ordered hold has no order', () => without(order(), 'orders'), 'hold 70 is ordered without an order'],
    [
      'an ordered hold is released under its pending order',
      () => ({
        state: loaded('pending'),
        changes: {
          ...hold().changes,
          products: { inserted: [], updated: [{ ...aProduct(), held: 0, version: 2 }] },
          holds: { inserted: [], updated: [aHold({ status: 'released' })] },
        },
      }),
      'order 500 is pending, its hold released',
    ],
    [
      'an owed payment has no refund',
      () => without(refund(), 'refunds'),
      'payment ref:pi_1 is owed, its refund owes undefined of 239998',
    ],
    [
      'a fulfilled payment has a refund',
      () => ({
        ...payment(),
        changes: {
          ...payment().changes,
          refunds: { inserted: [aRefund({ paymentName: 'ref:pi_1' })], updated: [] },
        },
      }),
      'refund 1 is for late_payment, its payment is fulfilled',
    ],
    [
      'a refund belongs to no payment',
      () => ({
        ...hold(),
        changes: {
          ...hold().changes,
          refunds: { inserted: [aRefund({ paymentName: 'ref:pi_9' })], updated: [] },
        },
      }),
      'refund 1 is of no payment',
    ],
    [
      'a payment has two refunds',
      () => ({
        ...refund(),
        changes: {
          ...refund().changes,
          refunds: {
            inserted: [aRefund({ paymentName: 'ref:pi_1' }), aRefund({ id: 2, paymentName: 'ref:pi_1' })],
            updated: [],
          },
        },
      }),
      'refund 1: payment ref:pi_1 has another one',
    ],
    [
      'a refund is of nothing',
      () => ({
        ...refund(),
        changes: {
          ...refund().changes,
          refunds: { inserted: [aRefund({ paymentName: 'ref:pi_1', amountMinor: 0 })], updated: [] },
        },
      }),
      'payment ref:pi_1 is owed, its refund owes 0 of 239998',
    ],
    [
      'a settled payment is settled again',
      () => ({
        state: worldOf(orderedRows('paid')).load([applyEvent({ reference: 'pi_first' })], noonMs),
        changes: {
          ...refund().changes,
          payments: { inserted: [], updated: [aPayment({ decision: 'owed', settlement: 'refunded' })] },
          refunds: { inserted: [aRefund()], updated: [] },
        },
      }),
      'payment ref:pi_first was fulfilled and is owed',
    ],
  ])('is refused, and the log says why, when %s', (_case, given, message) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).toThrow(new Defect(message));
  });
});
