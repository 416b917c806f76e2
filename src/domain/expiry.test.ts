import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aParkedEvent,
  aProduct,
  applyEvent,
  changeStock,
  createHold,
  createOrder,
  noonMs,
  noonSecondMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';

const expire = (limit: number, productId = 1) => ({ kind: 'expire_holds', productId, limit }) as const;

/** `count` overdue holds of one unit each; the one with the lowest id is the latest. */
const overdueHolds = (count: number, firstId = 10) =>
  Array.from({ length: count }, (_, index) =>
    aHold({ id: firstId + index, quantity: 1, expiresAtMs: noonSecondMs - 1000 * (index + 1) }),
  );

describe('releasing overdue holds', () => {
  it.each([
    ['one millisecond before the deadline there is nothing to release', -1, 0, 'held'],
    ['at the deadline the hold is released', 0, 1, 'released'],
  ] as const)('%s', (_case, offsetMs, released, status) => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    expect(world.one(expire(10), aHold().expiresAtMs + offsetMs)).toEqual({
      kind: 'holds_expired',
      released,
    });
    expect(world.holds.get(70)?.status).toBe(status);
  });

  it('keeps the deadline that it had, and tells of it once', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold({ expiresAtMs: noonSecondMs - 5000 })] });
    const decision = world.batch([expire(10), expire(10)], noonMs);
    expect(decision.outcomes).toEqual([
      { kind: 'holds_expired', released: 1 },
      { kind: 'holds_expired', released: 0 },
    ]);
    expect(decision.happened).toEqual([{ kind: 'hold_expired', hold: world.holds.get(70) }]);
    expect(world.holds.get(70)).toMatchObject({ releaseReason: 'expired', expiresAtMs: noonSecondMs - 5000 });
    expect(world.batch([expire(10)], noonMs).happened).toEqual([]);
  });

  it('expires the order that was not paid', () => {
    const world = worldOf(orderedRows('pending'));
    const decision = world.batch([expire(10)], aHold().expiresAtMs);
    expect(decision.happened.map((event) => event.kind)).toEqual(['hold_expired', 'order_expired']);
    expect(world.orders.get(500)?.status).toBe('expired');
    expect(world.products.get(1)).toMatchObject({ stock: 10, held: 0 });
  });

  it('releases the oldest first and at most as many as it may', () => {
    const world = worldOf({ products: [aProduct()], holds: overdueHolds(4) });
    expect(world.one(expire(3), noonMs)).toEqual({ kind: 'holds_expired', released: 3 });
    expect([10, 11, 12, 13].map((id) => world.holds.get(id)?.status)).toEqual([
      'held',
      'released',
      'released',
      'released',
    ]);
  });

  it('leaves to the next who asks what the one before may not release any more', () => {
    const world = worldOf({ products: [aProduct()], holds: overdueHolds(5) });
    expect(world.batch([expire(1), expire(3), expire(0)], noonMs).outcomes).toEqual([
      { kind: 'holds_expired', released: 1 },
      { kind: 'holds_expired', released: 3 },
      { kind: 'holds_expired', released: 0 },
    ]);
  });

  it('leaves other products alone, and does nothing for an unknown one', () => {
    const world = worldOf({ products: [aProduct(), aProduct({ id: 2 })], holds: overdueHolds(2) });
    expect(world.one(expire(9, 2), noonMs)).toEqual({ kind: 'holds_expired', released: 0 });
    expect(world.one(expire(9, 3), noonMs)).toEqual({ kind: 'holds_expired', released: 0 });
    expect(world.openUnits(1)).toBe(2);
  });
});

