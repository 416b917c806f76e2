import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  aRefund,
  createHold,
  createOrder,
  noonMs,
  noonSecondMs,
  orderedRows,
  rules,
  updateProduct,
  worldOf,
} from '../../test/support/domain-state.ts';

const dueAtMs = noonSecondMs + 1000 + rules.paymentSeconds * 1000;

describe('a new order', () => {
  it('keeps the units of its hold, without a gap, until the payment deadline', () => {
    const world = worldOf({ products: [aProduct({ stock: 2 })], holds: [aHold()] });
    const decision = world.batch([createOrder()], noonMs);
    const order = {
      id: 500,
      holdId: 70,
      productId: 1,
      quantity: 2,
      totalMinor: 239_998,
      currency: 'USD',
      status: 'pending',
      paymentDueAtMs: dueAtMs,
      createdAtMs: noonMs,
    };
    expect(decision.outcomes).toEqual([{ kind: 'order_created', order, refunds: [], replayed: false }]);
    expect(decision.happened).toEqual([{ kind: 'order_created', order }]);
    expect(world.holds.get(70)).toMatchObject({ status: 'ordered', expiresAtMs: dueAtMs });
    expect(world.products.get(1)).toMatchObject({ stock: 2, held: 2, version: 2 });

    const next = createHold({ quantity: 1 });
    expect(world.one(next, dueAtMs - 1)).toMatchObject({ code: 'insufficient_stock', availableStock: 0 });
    expect(world.one(next, dueAtMs)).toMatchObject({ kind: 'hold_created' });
    expect(world.orders.get(500)?.status).toBe('expired');
  });

  it('costs what the units cost when they were held', () => {
    const world = worldOf({ products: [aProduct()] });
    world.one(createHold(), noonMs);
    world.one(updateProduct({ price: 9.5 }), noonMs);
    expect(world.one(createOrder({ holdId: 71 }), noonMs)).toMatchObject({ order: { totalMinor: 239_998 } });
    world.one(createHold({ holdId: 72 }), noonMs);
    expect(world.one(createOrder({ orderId: 501, holdId: 72 }), noonMs)).toMatchObject({
      order: { totalMinor: 1900 },
    });
  });

  it('is made of a hold also after the sale has closed', () => {
    const world = worldOf({ products: [aProduct({ closesAtMs: noonMs - 1 })], holds: [aHold()] });
    expect(world.one(createOrder(), noonMs).kind).toBe('order_created');
  });

  it('is made one millisecond before the deadline of its hold, and never at it', () => {
    const { expiresAtMs } = aHold();
    const world = () => worldOf({ products: [aProduct()], holds: [aHold()] });
    expect(world().one(createOrder(), expiresAtMs - 1).kind).toBe('order_created');
    expect(world().one(createOrder(), expiresAtMs)).toEqual({ kind: 'refused', code: 'hold_expired' });
  });

  it.each([
    ['an unknown hold', { products: [aProduct()] }, { code: 'hold_not_found' }],
    [
      'an overdue hold',
      { products: [aProduct()], holds: [aHold({ expiresAtMs: noonMs })] },
      { code: 'hold_expired' },
    ],
    [
      'a hold that ran out',
      { products: [aProduct()], holds: [aHold({ status: 'released' })] },
      { code: 'hold_expired' },
    ],
    [
      'a hold that was let go',
      { products: [aProduct()], holds: [aHold({ status: 'released', releaseReason: 'released' })] },
      { code: 'hold_released' },
    ],
    ...(['pending', 'paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'] as const).map(
      (status) =>
        [
          `a hold whose order is ${status}`,
          orderedRows(status),
          { code: 'hold_already_ordered', orderId: 500 },
        ] as const,
    ),
  ] as const)('is refused, and changes nothing, for %s', (_case, rows, refusal) => {
    const world = worldOf(rows);
    const decision = world.batch([createOrder({ orderId: 501, idempotencyKey: 'once' })], noonMs);
    expect(decision.outcomes).toEqual([{ kind: 'refused', ...refusal }]);
    expect([decision.changes.orders.inserted, decision.changes.holds.updated]).toEqual([[], []]);
    expect(decision.changes.requestKeys).toEqual([]);
  });

  it('is one when two ask for it in one batch', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    expect(world.submit([createOrder(), createOrder({ orderId: 501 })], noonMs)).toMatchObject([
      { kind: 'order_created' },
      { code: 'hold_already_ordered', orderId: 500 },
    ]);
    expect(world.orders.size).toBe(1);
  });

  it('loses against letting the hold go in the same batch', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    expect(world.batch([createOrder(), { kind: 'release_hold', holdId: 70 }], noonMs).outcomes).toEqual([
      { kind: 'refused', code: 'hold_released' },
      { kind: 'hold_let_go' },
    ]);
    expect(world.products.get(1)?.held).toBe(0);
  });
});

