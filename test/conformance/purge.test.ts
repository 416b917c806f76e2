import { expect, it } from 'vitest';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  changes,
  deliveryRow,
  eventRow,
  farAheadMs,
  holdKeyRow,
  holdRow,
  loaded,
  longAgoMs,
  needs,
  orderKeyRow,
  orderRow,
  outgoingEventRow,
  productRow,
  write,
} from '../support/store-rows.ts';

const limits = { releasedHoldsMs: longAgoMs, requestKeysMs: longAgoMs, outgoingEventsMs: longAgoMs };

describeEach(databases)('purging on $name', (database) => {
  const db = emptyDatabase(database);

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
    expect(await db.store.purge(limits, 100)).toBe(2);
    const { items } = (await db.store.holds({}, { limit: 100, cursor: null })).value;
    expect(items.map(({ hold }) => hold.id).sort()).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(await db.store.purge(limits, 100)).toBe(0);
  });

  it('deletes request keys older than the limit, and never the keys of payment events', async () => {
    await write(db.store, {
      requestKeys: [
        holdKeyRow('old', longAgoMs - 1),
        orderKeyRow('old', longAgoMs),
        orderKeyRow('older', longAgoMs - 2),
        holdKeyRow('young', longAgoMs + 1),
      ],
      events: [eventRow({ key: 'old', receivedAtMs: longAgoMs - 1_000_000_000 })],
    });
    expect(await db.store.purge(limits, 100)).toBe(2);
    const state = await loaded(db.store, {
      requestKeys: ['holds:old', 'orders:old', 'orders:older', 'holds:young'],
      eventKeys: ['old'],
    });
    expect([...state.requestKeys.keys()].sort()).toEqual(['holds:young', 'orders:old']);
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
    expect(await db.store.purge(limits, 1)).toBe(2);
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
    expect(await db.store.purge(limits, 2)).toBe(4);
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
    expect(await db.store.purge(limits, 1)).toBe(1);
    expect(await db.store.outgoingEvent(5)).toBeNull();
    expect(await db.store.purge(limits, 100)).toBe(1);
    const page = { limit: 100, cursor: null };
    expect((await db.store.outgoingEvents({}, page)).items.map(({ id }) => id)).toEqual([4, 3, 2]);
    const left = (await db.store.deliveries({}, page)).items.map(({ delivery }) => delivery.id);
    expect(left.sort((a, b) => a - b)).toEqual([21, 22, 31, 41]);
    expect(await db.store.purge(limits, 100)).toBe(0);
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
