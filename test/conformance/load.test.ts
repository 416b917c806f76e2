import { expect, it } from 'vitest';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  changes,
  eventRow,
  farAheadMs,
  holdKeyRow,
  holdRow,
  loaded,
  longAgoMs,
  needs,
  orderKeyRow,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  stockChangeRow,
  write,
} from '../support/store-rows.ts';

describeEach(databases)('loading on $name', (database) => {
  const db = emptyDatabase(database);

  it('loads nothing that was not named, and nothing for what is not there', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ parked: 'paid' })],
      events: [eventRow()],
      payments: [paymentRow()],
      refunds: [refundRow()],
      requestKeys: [holdKeyRow('one')],
      stockChanges: [stockChangeRow()],
    });
    const state = await loaded(db.store, {
      productIds: [2],
      holdIds: [71],
      refundIds: [901],
      eventKeys: ['evt_2'],
      paymentNames: ['ref:pi_2'],
      requestKeys: ['holds:two'],
      stockChangeIds: [801],
      withPayments: true,
    });
    for (const rows of [
      state.products,
      state.availability,
      state.holds,
      state.orders,
      state.events,
      state.payments,
      state.refunds,
      state.requestKeys,
      state.stockChanges,
      state.overdueHoldIds,
      state.orderIdByHold,
      state.parkedKeysByHold,
    ]) {
      expect(rows.size).toBe(0);
    }
    expect(state.parkedUnknown).toBe(0);
    expect(state.nextProductId).toBe(0);
  });

  it('brings the order of each hold with its refunds and their payments, and those of no other hold', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [70, 71, 72].map((id) => holdRow({ id, status: 'released' })),
      orders: [70, 71].map((id) => orderRow({ id: id + 430, holdId: id, status: 'refund_due' })),
      payments: ['a', 'b', 'c'].map((name) => paymentRow({ name })),
      refunds: [
        refundRow({ id: 3, paymentName: 'a', orderId: 500 }),
        refundRow({ id: 2, paymentName: 'b', orderId: 500 }),
        refundRow({ id: 1, paymentName: 'c', orderId: 501, holdId: 71 }),
      ],
    });
    const state = await loaded(db.store, { productIds: [1], holdIds: [70, 72] });
    expect([...state.orders.keys()]).toEqual([500]);
    expect([...state.orderIdByHold]).toEqual([[70, 500]]);
    expect([...state.refunds.keys()].sort()).toEqual([2, 3]);
    expect([...state.payments.keys()].sort()).toEqual(['a', 'b']);
  });

  it('brings the events that wait under a hold in order of arrival, also those of one instant', async () => {
    const at = (ms: number) => ({ receivedAtMs: longAgoMs + ms });
    const arrived = [
      eventRow({ key: 'z first', ...at(10) }),
      eventRow({ key: 'b at once', ...at(20), reference: null }),
      eventRow({ key: 'a at once', ...at(20), reference: null }),
      eventRow({ key: 'c at once', ...at(20), reference: null }),
      eventRow({ key: 'a last', ...at(30) }),
    ];
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ parked: 'paid' }), holdRow({ id: 71, parked: 'failed' })],
      events: [
        ...arrived.slice(1),
        eventRow({ key: 'applied', result: 'processed', ...at(5) }),
        eventRow({ key: 'other hold', holdId: 71, ...at(5) }),
        eventRow({ key: 'unknown', holdId: 70, productId: null, ...at(5) }),
      ],
    });
    await write(db.store, { events: arrived.slice(0, 1) });
    const state = await loaded(db.store, { productIds: [1], holdIds: [70] });
    expect([...state.parkedKeysByHold]).toEqual([[70, arrived.map((event) => event.key)]]);
    expect(new Set(state.events.values())).toEqual(new Set(arrived));
  });

  it('brings the payments that a waiting event may tell of again, by hold and by name', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ parked: 'paid' }), holdRow({ id: 71 })],
      events: [eventRow({ reference: 'pi_elsewhere' }), eventRow({ key: 'evt_2', reference: null })],
      payments: [
        paymentRow({ name: 'ref:of this hold' }),
        paymentRow({ name: 'ref:pi_elsewhere', holdId: 71 }),
        paymentRow({ name: 'key:evt_2', holdId: 71 }),
        paymentRow({ name: 'ref:of no interest', holdId: 71 }),
      ],
    });
    const state = await loaded(db.store, { productIds: [1], holdIds: [70] });
    expect([...state.payments.keys()].sort()).toEqual(['key:evt_2', 'ref:of this hold', 'ref:pi_elsewhere']);
  });

  it('brings the payments of named holds when they are asked for, and named ones always', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'consumed' }), holdRow({ id: 71, status: 'released' })],
      orders: [orderRow({ status: 'paid' })],
      payments: [
        paymentRow({ name: 'ref:of the order' }),
        paymentRow({ name: 'key:of the ended hold', orderId: null, holdId: 71 }),
        paymentRow({ name: 'key:named', holdId: 72 }),
      ],
    });
    const named = { productIds: [1], holdIds: [70, 71], paymentNames: ['key:named'] };
    const withPayments = await loaded(db.store, { ...named, withPayments: true });
    expect([...withPayments.payments.keys()].sort()).toEqual([
      'key:named',
      'key:of the ended hold',
      'ref:of the order',
    ]);
    const without = await loaded(db.store, named);
    expect([...without.payments.keys()]).toEqual(['key:named']);
  });

  it('does not mix up request keys of the two scopes', async () => {
    await write(db.store, {
      requestKeys: [holdKeyRow('same'), orderKeyRow('same'), holdKeyRow('only holds')],
    });
    const one = await loaded(db.store, { requestKeys: ['orders:same', 'orders:only holds'] });
    expect([...one.requestKeys]).toEqual([['orders:same', orderKeyRow('same')]]);
    const both = await loaded(db.store, { requestKeys: ['orders:same', 'holds:same'] });
    expect(new Set(both.requestKeys.values())).toEqual(new Set([orderKeyRow('same'), holdKeyRow('same')]));
  });

  it('counts the events that wait for an unknown order or hold, and no others', async () => {
    await write(db.store, {
      events: [
        eventRow({ key: 'known', productId: 1 }),
        eventRow({ key: 'given up', productId: null, result: 'unmatched' }),
        eventRow({ key: 'waits', productId: null }),
        eventRow({ key: 'waits too', productId: null, holdId: null, orderId: 7 }),
      ],
    });
    expect((await loaded(db.store, { withParkedUnknown: true })).parkedUnknown).toBe(2);
    expect((await loaded(db.store, { withParkedUnknown: false })).parkedUnknown).toBe(0);
  });

  it('names the next product id: behind the highest, 1 in the beginning', async () => {
    expect((await loaded(db.store, { withNextProductId: true })).nextProductId).toBe(1);
    await write(db.store, { products: [productRow({ id: 3 }), productRow({ id: 12 })] });
    expect((await loaded(db.store, { withNextProductId: true })).nextProductId).toBe(13);
  });

  it('loads the product of a named stock change as completely as a named product', async () => {
    await write(db.store, {
      products: [productRow({ held: 5 })],
      holds: [holdRow({ quantity: 2, expiresAtMs: longAgoMs }), holdRow({ id: 71, quantity: 3 })],
      stockChanges: [stockChangeRow()],
    });
    const state = await loaded(db.store, { stockChangeIds: [800] });
    expect([...state.products.keys()]).toEqual([1]);
    expect(state.availability.get(1)).toEqual({ overdueUnits: 2, nextReleaseAtMs: farAheadMs });
  });

  it('counts overdue units and the next release of each product by its open holds alone', async () => {
    await write(db.store, {
      products: [1, 2, 3].map((id) => productRow({ id, held: 20 })),
      holds: [
        holdRow({ id: 1, quantity: 3, expiresAtMs: longAgoMs }),
        holdRow({ id: 2, quantity: 4, status: 'ordered', expiresAtMs: longAgoMs + 1000 }),
        holdRow({ id: 3, quantity: 5, status: 'consumed', expiresAtMs: longAgoMs }),
        holdRow({ id: 4, quantity: 6, status: 'released', expiresAtMs: longAgoMs }),
        holdRow({ id: 5, quantity: 7, expiresAtMs: farAheadMs + 1000 }),
        holdRow({ id: 6, quantity: 1, status: 'ordered', expiresAtMs: farAheadMs }),
        holdRow({ id: 7, quantity: 1, status: 'consumed', expiresAtMs: farAheadMs - 1000 }),
        holdRow({ id: 8, productId: 2, quantity: 9, expiresAtMs: farAheadMs - 2000 }),
      ],
    });
    const state = await loaded(db.store, { productIds: [1, 2, 3] });
    expect(Object.fromEntries(state.availability)).toEqual({
      1: { overdueUnits: 7, nextReleaseAtMs: farAheadMs },
      2: { overdueUnits: 0, nextReleaseAtMs: farAheadMs - 2000 },
      3: { overdueUnits: 0, nextReleaseAtMs: null },
    });
  });

  it('takes a hold for overdue from the very instant of its deadline', async () => {
    const step = database.deadlineStepMs;
    const firstMs = Math.ceil((db.store.nowMs() + 30) / step) * step;
    const deadlines = Array.from({ length: 400 }, (_, index) => firstMs + index * step);
    await write(db.store, {
      products: [productRow({ stock: 400, held: 400 })],
      holds: deadlines.map((expiresAtMs, index) => holdRow({ id: index + 1, quantity: 1, expiresAtMs })),
    });
    let seen = 0;
    // Asked as often as can be, and each answer compared with the instant that it was given for.
    while (seen < 3) {
      const { nowMs, availability, overdueHoldIds } = await db.store.transact(async (transaction) => {
        await transaction.load(needs({ productIds: [1] }));
        return transaction.loadOverdue([{ productId: 1, rows: 400 }]);
      });
      const overdue = deadlines.filter((deadlineMs) => deadlineMs <= nowMs).length;
      expect(availability.get(1)).toEqual({
        overdueUnits: overdue,
        nextReleaseAtMs: deadlines[overdue] ?? null,
      });
      expect(overdueHoldIds.get(1)).toHaveLength(overdue);
      const snapshot = await db.store.product(1);
      const overdueAsOf = deadlines.filter((deadlineMs) => deadlineMs <= (snapshot?.asOfMs ?? 0)).length;
      expect(snapshot?.heldStock).toBe(400 - overdueAsOf);
      expect(snapshot?.nextReleaseAtMs).toBe(deadlines[overdueAsOf] ?? null);
      seen = overdue;
    }
  });

  it('loads overdue holds oldest first, at most as many as asked for, each product for itself', async () => {
    const overdue = (id: number, productId: number, ageSeconds: number) =>
      holdRow({ id, productId, quantity: 1, expiresAtMs: longAgoMs - ageSeconds * 1000 });
    await write(db.store, {
      products: [1, 2, 3].map((id) => productRow({ id, held: 10 })),
      holds: [
        overdue(11, 1, 1),
        overdue(12, 1, 3),
        overdue(13, 1, 2),
        { ...overdue(14, 1, 9), status: 'consumed' },
        { ...overdue(15, 1, 9), status: 'released', releaseReason: 'expired' },
        holdRow({ id: 16, quantity: 1 }),
        overdue(21, 2, 50),
        { ...overdue(22, 2, 60), status: 'ordered' },
        overdue(31, 3, 99),
      ],
      orders: [orderRow({ holdId: 22, productId: 2, quantity: 1 })],
    });
    const state = await db.store.transact(async (transaction) => {
      await transaction.load(needs({ productIds: [1, 2, 3] }));
      return transaction.loadOverdue([
        { productId: 1, rows: 2 },
        { productId: 2, rows: 5 },
      ]);
    });
    expect(Object.fromEntries(state.overdueHoldIds)).toEqual({ 1: [12, 13], 2: [22, 21] });
    expect([...state.holds.keys()].sort()).toEqual([12, 13, 21, 22]);
    expect([...state.orders.keys()]).toEqual([500]);
    expect(state.products.size).toBe(3);
  });

  it('brings with overdue holds the events that wait under them and their payments', async () => {
    await write(db.store, {
      products: [productRow({ held: 2 })],
      holds: [holdRow({ parked: 'paid', expiresAtMs: longAgoMs })],
      events: [eventRow()],
      payments: [paymentRow({ name: 'key:earlier', orderId: null })],
    });
    const state = await db.store.transact(async (transaction) => {
      await transaction.load(needs({ productIds: [1] }));
      return transaction.loadOverdue([{ productId: 1, rows: 1 }]);
    });
    expect([...state.parkedKeysByHold]).toEqual([[70, ['evt_1']]]);
    expect([...state.payments.keys()]).toEqual(['key:earlier']);
  });

  it('knows the next release of each product after what was applied, as of the given instant', async () => {
    await write(db.store, { products: [1, 2, 3].map((id) => productRow({ id, held: 2 })) });
    const releases = await db.store.transact(async (transaction) => {
      await transaction.apply({
        ...changes({}),
        holds: {
          inserted: [
            holdRow({ id: 1, expiresAtMs: farAheadMs }),
            holdRow({ id: 2, expiresAtMs: farAheadMs + 1000 }),
            holdRow({ id: 3, expiresAtMs: farAheadMs - 1000, status: 'released' }),
            holdRow({ id: 4, productId: 2, expiresAtMs: farAheadMs }),
          ],
          updated: [],
        },
      });
      return {
        before: await transaction.nextReleases([1, 2, 3], farAheadMs - 1, []),
        at: await transaction.nextReleases([1, 2, 3], farAheadMs, []),
      };
    });
    expect(Object.fromEntries(releases.before)).toEqual({ 1: farAheadMs, 2: farAheadMs, 3: null });
    expect(Object.fromEntries(releases.at)).toEqual({ 1: farAheadMs + 1000, 2: null, 3: null });
  });

  it('knows the next release of each product without the excepted holds, for any number of them', async () => {
    const deadlineMs = (id: number) => farAheadMs + 1000 * id;
    await write(db.store, {
      products: [productRow({ held: 602, stock: 1000 }), productRow({ id: 2, held: 4 })],
      holds: [
        ...Array.from({ length: 301 }, (_, id) => holdRow({ id: id + 1, expiresAtMs: deadlineMs(id + 1) })),
        holdRow({ id: 901, productId: 2, expiresAtMs: deadlineMs(1) }),
        holdRow({ id: 902, productId: 2, expiresAtMs: deadlineMs(1) }),
      ],
    });
    const first300 = Array.from({ length: 300 }, (_, id) => id + 1);
    const exceptions = [[1, 3], first300, [...first300, 301], [901], [902, 1], [901, 902], [77_777]];
    const releases = await db.store.transact(async (transaction) => {
      const found: object[] = [];
      for (const except of exceptions) {
        found.push(Object.fromEntries(await transaction.nextReleases([1, 2], farAheadMs, except)));
      }
      return found;
    });
    const one = deadlineMs(1);
    expect(releases).toEqual([
      { 1: deadlineMs(2), 2: one },
      { 1: deadlineMs(301), 2: one },
      { 1: null, 2: one },
      { 1: one, 2: one },
      { 1: deadlineMs(2), 2: one },
      { 1: one, 2: null },
      { 1: one, 2: one },
    ]);
  });
});
