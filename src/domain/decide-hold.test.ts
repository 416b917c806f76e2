import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aProduct,
  createHold,
  noonMs,
  noonSecondMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command, CreateHold } from './commands.ts';
import type { Hold } from './hold.ts';
import type { Product } from './product.ts';

describe('a new hold', () => {
  it('keeps its units at the price of the moment until a whole second, rounded up', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    const decision = world.batch([createHold({ quantity: 3 })], noonMs);
    const hold = {
      id: 71,
      productId: 1,
      quantity: 3,
      priceMinor: 119_999,
      status: 'held',
      releaseReason: null,
      parked: null,
      expiresAtMs: noonSecondMs + 1000 + 120_000,
      createdAtMs: noonMs,
    };
    expect(decision.outcomes).toEqual([{ kind: 'hold_created', hold, replayed: false }]);
    expect(decision.happened).toEqual([{ kind: 'hold_created', hold, availableStockRemaining: 5 }]);
    expect(world.products.get(1)).toMatchObject({ stock: 10, held: 5, version: 2 });
    expect(decision.snapshots.get(1)).toMatchObject({
      stock: 10,
      heldStock: 5,
      nextReleaseAtMs: noonSecondMs + 60_000,
      version: 2,
    });
  });

  it('lasts not a second longer when it is made at a whole second', () => {
    const world = worldOf({ products: [aProduct()] });
    world.one(createHold(), noonSecondMs);
    expect(world.holds.get(71)?.expiresAtMs).toBe(noonSecondMs + 120_000);
  });

  type Refused = readonly [string, Partial<CreateHold>, Partial<Product>, readonly Hold[], object];
  const refusals: readonly Refused[] = [
    ['an unknown product', { productId: 2 }, {}, [], { code: 'product_not_found' }],
    [
      'more than the stock',
      { quantity: 11 },
      {},
      [],
      { code: 'insufficient_stock', availableStock: 10, requested: 11 },
    ],
    [
      'more than others left',
      { quantity: 9 },
      {},
      [aHold()],
      { code: 'insufficient_stock', availableStock: 8, requested: 9 },
    ],
    [
      'units that are ordered and not paid yet',
      { quantity: 9 },
      {},
      [aHold({ status: 'ordered' })],
      { code: 'insufficient_stock', availableStock: 8, requested: 9 },
    ],
    [
      'one unit of nothing',
      { quantity: 1 },
      { stock: 0 },
      [],
      { code: 'insufficient_stock', availableStock: 0, requested: 1 },
    ],
    [
      'more than is left together with what is overdue',
      { quantity: 11 },
      {},
      [aHold({ expiresAtMs: noonSecondMs })],
      { code: 'insufficient_stock', availableStock: 10, requested: 11 },
    ],
    [
      'a unit one millisecond before the sale opens',
      {},
      { opensAtMs: noonMs + 1, closesAtMs: noonMs + 2 },
      [],
      { code: 'sale_not_open', opensAtMs: noonMs + 1, closesAtMs: noonMs + 2 },
    ],
    [
      'a unit when the sale closes',
      {},
      { closesAtMs: noonMs },
      [],
      { code: 'sale_not_open', opensAtMs: null, closesAtMs: noonMs },
    ],
    [
      'a quantity whose total nobody can count exactly',
      { quantity: 1_000_000 },
      { priceMinor: 9_999_999_990, currency: 'KWD', stock: 1_000_000_000 },
      [],
      {
        code: 'invalid_request',
        field: 'qty',
        message: 'expected fewer units: the total of 1000000 at this price is too large to be exact',
      },
    ],
  ];

  it.each(refusals)('is refused, and changes nothing, for %s', (_case, command, product, holds, refusal) => {
    const world = worldOf({ products: [aProduct(product)], holds });
    const decision = world.batch([createHold({ idempotencyKey: 'once', ...command })], noonMs);
    expect(decision.outcomes).toMatchObject([{ kind: 'refused', ...refusal }]);
    expect(decision.happened).toEqual([]);
    expect([decision.changes.holds.inserted, decision.changes.requestKeys]).toEqual([[], []]);
    expect(decision.changes.products.updated).toEqual([]);
  });

  it.each([
    ['at the instant it opens', { opensAtMs: noonMs }],
    ['one millisecond before it closes', { closesAtMs: noonMs + 1 }],
  ])('is granted %s', (_case, window) => {
    expect(worldOf({ products: [aProduct(window)] }).one(createHold(), noonMs).kind).toBe('hold_created');
  });

  it('gives the last unit to exactly one of many in a batch, and what is left to a smaller one behind a large one', () => {
    const world = worldOf({ products: [aProduct({ stock: 3 })] });
    const asked = [2, 5, 1, 1].map((quantity, index) => createHold({ holdId: 71 + index, quantity }));
    expect(world.submit(asked, noonMs)).toMatchObject([
      { kind: 'hold_created' },
      { code: 'insufficient_stock', availableStock: 1, requested: 5 },
      { kind: 'hold_created' },
      { code: 'insufficient_stock', availableStock: 0, requested: 1 },
    ]);
  });

  it('does not wait for another product that is sold out', () => {
    const world = worldOf({ products: [aProduct({ stock: 0 }), aProduct({ id: 2 })] });
    const outcomes = world.submit([createHold(), createHold({ holdId: 72, productId: 2 })], noonMs);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['refused', 'hold_created']);
  });
});

