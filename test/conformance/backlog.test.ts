import { expect, it } from 'vitest';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  deliveryRow,
  eventRow,
  farAheadMs,
  holdRow,
  longAgoMs,
  outgoingEventRow,
  paymentRow,
  productRow,
  refundRow,
  write,
} from '../support/store-rows.ts';

const nothing = { count: 0, oldestAtMs: null };

describeEach(databases)('the backlog on $name', (database) => {
  const db = emptyDatabase(database);

  it('is empty where nothing waits', async () => {
    expect(await db.store.backlog()).toEqual({
      overdueHolds: nothing,
      refundsDue: nothing,
      parkedEvents: 0,
      unmatchedEvents: 0,
      possibleSecondPayments: 0,
      deliveries: { pending: 0, failing: 0, dead: 0, oldestAtMs: null },
      endpointsOff: 0,
    });
  });

  it('counts overdue holds of all products, and says since when the first is overdue', async () => {
    await write(db.store, {
      products: [productRow({ held: 8 }), productRow({ id: 2, held: 2 }), productRow({ id: 3 })],
      holds: [
        holdRow({ id: 1, expiresAtMs: longAgoMs + 2000 }),
        holdRow({ id: 2, expiresAtMs: longAgoMs + 1000, status: 'ordered' }),
        holdRow({ id: 3, expiresAtMs: longAgoMs, status: 'released' }),
        holdRow({ id: 4, expiresAtMs: longAgoMs, status: 'consumed' }),
        holdRow({ id: 5, expiresAtMs: farAheadMs }),
        holdRow({ id: 6, productId: 2, expiresAtMs: longAgoMs + 3000 }),
      ],
    });
    const { overdueHolds } = await db.store.backlog();
    expect(overdueHolds).toEqual({ count: 3, oldestAtMs: longAgoMs + 1000 });
  });

  it('stops to count at ten thousand', async () => {
    const ids = Array.from({ length: 10_001 }, (_, index) => index + 1);
    await write(db.store, {
      products: [productRow({ stock: 20_002, held: 20_002 })],
      holds: ids.map((id) => holdRow({ id, expiresAtMs: longAgoMs })),
    });
    const { overdueHolds } = await db.store.backlog();
    expect(overdueHolds).toEqual({ count: 10_000, oldestAtMs: longAgoMs });
  });

  it('counts refunds that are due, and says since when the first is', async () => {
    const names = ['a', 'b', 'c'];
    await write(db.store, {
      payments: names.map((name) => paymentRow({ name })),
      refunds: [
        refundRow({ id: 1, paymentName: 'a', createdAtMs: longAgoMs + 2 }),
        refundRow({ id: 2, paymentName: 'b', createdAtMs: longAgoMs + 1 }),
        refundRow({ id: 3, paymentName: 'c', createdAtMs: longAgoMs, status: 'succeeded' }),
      ],
    });
    expect((await db.store.backlog()).refundsDue).toEqual({ count: 2, oldestAtMs: longAgoMs + 1 });
  });

  it('counts events that wait, those that waited in vain, and flagged payments once each', async () => {
    const second = { result: 'possible_second_payment' } as const;
    await write(db.store, {
      events: [
        eventRow({ key: 'under a hold' }),
        eventRow({ key: 'for nobody', holdId: null, orderId: 9, productId: null }),
        eventRow({ key: 'in vain', result: 'unmatched' }),
        eventRow({ key: 'done', result: 'processed' }),
        eventRow({ key: 'told', reference: 'pi_2', ...second }),
        eventRow({ key: 'told again', reference: 'pi_2', ...second }),
        eventRow({ key: 'by its key', reference: null, ...second }),
        eventRow({ key: 'gone back', reference: 'pi_3', ...second }),
      ],
      payments: [
        paymentRow({ name: 'ref:pi_2', settlement: 'flagged' }),
        paymentRow({ name: 'key:by its key', settlement: 'flagged' }),
        paymentRow({ name: 'ref:pi_3', settlement: 'refunded' }),
      ],
    });
    const { parkedEvents, unmatchedEvents, possibleSecondPayments } = await db.store.backlog();
    expect([parkedEvents, unmatchedEvents, possibleSecondPayments]).toEqual([2, 1, 2]);
  });

  it('counts deliveries of all endpoints, and says when the oldest event came that has not arrived', async () => {
    const waiting: readonly Parameters<typeof deliveryRow>[0][] = [
      { nextAttemptAtMs: longAgoMs + 2000 },
      { nextAttemptAtMs: farAheadMs, attempts: 3 },
      { nextAttemptAtMs: longAgoMs + 3000, endpoint: 'books' },
      { status: 'dead', attempts: 10 },
      { status: 'dead', attempts: 10, endpoint: 'books' },
      { status: 'delivered', attempts: 1 },
    ];
    const createdAtMs = [2000, 1000, 3000, 10, 10, 0].map((ms) => longAgoMs + ms);
    await write(db.store, {
      outgoingEvents: waiting.map((_, id) => outgoingEventRow({ id, createdAtMs: createdAtMs[id] ?? 0 })),
      deliveries: waiting.map((row, id) => deliveryRow({ id, eventId: id, ...row })),
    });
    await db.store.switchEndpoint('books', 'off', 'asked to');
    await db.store.switchEndpoint('shop', 'on', null);
    const { deliveries, endpointsOff } = await db.store.backlog();
    expect(deliveries).toEqual({ pending: 3, failing: 1, dead: 2, oldestAtMs: longAgoMs + 1000 });
    expect(endpointsOff).toBe(1);
  });
});
