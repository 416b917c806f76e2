import { expect, it } from 'vitest';
import type { Order } from '../../src/domain/order.ts';
import type { Purge } from '../../src/store/purge.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import {
  changes,
  deliveryRow,
  eventRow,
  farAheadMs,
  holdKeyRow,
  holdRow,
  intentRow,
  loaded,
  longAgoMs,
  needs,
  orderKeyRow,
  orderRow,
  outgoingEventRow,
  paymentRow,
  productRow,
  refundRow,
  settlementKeyRow,
  stockChangeRow,
  write,
} from '../support/store-rows.ts';

const limits = {
  releasedHoldsMs: longAgoMs,
  endedOrdersMs: longAgoMs,
  requestKeysMs: longAgoMs,
  outgoingEventsMs: longAgoMs,
  unknownFactsMs: longAgoMs,
};

describeEach(databases)('purging on $name', (database) => {
  const db = emptyDatabase(database);
  const purged = async (...given: Parameters<Purge>) => (await db.store.purge(...given)).deleted;

  it('deletes released holds that never had an order or an event, older than the limit, and no others', async () => {
    const old = { status: 'released', expiresAtMs: longAgoMs - 1000 } as const;
    await write(db.store, {
      products: [productRow({ held: 6 })],
      holds: [
        holdRow({ id: 1, ...old }),
        holdRow({ id: 2, ...old, releaseReason: 'released' }),
        holdRow({ id: 3, status: 'released', expiresAtMs: longAgoMs }),
        holdRow({ id: 4, expiresAtMs: old.expiresAtMs }),
        holdRow({ id: 5, status: 'ordered', expiresAtMs: old.expiresAtMs }),
        holdRow({ id: 6, status: 'consumed', expiresAtMs: old.expiresAtMs }),
        holdRow({ id: 7, ...old, releaseReason: 'order_ended' }),
        holdRow({ id: 8, ...old }),
        holdRow({ id: 9, status: 'released', expiresAtMs: farAheadMs }),
      ],
      orders: [orderRow({ holdId: 7, status: 'failed' })],
      events: [eventRow({ holdId: 8, result: 'refund_due' }), eventRow({ key: 'evt_2', holdId: 8 })],
    });
    expect(await purged(limits, 100)).toBe(2);
    const { items } = (await db.store.holds({}, { limit: 100, cursor: null })).value;
    expect(items.map(({ hold }) => hold.id).sort()).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(await purged(limits, 100)).toBe(0);
  });

  it('deletes orders that were cancelled or expired without money, with their holds, and keeps all others', async () => {
    const old = { status: 'released', releaseReason: 'order_ended', expiresAtMs: longAgoMs - 1000 } as const;
    const ended = (id: number, over: Partial<Order> = {}) => ({
      hold: holdRow({ id, ...old }),
      order: orderRow({ id: 500 + id, holdId: id, status: 'expired', ...over }),
    });
    const rows = [
      ended(1, { status: 'cancelled' }),
      ended(2),
      ended(3), // with a closed intent
      ended(4), // with an open intent
      ended(5), // with a declined card
      ended(6), // with an event that names the order alone
      ended(7), // with a payment and its refund
      ended(8, { status: 'failed' }),
      ended(9, { status: 'refund_due' }),
      ended(10, { status: 'refunded' }),
      { ...ended(11), hold: holdRow({ id: 11, ...old, expiresAtMs: longAgoMs }) },
      { hold: holdRow({ id: 12, status: 'consumed' }), order: ended(12, { status: 'paid' }).order },
    ];
    await write(db.store, {
      products: [productRow()],
      stockChanges: [stockChangeRow({ change: 52 })],
      holds: rows.map(({ hold }) => hold),
      orders: rows.map(({ order }) => order),
      paymentIntents: [
        intentRow({ orderId: 503, holdId: 3, reference: 'pi_3', status: 'closed' }),
        intentRow({ orderId: 504, holdId: 4, reference: 'pi_4' }),
      ],
      events: [
        eventRow({ key: 'declined', orderId: 505, holdId: 5, status: 'declined', result: 'ignored' }),
        eventRow({ key: 'of the order', orderId: 506, holdId: null, status: 'failed', result: 'ignored' }),
      ],
      payments: [paymentRow({ name: 'ref:pi_7', orderId: 507, holdId: 7, settlement: 'refunded' })],
      refunds: [refundRow({ paymentName: 'ref:pi_7', orderId: 507, holdId: 7, status: 'succeeded' })],
      outgoingEvents: [
        outgoingEventRow({ id: 1, orderId: 501, holdId: 1, createdAtMs: longAgoMs - 1000 }),
        outgoingEventRow({ id: 2, orderId: 501, holdId: 1, createdAtMs: longAgoMs - 1000 }),
      ],
      deliveries: [
        deliveryRow({ id: 11, eventId: 1, status: 'delivered' }),
        deliveryRow({ id: 21, eventId: 2 }),
      ],
      requestKeys: [orderKeyRow('of order 501', longAgoMs)],
    });
    const differences = async () => (await db.store.audit()).checks.filter(({ ok }) => !ok);
    const before = await differences();

    // Three orders, and the event that was delivered.
    expect(await purged(limits, 100)).toBe(4);

    const page = { limit: 100, cursor: null };
    const { items } = (await db.store.orders({}, page)).value;
    const kept = rows.map(({ order }) => order.id).filter((id) => id > 503);
    expect(items.map(({ order }) => order.id).sort()).toEqual(kept);
    const holds = (await db.store.holds({}, page)).value.items.map(({ hold }) => hold.id);
    expect(holds.sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(await db.run('select order_id from payment_intents')).toHaveLength(1);
    // What others are still to hear of it stays, and so does what its buyer's key answers.
    expect((await db.store.outgoingEvents({}, page)).items.map(({ id }) => id)).toEqual([2]);
    expect((await loaded(db.store, { requestKeys: ['orders:of order 501'] })).requestKeys.size).toBe(1);
    expect(await differences()).toEqual(before);
    expect(await purged(limits, 100)).toBe(0);
  });

  it('keeps orders longer than holds where it is asked to', async () => {
    const old = { status: 'released', expiresAtMs: longAgoMs - 1000 } as const;
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ id: 1, ...old }), holdRow({ id: 2, ...old })],
      orders: [orderRow({ holdId: 2, status: 'cancelled' })],
    });
    expect(await purged({ ...limits, endedOrdersMs: longAgoMs - 1000 }, 100)).toBe(1);
    expect(await db.store.order(500)).not.toBeNull();
    expect(await purged(limits, 100)).toBe(1);
    expect(await db.store.order(500)).toBeNull();
  });

  it('takes a late payment for a deleted order as one for an unknown order', async () => {
    const sale = new Sale(db.store);
    const order = await sale.order((await sale.hold(await sale.product())).id);
    await sale.engine.submit({ kind: 'cancel_order', orderId: order.id });
    const farAhead = {
      releasedHoldsMs: farAheadMs,
      endedOrdersMs: farAheadMs,
      requestKeysMs: longAgoMs,
      outgoingEventsMs: longAgoMs,
      unknownFactsMs: longAgoMs,
    };
    expect(await purged(farAhead, 100)).toBe(1);
    expect(await sale.pay({ orderId: order.id })).toMatchObject({ result: 'parked' });
    expect((await db.store.audit()).ok).toBe(true);
    await sale.engine.close();
  });

  it('deletes request keys older than the limit, and never the keys of payment events', async () => {
    await write(db.store, {
      requestKeys: [
        holdKeyRow('old', longAgoMs - 1),
        orderKeyRow('old', longAgoMs),
        orderKeyRow('older', longAgoMs - 2),
        holdKeyRow('young', longAgoMs + 1),
        settlementKeyRow('old', longAgoMs - 3),
        settlementKeyRow('young', longAgoMs + 1),
      ],
      events: [eventRow({ key: 'old', receivedAtMs: longAgoMs - 1_000_000_000 })],
    });
    await db.store.once({ scope: 'admin/resend', key: 'old', fingerprint: 'f' }, async () => ({ resent: 1 }));
    expect(await purged(limits, 100)).toBe(3);
    const state = await loaded(db.store, {
      requestKeys: [
        ...['holds:old', 'orders:old', 'orders:older', 'holds:young'],
        ...['admin/settle:old', 'admin/settle:young'],
      ],
      eventKeys: ['old'],
    });
    expect([...state.requestKeys.keys()].sort()).toEqual(['admin/settle:young', 'holds:young', 'orders:old']);
    expect(state.events.size).toBe(1);
  });

  it('deletes at most as many rows of each kind as it may, oldest first', async () => {
    const ids = [3, 1, 2];
    await write(db.store, {
      products: [productRow()],
      holds: ids.map((id) =>
        holdRow({ id, status: 'released', expiresAtMs: longAgoMs - 10_000 + id * 1000 }),
      ),
      requestKeys: [
        orderKeyRow('a', longAgoMs - 30),
        holdKeyRow('a', longAgoMs - 10),
        holdKeyRow('b', longAgoMs - 20),
      ],
    });
    expect(await purged(limits, 1)).toBe(2);
    const left = async () => {
      const state = await loaded(db.store, {
        productIds: [1],
        holdIds: ids,
        requestKeys: ['orders:a', 'holds:a', 'holds:b'],
      });
      return [[...state.holds.keys()].sort(), [...state.requestKeys.keys()].sort()];
    };
    expect(await left()).toEqual([
      [2, 3],
      ['holds:a', 'holds:b'],
    ]);
    expect(await purged(limits, 2)).toBe(4);
    expect(await left()).toEqual([[], []]);
  });

  it('deletes events that arrived everywhere, older than the limit, and keeps those that did not', async () => {
    const old = longAgoMs - 1000;
    const delivered = (id: number, eventId: number, endpoint = 'shop') =>
      deliveryRow({ id, eventId, endpoint, status: 'delivered' });
    await write(db.store, {
      outgoingEvents: [
        outgoingEventRow({ id: 1, createdAtMs: old }),
        outgoingEventRow({ id: 2, createdAtMs: old }),
        outgoingEventRow({ id: 3, createdAtMs: old }),
        outgoingEventRow({ id: 4, createdAtMs: longAgoMs }),
        outgoingEventRow({ id: 5, createdAtMs: old - 1 }),
      ],
      deliveries: [
        delivered(11, 1),
        delivered(12, 1, 'books'),
        delivered(21, 2),
        deliveryRow({ id: 22, eventId: 2, endpoint: 'books', status: 'dead' }),
        deliveryRow({ id: 31, eventId: 3 }),
        delivered(41, 4),
        delivered(51, 5),
      ],
    });
    expect(await purged(limits, 1)).toBe(1);
    expect(await db.store.outgoingEvent(5)).toBeNull();
    expect(await purged(limits, 100)).toBe(1);
    const page = { limit: 100, cursor: null };
    expect((await db.store.outgoingEvents({}, page)).items.map(({ id }) => id)).toEqual([4, 3, 2]);
    const left = (await db.store.deliveries({}, page)).items.map(({ delivery }) => delivery.id);
    expect(left.sort((a, b) => a - b)).toEqual([21, 22, 31, 41]);
    expect(await purged(limits, 100)).toBe(0);
  });

  it('continues behind the rows that it keeps, also when many of them end in one second, and restarts at the end', async () => {
    const at = longAgoMs - 1000;
    const kept = [1, 2, 3, 4, 5];
    await write(db.store, {
      products: [productRow()],
      holds: [...kept, 6, 7].map((id) => holdRow({ id, status: 'released', expiresAtMs: at })),
      orders: kept.map((id) => orderRow({ id: 500 + id, holdId: id, status: 'failed' })),
    });
    const rounds: boolean[] = [];
    const left = async () =>
      (await db.store.holds({}, { limit: 9, cursor: null })).value.items.map(({ hold }) => hold.id);
    while ((await left()).length > kept.length) {
      rounds.push((await db.store.purge(limits, 2)).isDone);
    }
    // Nothing in the first two; one of the third and, at the end, one of the fourth.
    expect(rounds).toEqual([true, true, false, true]);
    expect((await left()).sort()).toEqual(kept);
    await write(db.store, { holds: [holdRow({ id: 8, status: 'released', expiresAtMs: at - 1000 })] });
    expect(await db.store.purge(limits, 2)).toEqual({ deleted: 1, facts: 0, isDone: false });
  });

  it('keeps a hold under which an event is written in the meantime', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'released', expiresAtMs: longAgoMs - 1000 })],
    });
    const purging = db.store.purge(limits, 100);
    const sawTheHold = await db.store.transact(async (transaction) => {
      const { holds } = await transaction.load(needs({ productIds: [1], holdIds: [70] }));
      if (holds.has(70)) {
        await transaction.apply(changes({ events: [eventRow({ result: 'refund_due' })] }));
      }
      return holds.has(70);
    });
    await purging;
    expect((await db.store.hold(70)) !== null).toBe(sawTheHold);
  });
});