describe('a hold with an idempotency key', () => {
  const keyed = (over: Partial<CreateHold> = {}) => createHold({ idempotencyKey: 'once', ...over });

  it.each([
    ['the same request', {}, true],
    ['another quantity', { quantity: 3 }, false],
    ['another product', { productId: 2 }, false],
    ['a product that does not exist', { productId: 3 }, false],
  ] as const)('that is sent again for %s', (_case, over, same) => {
    const world = worldOf({ products: [aProduct(), aProduct({ id: 2 })] });
    const first = world.one(keyed(), noonMs);
    const again = world.one(keyed({ holdId: 72, ...over }), noonMs + 86_400_000);
    expect(again).toEqual(
      same ? { ...first, replayed: true } : { kind: 'refused', code: 'idempotency_key_reused' },
    );
    expect(world.holds.size).toBe(1);
  });

  it('has one effect inside one batch', () => {
    const world = worldOf({ products: [aProduct()] });
    const outcomes = world.submit(
      [keyed(), keyed({ holdId: 72 }), keyed({ holdId: 73, quantity: 1 })],
      noonMs,
    );
    expect(outcomes).toMatchObject([
      { hold: { id: 71 }, replayed: false },
      { hold: { id: 71 }, replayed: true },
      { code: 'idempotency_key_reused' },
    ]);
    expect(world.products.get(1)?.held).toBe(2);
  });

  it('is not what somebody without a key gets, whatever the key says', () => {
    const world = worldOf({ products: [aProduct()] });
    const outcomes = world.submit([keyed({ idempotencyKey: 'null' }), createHold({ holdId: 72 })], noonMs);
    expect(outcomes).toMatchObject([{ hold: { id: 71 } }, { hold: { id: 72 }, replayed: false }]);
  });

  it('is answered as it was made, also when it is sold out, closed or let go by now', () => {
    const world = worldOf({ products: [aProduct({ stock: 2, closesAtMs: noonMs + 1 })] });
    const first = world.one(keyed(), noonMs);
    world.one({ kind: 'release_hold', holdId: 71 }, noonMs + 1);
    expect(world.one(keyed({ holdId: 72 }), noonMs + 2)).toEqual({ ...first, replayed: true });
  });

  it('is decided anew after a refusal', () => {
    const world = worldOf({ products: [aProduct({ stock: 2 })], holds: [aHold()] });
    expect(world.one(keyed(), noonMs).kind).toBe('refused');
    world.one({ kind: 'release_hold', holdId: 70 }, noonMs);
    expect(world.one(keyed(), noonMs)).toMatchObject({ kind: 'hold_created', replayed: false });
  });

  it('shares nothing with the same key on an order', () => {
    const world = worldOf({ products: [aProduct()] });
    world.one(keyed(), noonMs);
    expect(
      world.one({ kind: 'create_order', orderId: 500, holdId: 71, idempotencyKey: 'once' }, noonMs),
    ).toMatchObject({ kind: 'order_created', replayed: false });
  });

  it.each([null, 'once'])(
    'is found, not made twice, after a commit whose outcome was unknown (key: %s)',
    (key) => {
      const world = worldOf({ products: [aProduct()] });
      const command = createHold({ idempotencyKey: key });
      const first = world.batch([command], noonMs);
      const again = world.batch([command], noonMs + 50, true);
      expect(again.outcomes).toEqual(first.outcomes);
      expect(world.products.get(1)?.held).toBe(2);
    },
  );
});