describe('an order with an idempotency key', () => {
  it('is made once: the same request gets the same answer, another one is refused', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold(), aHold({ id: 72 })] });
    const first = world.one(createOrder({ idempotencyKey: 'once' }), noonMs);
    world.one({ kind: 'cancel_order', orderId: 500 }, noonMs + 1);
    expect(world.one(createOrder({ orderId: 501, idempotencyKey: 'once' }), noonMs + 2)).toEqual({
      ...first,
      replayed: true,
    });
    expect(world.one(createOrder({ orderId: 502, holdId: 72, idempotencyKey: 'once' }), noonMs + 3)).toEqual({
      kind: 'refused',
      code: 'idempotency_key_reused',
    });
    expect(world.orders.size).toBe(1);
  });

  it('is one when two ask for it with the same key in one batch', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    const keyed = createOrder({ idempotencyKey: 'once' });
    expect(world.submit([keyed, { ...keyed, orderId: 501 }], noonMs)).toMatchObject([
      { order: { id: 500 }, replayed: false },
      { order: { id: 500 }, replayed: true },
    ]);
  });

  it('is not what somebody without a key gets, whatever the key says', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    const outcomes = world.submit(
      [createOrder({ idempotencyKey: 'null' }), createOrder({ orderId: 501 })],
      noonMs,
    );
    expect(outcomes).toMatchObject([{ order: { id: 500 } }, { code: 'hold_already_ordered', orderId: 500 }]);
  });

  it.each([null, 'once'])(
    'is found, not refused, after a commit whose outcome was unknown (key: %s)',
    (key) => {
      const world = worldOf({ products: [aProduct()], holds: [aHold()] });
      const command = createOrder({ idempotencyKey: key });
      const first = world.batch([command], noonMs);
      expect(world.batch([command], noonMs + 50, true).outcomes).toEqual(first.outcomes);
    },
  );
});

describe('cancelling an order', () => {
  const cancel = { kind: 'cancel_order', orderId: 500 } as const;

  it('gives its units back at once', () => {
    const world = worldOf(orderedRows('pending'));
    const decision = world.batch([cancel], noonMs);
    expect(decision.outcomes).toEqual([
      { kind: 'order_cancelled', order: anOrder({ status: 'cancelled' }), refunds: [] },
    ]);
    expect(world.holds.get(70)).toMatchObject({
      status: 'released',
      releaseReason: 'order_ended',
      expiresAtMs: noonSecondMs,
    });
    expect(decision.happened.map((event) => event.kind)).toEqual(['hold_released', 'order_cancelled']);
    expect(world.products.get(1)?.held).toBe(0);
  });

  it('is a no-op the second time and shows its refunds', () => {
    const refund = aRefund({ reason: 'amount_mismatch' });
    const world = worldOf({ ...orderedRows('cancelled'), refunds: [refund] });
    const decision = world.batch([cancel], noonMs);
    expect(decision.outcomes).toEqual([
      { kind: 'order_cancelled', order: anOrder({ status: 'cancelled' }), refunds: [refund] },
    ]);
    expect(decision.changes.orders.updated).toEqual([]);
  });

  it('shows its refunds in the order in which they came to be, whatever else is in the batch', () => {
    const refunds = [
      aRefund({ reason: 'amount_mismatch' }),
      aRefund({ id: 2, paymentName: 'ref:pi_2', reason: 'amount_mismatch', createdAtMs: noonMs - 50 }),
    ];
    const owed = { decision: 'owed', settlement: 'refunded' } as const;
    const payments = [aPayment(owed), aPayment({ name: 'ref:pi_2', ...owed })];
    const world = worldOf({ ...orderedRows('cancelled'), payments, refunds });
    const [, outcome] = world.batch([{ kind: 'settle_refund', refundId: 2 }, cancel], noonMs).outcomes;
    expect(outcome).toMatchObject({ refunds: [{ id: 1 }, { id: 2 }] });
  });

  it.each([
    ['unknown', { products: [aProduct()] }, { code: 'order_not_found' }],
    [
      'overdue',
      {
        products: [aProduct()],
        holds: [aHold({ status: 'ordered', expiresAtMs: noonMs })],
        orders: [anOrder({ paymentDueAtMs: noonMs })],
      },
      { code: 'order_not_cancellable', orderStatus: 'expired' },
    ],
    ...(['paid', 'failed', 'expired', 'refund_due', 'refunded'] as const).map(
      (status) =>
        [status, orderedRows(status), { code: 'order_not_cancellable', orderStatus: status }] as const,
    ),
  ] as const)('is refused when it is %s', (_case, rows, refusal) => {
    const decision = worldOf(rows).batch([cancel], noonMs);
    expect(decision.outcomes).toEqual([{ kind: 'refused', ...refusal }]);
    expect(decision.happened).toEqual([]);
  });

  it('comes too late when the payment is in the same batch', () => {
    const world = worldOf(orderedRows('pending'));
    const paid = {
      key: 'evt_1',
      orderId: 500,
      holdId: null,
      status: 'paid',
      amountMinor: null,
      currency: null,
      reference: null,
    } as const;
    expect(
      world.batch([cancel, { kind: 'apply_payment_event', event: paid }], noonMs).outcomes,
    ).toMatchObject([
      { code: 'order_not_cancellable', orderStatus: 'paid' },
      { answer: { result: 'processed', orderStatus: 'paid' } },
    ]);
  });
});
