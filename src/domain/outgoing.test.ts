import { describe, expect, it } from 'vitest';
import {
  aHold,
  anEvent,
  anOrder,
  aParkedEvent,
  aProduct,
  applyEarlyEvent,
  applyEvent,
  aSettledRefund,
  changeStock,
  createHold,
  createOrder,
  createProduct,
  noonMs,
  noonSecondMs,
  orderedRows,
  toldWorldOf,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { MemoryWorld, Rows } from '../../test/support/memory-world.ts';
import type { Command } from './commands.ts';
import type { PaymentEvent } from './payment.ts';

const typesAfter = (world: MemoryWorld, commands: readonly Command[], nowMs = noonMs): string[] =>
  world.batch(commands, nowMs).changes.outgoingEvents.map((event) => event.type);

const aWaitingFact = (over: Partial<PaymentEvent>) =>
  aParkedEvent({ status: 'refunded', holdId: null, productId: null, ...over });

it('says nothing where nobody listens', () => {
  const { changes } = worldOf(orderedRows('pending')).batch([applyEvent(), createHold()], noonMs);
  expect(changes.outgoingEvents).toEqual([]);
  expect(changes.deliveries).toEqual([]);
});

it.each<[string, Rows, Command[], string[]]>([
  ['an order is made', { products: [aProduct()], holds: [aHold()] }, [createOrder()], ['order.created']],
  ['an order is paid', orderedRows('pending'), [applyEvent()], ['order.paid']],
  ['an order is paid late', orderedRows('expired'), [applyEvent()], ['order.paid']],
  ['a payment failed', orderedRows('pending'), [applyEvent({ status: 'failed' })], ['order.failed']],
  [
    'an order is cancelled',
    orderedRows('pending'),
    [{ kind: 'cancel_order', orderId: 500 }],
    ['order.cancelled'],
  ],
  [
    'an order runs out',
    {
      products: [aProduct()],
      holds: [aHold({ status: 'ordered', expiresAtMs: noonSecondMs })],
      orders: [anOrder({ paymentDueAtMs: noonSecondMs })],
    },
    [{ kind: 'expire_holds', productId: 1, limit: 5 }],
    ['order.expired'],
  ],
  ['money is owed', orderedRows('pending'), [applyEvent({ amountMinor: 1 })], ['refund.due']],
  [
    'a refund is settled',
    orderedRows('refund_due'),
    [{ kind: 'settle_refund', refundId: 1 }],
    ['refund.succeeded'],
  ],
  [
    'a refund failed afterwards',
    {
      ...orderedRows('refunded'),
      refunds: [aSettledRefund({ sends: [{ reference: 're_1', amountMinor: 239_998, atMs: noonMs - 100 }] })],
    },
    [applyEvent({ status: 'refund_failed', reference: 'pi_first', factId: 're_1' })],
    ['refund.due'],
  ],
  [
    'a payment belongs to nobody',
    {
      events: [
        { ...anEvent(), productId: null, result: 'parked', answer: { result: 'parked' }, receivedAtMs: 0 },
      ],
    },
    [{ kind: 'abandon_parked_event', event: anEvent() }],
    ['payment.unmatched'],
  ],
  [
    'a refund of an order that stays unknown is given up',
    { events: [aWaitingFact({ orderId: 9 })] },
    [{ kind: 'abandon_parked_event', event: aWaitingFact({ orderId: 9 }) }],
    ['payment.unmatched'],
  ],
  [
    'a refund that may be another shop’s is given up',
    { events: [aWaitingFact({ orderId: null })] },
    [{ kind: 'abandon_parked_event', event: aWaitingFact({ orderId: null }) }],
    [],
  ],
  ['a hold is made', { products: [aProduct()] }, [createHold()], []],
  ['an event comes again', orderedRows('paid'), [applyEvent({ reference: 'pi_first' })], []],
])('tells when %s', (_case, rows, commands, expected) => {
  expect(typesAfter(toldWorldOf(rows), commands)).toEqual(expected);
});

describe('a product', () => {
  it('is sold out with its last free unit, and available again with the next one', () => {
    const world = toldWorldOf({ products: [aProduct({ stock: 3 })] });
    expect(typesAfter(world, [createHold({ quantity: 2 })])).toEqual([]);
    expect(typesAfter(world, [createHold({ holdId: 72, quantity: 1 })])).toEqual(['product.sold_out']);
    expect(typesAfter(world, [createHold({ holdId: 73, quantity: 1 })])).toEqual([]);
    expect(typesAfter(world, [{ kind: 'release_hold', holdId: 72 }])).toEqual(['product.available_again']);
    expect(typesAfter(world, [changeStock(-1)])).toEqual(['product.sold_out']);
    expect(typesAfter(world, [changeStock(5, { stockChangeId: 902 })])).toEqual(['product.available_again']);
  });

  it('is neither when units go and come in one batch, or when it is new', () => {
    const world = toldWorldOf({ products: [aProduct({ stock: 2 })], holds: [aHold()] });
    const turned: Command[] = [{ kind: 'release_hold', holdId: 70 }, createHold({ quantity: 2 })];
    expect(typesAfter(world, turned)).toEqual([]);
    expect(typesAfter(toldWorldOf({}), [createProduct()])).toEqual([]);
    expect(typesAfter(toldWorldOf({}), [createProduct({ stock: 0 })])).toEqual([]);
  });

  it('is available again when somebody releases its overdue units, and not before', () => {
    const world = toldWorldOf({
      products: [aProduct({ stock: 2 })],
      holds: [aHold({ expiresAtMs: noonSecondMs })],
    });
    expect(typesAfter(world, [changeStock(0)])).toEqual([]);
    expect(typesAfter(world, [{ kind: 'expire_holds', productId: 1, limit: 5 }])).toEqual([
      'product.available_again',
    ]);
  });
});

it('carries the rows as they were at that moment, and puts the events of a product into their order', () => {
  const world = toldWorldOf({ products: [aProduct({ version: 7 })], holds: [aHold()] }, ['shop', 'books']);
  world.one(applyEarlyEvent({ amountMinor: 1, key: 'evt_wrong', reference: 'pi_wrong' }), noonMs - 10);
  world.one(applyEarlyEvent({ key: 'evt_right', reference: 'pi_right' }), noonMs - 5);
  const { changes } = world.batch([createOrder(), createHold({ quantity: 8 })], noonMs);

  const order = world.orders.get(500);
  const refund = [...world.refunds.values()][0];
  expect(order).toBeDefined();
  const place = { productId: 1, productVersion: 10, createdAtMs: noonMs };
  const ofOrder = { ...place, orderId: 500, holdId: 70 };
  expect(changes.outgoingEvents).toMatchObject([
    {
      ...ofOrder,
      position: 0,
      type: 'order.created',
      data: { order: { id: 500, status: 'pending' }, refunds: [] },
    },
    { ...ofOrder, position: 1, type: 'refund.due', data: refund },
    { ...ofOrder, position: 2, type: 'order.paid', data: { order, refunds: [refund] } },
    {
      ...place,
      orderId: null,
      position: 3,
      type: 'product.sold_out',
      data: { id: 1, stock: 8, held: 8, version: 10 },
    },
  ]);
  const ids = changes.outgoingEvents.map(({ id }) => id);
  expect(new Set([...ids, ...changes.deliveries.map(({ id }) => id)]).size).toBe(12);
  expect(changes.deliveries.map(({ eventId, endpoint }) => [eventId, endpoint])).toEqual(
    ids.flatMap((id) => [
      [id, 'shop'],
      [id, 'books'],
    ]),
  );
  expect(changes.deliveries.map(({ chain }) => chain)).toEqual([500, 500, 500, 500, 500, 500, -1, -1]);
  expect(changes.deliveries[2]).toMatchObject({ productVersion: 10, position: 1 });
  expect(changes.deliveries[0]).toMatchObject({
    status: 'pending',
    attempts: 0,
    nextAttemptAtMs: noonMs,
    lastError: null,
  });
});

it('keeps the place of what is said of no product at the front, under no version', () => {
  const parked = {
    productId: null,
    result: 'parked',
    answer: { result: 'parked' },
    receivedAtMs: 0,
  } as const;
  const world = toldWorldOf({ events: [{ ...anEvent(), ...parked }] });
  const { changes } = world.batch([{ kind: 'abandon_parked_event', event: anEvent() }], noonMs);
  expect(changes.outgoingEvents).toMatchObject([
    { productId: null, orderId: 500, holdId: null, productVersion: 0, position: 0, data: { key: 'evt_1' } },
  ]);
});

it('tells of a refund what it is at that moment', () => {
  const world = toldWorldOf(orderedRows('refund_due'));
  const { changes } = world.batch([{ kind: 'settle_refund', refundId: 1 }], noonMs);
  expect(changes.outgoingEvents).toMatchObject([{ data: world.refunds.get(1) }]);
  expect(world.refunds.get(1)).toMatchObject({ status: 'succeeded', sentMinor: 239_998 });
});

it('tells of money that is owed for a hold alone in the line of its product', () => {
  const world = toldWorldOf({ products: [aProduct()], holds: [aHold({ status: 'released' })] });
  const { changes } = world.batch([applyEarlyEvent()], noonMs);
  expect(changes.outgoingEvents).toMatchObject([
    { type: 'refund.due', productId: 1, orderId: null, holdId: 70, productVersion: 2 },
  ]);
  expect(changes.deliveries).toMatchObject([{ chain: -1 }]);
});