describe('letting a hold go', () => {
  const release = { kind: 'release_hold', holdId: 70 } as const;

  it('gives its units back at once and sets its deadline to the start of the current second', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    const decision = world.batch([release], noonMs);
    expect(decision.outcomes).toEqual([{ kind: 'hold_let_go' }]);
    expect(world.holds.get(70)).toMatchObject({
      status: 'released',
      releaseReason: 'released',
      expiresAtMs: noonSecondMs,
    });
    expect(decision.happened.map((event) => event.kind)).toEqual(['hold_released']);
    expect(world.products.get(1)?.held).toBe(0);
  });

  it.each([
    ['ran out', { products: [aProduct()], holds: [aHold({ status: 'released' })] }],
    [
      'was let go',
      { products: [aProduct()], holds: [aHold({ status: 'released', releaseReason: 'released' })] },
    ],
    ...(['failed', 'cancelled', 'expired', 'refund_due', 'refunded'] as const).map(
      (status) => [`has an order that is ${status}`, orderedRows(status)] as const,
    ),
  ] as const)('is a no-op when it %s', (_case, rows) => {
    const decision = worldOf(rows).batch([release], noonMs);
    expect(decision.outcomes).toEqual([{ kind: 'hold_let_go' }]);
    expect(decision.changes.holds).toEqual({ inserted: [], updated: [] });
  });

  it.each([
    ['hold', { products: [aProduct()], holds: [aHold({ expiresAtMs: noonMs })] }, 'hold_expired'],
    [
      'order',
      {
        products: [aProduct()],
        holds: [aHold({ status: 'ordered', expiresAtMs: noonMs })],
        orders: [anOrder({ paymentDueAtMs: noonMs })],
      },
      'hold_already_ordered',
    ],
  ] as const)('lasts, also when the %s was overdue and the clock goes back', (_case, rows, code) => {
    const world = worldOf(rows);
    expect(world.one(release, noonMs)).toEqual({ kind: 'hold_let_go' });
    expect(world.products.get(1)?.held).toBe(0);
    const again = { kind: 'create_order', orderId: 501, holdId: 70, idempotencyKey: null } as const;
    expect(world.one(again, noonMs - 1000)).toMatchObject({ kind: 'refused', code });
    expect([...world.orders.values()].map(({ status }) => status)).not.toContain('pending');
  });

  it.each([
    ['it is unknown', { products: [aProduct()] }, { code: 'hold_not_found' }],
    ['its order is pending', orderedRows('pending'), { code: 'hold_already_ordered', orderId: 500 }],
    ['its order is paid', orderedRows('paid'), { code: 'hold_consumed' }],
  ] as const)('is refused when %s', (_case, rows, refusal) => {
    const decision = worldOf(rows).batch([release], noonMs);
    expect(decision.outcomes).toEqual([{ kind: 'refused', ...refusal }]);
    expect(decision.happened).toEqual([]);
  });

  it('is a no-op the second time in one batch, and its units are there for a hold of that batch', () => {
    const world = worldOf({ products: [aProduct({ stock: 2 })], holds: [aHold()] });
    expect(
      world.batch([createHold(), release, release], noonMs).outcomes.map((outcome) => outcome.kind),
    ).toEqual(['hold_created', 'hold_let_go', 'hold_let_go']);
  });

  it('leaves the next release to be read when the hold had the earliest deadline', () => {
    const later = aHold({ id: 72, expiresAtMs: noonSecondMs + 90_000 });
    const world = worldOf({ products: [aProduct()], holds: [aHold(), later] });
    const decision = world.decide(world.load([release], noonMs), [release]);
    expect(decision.releasesToRead).toEqual([1]);
    expect(decision.snapshots.get(1)?.nextReleaseAtMs).toEqual({ productId: 1, atMostMs: null });
    const other: Command = { kind: 'release_hold', holdId: 72 };
    const known = world.decide(world.load([other], noonMs), [other]);
    expect(known.releasesToRead).toEqual([]);
    expect(known.snapshots.get(1)?.nextReleaseAtMs).toBe(noonSecondMs + 60_000);
  });
});