describe('units of overdue holds', () => {
  const soldOut = (count: number) => ({ products: [aProduct({ stock: count })], holds: overdueHolds(count) });

  it('go to the next hold without a worker, oldest first, no more than it needs', () => {
    const world = worldOf(soldOut(4));
    const decision = world.batch([createHold({ quantity: 3 })], noonMs);
    expect(decision.happened.map((event) => event.kind)).toEqual([
      'hold_expired',
      'hold_expired',
      'hold_expired',
      'hold_created',
    ]);
    expect(decision.happened.at(-1)).toMatchObject({ availableStockRemaining: 1 });
    expect(world.holds.get(10)?.status).toBe('held');
    expect(decision.snapshots.get(1)).toMatchObject({ stock: 4, heldStock: 3 });
  });

  it('do not pay an order late with money that goes back as their hold ends', () => {
    const world = worldOf({
      products: [aProduct({ stock: 2 })],
      holds: [aHold({ status: 'released' }), aHold({ id: 72, parked: 'paid', expiresAtMs: noonSecondMs })],
      orders: [anOrder({ status: 'cancelled' })],
      events: [aParkedEvent({ key: 'evt_0', holdId: 72 })],
    });
    expect(world.one(applyEvent(), noonMs)).toMatchObject({
      answer: { result: 'ignored', orderStatus: 'cancelled' },
    });
    expect(world.payments.get('ref:pi_1')?.settlement).toBe('refunded');
    expect(world.refunds.size).toBe(1);
  });

  it('are not touched while free ones are enough', () => {
    const world = worldOf({ products: [aProduct()], holds: overdueHolds(4) });
    expect(world.batch([createHold({ quantity: 6 })], noonMs).happened.map((event) => event.kind)).toEqual([
      'hold_created',
    ]);
  });

  it('go to as many holds of a batch as there are units', () => {
    const world = worldOf(soldOut(3));
    const asked = [71, 72, 73, 74].map((holdId) => createHold({ holdId, quantity: 1 }));
    expect(world.submit(asked, noonMs).map((outcome) => outcome.kind)).toEqual([
      'hold_created',
      'hold_created',
      'hold_created',
      'refused',
    ]);
  });

  it('are read in one go for all who ask: a full batch is not deferred', () => {
    const world = worldOf(soldOut(30));
    const asked: Command[] = [
      changeStock(-2),
      ...[1, 5, 9].map((quantity) => createHold({ holdId: 70 + quantity, quantity })),
    ];
    expect(world.batch([...asked, expire(4)], noonMs).outcomes.map((outcome) => outcome.kind)).not.toContain(
      'deferred',
    );
  });
});

