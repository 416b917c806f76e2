import { describe, expect, it } from 'vitest';
import { databases, emptyDatabase } from '../support/databases.ts';
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
  productRow,
  write,
} from '../support/store-rows.ts';

const limits = { releasedHoldsMs: longAgoMs, requestKeysMs: longAgoMs };

describe.each(databases)('purging on $name', (database) => {
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
