import { expect, it } from 'vitest';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  eventRow,
  farAheadMs,
  holdRow,
  longAgoMs,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  stockChangeRow,
  write,
} from '../support/store-rows.ts';

describeEach(databases)('reads on $name', (database) => {
  const db = emptyDatabase(database);

  it('gives a snapshot of a product without its overdue units, as of an instant of its clock', async () => {
    await write(db.store, {
      products: [productRow({ held: 9, version: 4, opensAtMs: longAgoMs }), productRow({ id: 2 })],
      holds: [
        holdRow({ id: 1, quantity: 4, expiresAtMs: longAgoMs }),
        holdRow({ id: 2, quantity: 5, status: 'ordered' }),
        holdRow({ id: 3, quantity: 7, status: 'consumed', expiresAtMs: farAheadMs - 1000 }),
      ],
    });
    const beforeMs = db.store.nowMs();
    const snapshot = await db.store.product(1);
    const { held, ...product } = productRow({ version: 4, opensAtMs: longAgoMs });
    expect(snapshot).toEqual({
      ...product,
      heldStock: 5,
      nextReleaseAtMs: farAheadMs,
      asOfMs: expect.any(Number),
    });
    expect(held).toBe(0);
    expect(snapshot?.asOfMs).toBeGreaterThanOrEqual(beforeMs);
    expect(snapshot?.asOfMs).toBeLessThanOrEqual(db.store.nowMs());
    expect((await db.store.products()).map(({ id, heldStock }) => [id, heldStock])).toEqual([
      [1, 5],
      [2, 0],
    ]);
  });

  it('tells of each product what is in pending orders and what was ever sold', async () => {
    await write(db.store, {
      products: [productRow({ stock: 40, held: 9 }), productRow({ id: 2, stock: 5 })],
      stockChanges: [
        stockChangeRow({ id: 1, change: 50 }),
        stockChangeRow({ id: 2, change: -3 }),
        stockChangeRow({ id: 3, productId: 2, change: 5 }),
      ],
      holds: [
        holdRow({ id: 1, quantity: 3, status: 'ordered' }),
        holdRow({ id: 2, quantity: 4, status: 'ordered', expiresAtMs: longAgoMs }),
        holdRow({ id: 3, quantity: 2 }),
        holdRow({ id: 4, quantity: 7, status: 'consumed' }),
      ],
      orders: [
        orderRow({ id: 1, holdId: 1, quantity: 3 }),
        orderRow({ id: 2, holdId: 2, quantity: 4, paymentDueAtMs: longAgoMs }),
        orderRow({ id: 4, holdId: 4, quantity: 7, status: 'paid' }),
      ],
    });
    const sales = await db.store.productSales();
    expect(
      sales.map(({ product, ...units }) => ({ id: product.id, held: product.heldStock, ...units })),
    ).toEqual([
      { id: 1, held: 5, orderedStock: 3, soldUnits: 7 },
      { id: 2, held: 0, orderedStock: 0, soldUnits: 0 },
    ]);
  });

  it('finds nothing where nothing is', async () => {
    expect(await db.store.product(1)).toBeNull();
    expect(await db.store.products()).toEqual([]);
    expect(await db.store.productSales()).toEqual([]);
    expect(await db.store.hold(70)).toBeNull();
    expect(await db.store.order(500)).toBeNull();
    expect((await db.store.deadlines()).value).toEqual([]);
    expect(await db.store.parkedButKnown(10)).toEqual([]);
    expect(await db.store.parkedForOrders([{ id: 500, holdId: 70 }])).toEqual([]);
    expect(await db.store.parkedForOrders([])).toEqual([]);
    expect(await db.store.parkedSince(farAheadMs, 10)).toEqual([]);
  });

  it('reads a hold with its order, and an order with its refunds in the order in which they came', async () => {
    const refunds = [
      refundRow({ id: 9, paymentName: 'a', createdAtMs: longAgoMs + 1 }),
      refundRow({ id: 7, paymentName: 'b', createdAtMs: longAgoMs + 2 }),
      refundRow({ id: 8, paymentName: 'c', createdAtMs: longAgoMs + 2 }),
    ];
    const hold = holdRow({ status: 'released' });
    const order = orderRow({ status: 'refund_due' });
    await write(db.store, {
      products: [productRow()],
      holds: [hold, holdRow({ id: 71 })],
      orders: [order],
      payments: ['a', 'b', 'c', 'd'].map((name) => paymentRow({ name })),
      refunds: [...refunds.toReversed(), refundRow({ id: 1, paymentName: 'd', orderId: null })],
    });
    expect((await db.store.hold(70))?.value).toEqual({ hold, orderId: 500 });
    expect((await db.store.hold(71))?.value.orderId).toBeNull();
    const read = await db.store.order(500);
    expect(read?.value).toEqual({ order, refunds, disputes: [], paymentIntent: null });
    expect(Math.abs((read?.nowMs ?? 0) - db.store.nowMs())).toBeLessThan(60_000);
  });

  it('shows an order and its refunds as of one moment, also when a refund becomes due meanwhile', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'released' })],
      orders: [orderRow({ status: 'expired' })],
    });
    const reading = Promise.all([
      db.store.order(500),
      db.store.orders({ holdId: 70 }, { limit: 1, cursor: null }).then((page) => page.value.items[0]),
    ]);
    await write(
      db.store,
      { payments: [paymentRow({ settlement: 'refunded' })], refunds: [refundRow()] },
      { orders: [orderRow({ status: 'refund_due' })] },
    );
    const [one, listed] = await reading;
    for (const read of [one?.value, listed]) {
      expect(read?.refunds).toHaveLength(read?.order.status === 'refund_due' ? 1 : 0);
    }
  });

  it('locates the product of holds, orders, refunds and payments, and leaves out what is not there', async () => {
    await write(db.store, {
      products: [productRow(), productRow({ id: 2 })],
      holds: [holdRow(), holdRow({ id: 71, productId: 2 })],
      orders: [orderRow({ holdId: 71, productId: 2 })],
      payments: [paymentRow()],
      refunds: [refundRow({ holdId: 71, productId: 2 })],
    });
    const located = await db.store.locate({
      holdIds: [70, 71, 72],
      orderIds: [500, 501],
      refundIds: [900, 901],
      returnedPayments: ['ref:pi_1', 'ref:pi_2'],
    });
    expect(Object.fromEntries(located.productIdByHold)).toEqual({ 70: 1, 71: 2 });
    expect(Object.fromEntries(located.orders)).toEqual({ 500: { holdId: 71, productId: 2 } });
    expect(Object.fromEntries(located.refunds)).toEqual({ 900: { holdId: 71, productId: 2 } });
    expect(Object.fromEntries(located.payments)).toEqual({ 'ref:pi_1': { holdId: 70, productId: 1 } });
    const nothing = await db.store.locate({ holdIds: [], orderIds: [], refundIds: [], returnedPayments: [] });
    expect(Object.values(nothing).map((rows) => rows.size)).toEqual([0, 0, 0, 0]);
  });

  it('names the earliest deadline of each product that has an open hold, overdue ones included', async () => {
    await write(db.store, {
      products: [1, 2, 3].map((id) => productRow({ id, held: 9 })),
      holds: [
        holdRow({ id: 1, expiresAtMs: farAheadMs }),
        holdRow({ id: 2, expiresAtMs: longAgoMs, status: 'ordered' }),
        holdRow({ id: 3, expiresAtMs: longAgoMs - 1000, status: 'released' }),
        holdRow({ id: 4, productId: 2, expiresAtMs: farAheadMs }),
        holdRow({ id: 5, productId: 3, expiresAtMs: farAheadMs, status: 'consumed' }),
      ],
    });
    const { value, nowMs } = await db.store.deadlines();
    expect(value.toSorted((a, b) => a.productId - b.productId)).toEqual([
      { productId: 1, deadlineMs: longAgoMs },
      { productId: 2, deadlineMs: farAheadMs },
    ]);
    expect(nowMs).toBeGreaterThan(longAgoMs);
  });

  it('finds waiting events whose order or hold is there by now, oldest first', async () => {
    const waiting = (key: string, ids: { orderId?: number; holdId?: number }, ms: number) =>
      eventRow({ key, orderId: null, holdId: null, productId: null, receivedAtMs: longAgoMs + ms, ...ids });
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'ordered' }), holdRow({ id: 71 })],
      orders: [orderRow()],
      events: [
        waiting('by order', { orderId: 500 }, 30),
        waiting('by hold', { holdId: 71 }, 20),
        waiting('by the hold of the order', { holdId: 70 }, 10),
        waiting('at the same instant', { orderId: 500 }, 10),
        waiting('unknown', { orderId: 501 }, 1),
        waiting('unknown hold', { holdId: 72 }, 2),
        { ...waiting('given up', { orderId: 500 }, 3), result: 'unmatched' },
        eventRow({ key: 'under its hold', holdId: 71, productId: 1, receivedAtMs: longAgoMs }),
      ],
    });
    const known = ['by the hold of the order', 'at the same instant', 'by hold', 'by order'];
    const keys = (events: readonly { readonly key: string }[]) => events.map((event) => event.key);
    expect(keys(await db.store.parkedButKnown(10))).toEqual(known);
    expect(keys(await db.store.parkedButKnown(2))).toEqual(known.slice(0, 2));
    expect(keys(await db.store.parkedForOrders([orderRow()]))).toEqual([
      'by the hold of the order',
      'at the same instant',
      'by order',
    ]);
    expect(keys(await db.store.parkedSince(longAgoMs + 20, 10))).toEqual([
      'unknown',
      'unknown hold',
      'by the hold of the order',
      'at the same instant',
    ]);
    expect(keys(await db.store.parkedSince(longAgoMs + 20, 1))).toEqual(['unknown']);
  });
});