describe('a command that needs more overdue holds than one batch releases', () => {
  // Two rows a batch stand for the thousand that a batch may release.
  const rowsMax = 2;
  const fiveOverdue = { products: [aProduct({ stock: 5 })], holds: overdueHolds(5) };
  const lateOrder = {
    products: [aProduct({ stock: 5 })],
    holds: [...overdueHolds(5), aHold({ quantity: 5, status: 'released' as const })],
    orders: [anOrder({ quantity: 5, totalMinor: 599_995, status: 'expired' as const })],
  };
  const pay = applyEvent({ amountMinor: null, currency: null });

  it.each([
    ['a hold', fiveOverdue, createHold({ quantity: 5 }), 'hold_created'],
    ['a change of stock', fiveOverdue, changeStock(-5), 'stock_changed'],
    ['a late payment', lateOrder, pay, 'payment_event_answered'],
  ] as const)('is never refused, only deferred: %s', (_case, rows, command, kind) => {
    const world = worldOf(rows, rowsMax);
    const kinds = [1, 2, 3].map(() => world.batch([command], noonMs).outcomes[0]?.kind);
    expect(kinds).toEqual(['deferred', 'deferred', kind]);
    expect(world.openUnits(1)).toBe(kind === 'hold_created' ? 5 : 0);
  });

  it('writes nothing of its own before it is decided', () => {
    const decision = worldOf(lateOrder, rowsMax).batch([pay], noonMs);
    expect(decision.changes.holds.updated).toHaveLength(2);
    expect([decision.changes.events.inserted, decision.changes.payments.inserted]).toEqual([[], []]);
  });

  it('is refused when the units are not there even with all of them', () => {
    expect(worldOf(fiveOverdue, rowsMax).batch([createHold({ quantity: 6 })], noonMs).outcomes).toMatchObject(
      [{ code: 'insufficient_stock', availableStock: 5 }],
    );
  });

  const smallOrder = anOrder({ id: 501, holdId: 72, quantity: 1, totalMinor: 119_999, status: 'expired' });
  const two = {
    ...lateOrder,
    holds: [...lateOrder.holds, aHold({ id: 72, quantity: 1, status: 'released' as const })],
    orders: [...lateOrder.orders, smallOrder],
  };
  const paySmall = applyEvent({
    key: 'evt_2',
    orderId: 501,
    reference: 'pi_2',
    amountMinor: null,
    currency: null,
  });

  it.each<[string, Command, Command]>([
    [
      'a smaller hold behind a larger one',
      createHold({ quantity: 5 }),
      createHold({ holdId: 75, quantity: 1 }),
    ],
    ['a hold behind a change of stock', changeStock(-5), createHold({ quantity: 1 })],
    ['a hold behind a late payment', pay, createHold({ quantity: 1 })],
    ['a smaller late payment behind a larger one', pay, paySmall],
    ['a change of stock behind a late payment', pay, changeStock(-1)],
    [
      'a smaller change of stock behind a larger one',
      changeStock(-5),
      changeStock(-1, { stockChangeId: 902 }),
    ],
  ])('keeps its place: %s does not overtake', (_case, first, second) => {
    const world = worldOf(two, rowsMax);
    expect(world.batch([first, second], noonMs).outcomes.map((outcome) => outcome.kind)).toEqual([
      'deferred',
      'deferred',
    ]);
    const [answer] = world.submit([first, second], noonMs);
    expect(answer?.kind).not.toBe('refused');
    expect(answer?.kind === 'payment_event_answered' ? answer.answer.result : 'processed').toBe('processed');
  });

  it('does not hold up an order that was paid early, whose own units come and go in one transaction', () => {
    const world = worldOf(
      {
        products: [aProduct({ stock: 7 })],
        holds: [...overdueHolds(5), aHold({ parked: 'paid' })],
        events: [aParkedEvent({ key: 'evt_1', status: 'failed' }), aParkedEvent({ key: 'evt_2' })],
      },
      rowsMax,
    );
    const outcomes = world.batch([changeStock(-5), createOrder()], noonMs).outcomes;
    expect(outcomes).toMatchObject([{ kind: 'deferred' }, { order: { status: 'paid' } }]);
  });

  it('holds up its own product only', () => {
    const world = worldOf(
      { ...fiveOverdue, products: [...fiveOverdue.products, aProduct({ id: 2 })] },
      rowsMax,
    );
    const outcomes = world.batch(
      [createHold({ quantity: 5 }), createHold({ holdId: 72, productId: 2 })],
      noonMs,
    ).outcomes;
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['deferred', 'hold_created']);
  });

  it('does not hold up what gives units back, nor orders, nor payments that are in time', () => {
    const world = worldOf(
      {
        products: [aProduct({ stock: 12 })],
        holds: [
          ...overdueHolds(5),
          aHold({ id: 72 }),
          aHold({ id: 73 }),
          aHold({ id: 70, status: 'ordered', quantity: 3 }),
        ],
        orders: [anOrder({ quantity: 3, totalMinor: 359_997 })],
      },
      rowsMax,
    );
    const outcomes = world.batch(
      [
        changeStock(-5),
        { kind: 'release_hold', holdId: 72 },
        { kind: 'create_order', orderId: 502, holdId: 73, idempotencyKey: null },
        applyEvent({ amountMinor: null, currency: null }),
      ],
      noonMs,
    ).outcomes;
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([
      'deferred',
      'hold_let_go',
      'order_created',
      'payment_event_answered',
    ]);
  });
});
