import { expect, it } from 'vitest';
import type { RefusedPayment } from '../../src/domain/refused-payment.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  deliveryRow,
  disputeRow,
  eventRow,
  farAheadMs,
  holdRow,
  longAgoMs,
  orderRow,
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
      refundsUnderDispute: 0,
      openDisputes: nothing,
      refusedPayments: { ...nothing, productIds: [] },
      parkedEvents: 0,
      parkedFacts: 0,
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

  it('counts open disputes, since when the first is open, and the due refunds that wait for them', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const at = (ms: number) => ({ createdAtMs: longAgoMs + ms });
    await write(db.store, {
      payments: names.map((name) => paymentRow({ name })),
      refunds: names
        .slice(0, 3)
        .map((paymentName, id) => refundRow({ id, paymentName, status: id === 1 ? 'succeeded' : 'due' })),
      disputes: [
        disputeRow({ paymentName: 'a', ...at(3) }),
        disputeRow({ paymentName: 'a', id: 'dp_2', ...at(2) }),
        disputeRow({ paymentName: 'b', ...at(4) }),
        disputeRow({ paymentName: 'c', status: 'won', ...at(0) }),
        disputeRow({ paymentName: 'c', id: 'dp_2', status: 'lost', ...at(1) }),
        disputeRow({ paymentName: 'd', ...at(5) }),
      ],
    });
    const { openDisputes, refundsUnderDispute, refundsDue } = await db.store.backlog();
    expect(openDisputes).toEqual({ count: 4, oldestAtMs: longAgoMs + 2 });
    expect([refundsUnderDispute, refundsDue.count]).toEqual([1, 2]);
  });

  it('counts refused payments of the last day, for a price that their product still has', async () => {
    const nowMs = db.store.nowMs();
    const ids = [1, 2, 3, 4, 5];
    const refused = (orderId: number, over: Partial<RefusedPayment> = {}): RefusedPayment => ({
      orderId,
      holdId: orderId,
      productId: 1,
      provider: 'stripe',
      priceMinor: 10,
      reason: 'amount_too_small',
      createdAtMs: nowMs - 2000,
      ...over,
    });
    await write(db.store, {
      products: [productRow({ priceMinor: 10 }), productRow({ id: 2, priceMinor: 20 })],
      holds: ids.map((id) => holdRow({ id, status: 'released' })),
      orders: ids.map((id) => orderRow({ id, holdId: id, status: 'failed' })),
      refusedPayments: [
        refused(1),
        refused(2, { createdAtMs: nowMs - 5000 }),
        refused(3, { createdAtMs: nowMs - 25 * 60 * 60_000 }),
        refused(4, { productId: 2 }),
        refused(5, { productId: 2, priceMinor: 20 }),
      ],
    });
    const { refusedPayments } = await db.store.backlog();
    expect(refusedPayments).toEqual({ count: 3, oldestAtMs: nowMs - 5000, productIds: [1, 2] });
  });

  it('counts facts that wait for their payment apart from events that wait for their order', async () => {
    const unknown = { orderId: null, holdId: null, productId: null } as const;
    await write(db.store, {
      events: [
        eventRow({ key: 'money' }),
        eventRow({ key: 'returned', status: 'refunded' }),
        eventRow({ key: 'of another shop', status: 'disputed', ...unknown }),
        eventRow({ key: 'taken in', status: 'refunded', result: 'processed' }),
        eventRow({ key: 'in vain', status: 'refunded', result: 'unmatched' }),
      ],
    });
    const { parkedEvents, parkedFacts, unmatchedEvents } = await db.store.backlog();
    expect([parkedEvents, parkedFacts, unmatchedEvents]).toEqual([1, 2, 1]);
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
        eventRow({ key: 'resolved', reference: 'pi_4', ...second }),
      ],
      payments: [
        paymentRow({ name: 'ref:pi_2', settlement: 'flagged' }),
        paymentRow({ name: 'key:by its key', settlement: 'flagged' }),
        paymentRow({ name: 'ref:pi_3', settlement: 'refunded' }),
        paymentRow({ name: 'ref:pi_4', settlement: 'flagged', decision: 'nothing_due' }),
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
