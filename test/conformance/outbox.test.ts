import { expect, it } from 'vitest';
import type { Delivery } from '../../src/domain/outgoing-event.ts';
import { databases, emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  deliveryRow,
  eventRow,
  farAheadMs,
  kindOfError,
  largest,
  longAgoMs,
  outgoingEventRow,
  productRow,
  refundRow,
  write,
} from '../support/store-rows.ts';

const everything = { limit: 100, cursor: null };

describeEach(databases)('the outbox on $name', (database) => {
  const db = emptyDatabase(database);
  const due = async (endpoint = 'shop', limit = 100) =>
    (await db.store.deliveriesDue(endpoint, limit)).map(({ event }) => event.id);
  const stored = async () =>
    (await db.store.deliveries({}, everything)).items
      .map(({ delivery }) => delivery)
      .sort((a, b) => a.id - b.id);
  /** Events, each with one delivery to the shop. */
  const writeEvents = async (
    events: readonly (Parameters<typeof outgoingEventRow>[0] & { readonly delivery?: Partial<Delivery> })[],
  ) =>
    write(db.store, {
      outgoingEvents: events.map(({ delivery, ...event }) => outgoingEventRow(event)),
      deliveries: events.map(({ delivery, ...event }) => {
        const { id, orderId, productId, productVersion, position } = outgoingEventRow(event);
        const chain = orderId ?? (productId === null ? null : -productId);
        return deliveryRow({ id, eventId: id, chain, productVersion, position, ...delivery });
      }),
    });

  it('keeps events of every kind with what they carry, and their deliveries', async () => {
    const events = [
      outgoingEventRow({ id: 1 }),
      outgoingEventRow({ id: 2, type: 'refund.due', data: refundRow(), position: 1 }),
      outgoingEventRow({
        id: 3,
        type: 'payment.unmatched',
        data: eventRow({ reference: `größer 📱 ${'x'.repeat(70_000)}` }),
        productId: null,
        holdId: null,
        orderId: largest,
        productVersion: 0,
      }),
      outgoingEventRow({
        id: largest,
        type: 'product.sold_out',
        data: productRow(),
        orderId: null,
        holdId: null,
        productVersion: largest,
        position: 12_345,
        createdAtMs: longAgoMs - 1,
      }),
    ];
    const deliveries = [
      deliveryRow({ id: 10, eventId: 1, endpoint: 'e'.repeat(255) }),
      deliveryRow({ id: 11, eventId: 1, status: 'delivered', attempts: 3 }),
      deliveryRow({
        id: 12,
        eventId: 2,
        status: 'dead',
        lastError: 'größer 📱',
        nextAttemptAtMs: farAheadMs,
      }),
    ];
    await write(db.store, { outgoingEvents: events, deliveries });
    for (const event of events) {
      expect(await db.store.outgoingEvent(event.id)).toMatchObject({ event });
    }
    expect((await db.store.outgoingEvent(1))?.deliveries).toEqual(deliveries.slice(0, 2));
    expect(await stored()).toEqual(deliveries);
    expect(await db.store.outgoingEvent(9)).toBeNull();
  });

  it('takes one delivery of an event to an endpoint', async () => {
    await writeEvents([{ id: 1 }]);
    expect(await kindOfError(write(db.store, { deliveries: [deliveryRow({ id: 2, eventId: 1 })] }))).toBe(
      'conflict',
    );
  });

  it('lists events and deliveries, newest first, by what is asked for', async () => {
    await writeEvents([
      { id: 1, createdAtMs: longAgoMs },
      { id: 2, createdAtMs: longAgoMs + 1, type: 'order.paid', delivery: { status: 'dead' } },
      { id: 3, createdAtMs: longAgoMs + 1, orderId: 501, delivery: { endpoint: 'books' } },
      { id: 4, createdAtMs: longAgoMs + 2, productId: 2, orderId: null, holdId: 71 },
    ]);
    const events = async (...given: Parameters<typeof db.store.outgoingEvents>) =>
      (await db.store.outgoingEvents(...given)).items.map(({ id }) => id);
    expect(await events({}, everything)).toEqual([4, 3, 2, 1]);
    expect(await events({ type: 'order.paid' }, everything)).toEqual([2]);
    expect(await events({ orderId: 501 }, everything)).toEqual([3]);
    expect(await events({ productId: 2 }, everything)).toEqual([4]);
    expect(await events({ holdId: 71 }, everything)).toEqual([4]);
    const first = await db.store.outgoingEvents({}, { limit: 2, cursor: null });
    expect(first.nextCursor).toEqual({ atMs: longAgoMs + 1, id: 3 });
    expect(await events({}, { limit: 2, cursor: first.nextCursor })).toEqual([2, 1]);

    const deliveries = async (...given: Parameters<typeof db.store.deliveries>) =>
      (await db.store.deliveries(...given)).items.map(({ event }) => event.id);
    expect(await deliveries({}, everything)).toEqual([4, 3, 2, 1]);
    expect(await deliveries({ endpoint: 'books' }, everything)).toEqual([3]);
    expect(await deliveries({ status: 'dead' }, everything)).toEqual([2]);
    expect(await deliveries({ eventId: 1 }, everything)).toEqual([1]);
    const page = await db.store.deliveries({}, { limit: 3, cursor: null });
    expect(page.nextCursor).toEqual({ atMs: longAgoMs + 1, id: 2 });
    expect(await deliveries({}, { limit: 3, cursor: page.nextCursor })).toEqual([1]);
  });

  it('gives what is due, oldest first, and nothing that is done, given up, or to wait', async () => {
    const nowMs = db.store.nowMs();
    await writeEvents(
      [
        { nextAttemptAtMs: longAgoMs + 1 },
        { nextAttemptAtMs: longAgoMs },
        { nextAttemptAtMs: nowMs + 60_000 },
        { status: 'delivered' as const },
        { status: 'dead' as const },
        { endpoint: 'books' },
      ].map((delivery, index) => ({ id: index + 1, orderId: 500 + index, delivery })),
    );
    expect(await due()).toEqual([2, 1]);
    expect(await due('shop', 1)).toEqual([2]);
    expect(await due('books')).toEqual([6]);
    expect(await due('nobody')).toEqual([]);
  });

  it('holds an event back while an earlier one of its order is on its way to the same endpoint', async () => {
    await writeEvents([
      { id: 1, productVersion: 9 },
      { id: 2, productVersion: 10, position: 1 },
      { id: 3, productVersion: 10, position: 0 },
      { id: 4, productVersion: 11, orderId: 501 },
      { id: 5, productVersion: 12, delivery: { endpoint: 'books' } },
    ]);
    expect((await due()).sort()).toEqual([1, 4]);
    expect(await due('books')).toEqual([5]);
    await db.run("update deliveries set status = 'delivered' where id = 1");
    expect((await due()).sort()).toEqual([3, 4]);
    await db.run("update deliveries set status = 'dead' where id = 3");
    expect((await due()).sort()).toEqual([2, 4]);
  });

  it('holds an earlier event to its turn also when it is tried again later', async () => {
    await writeEvents([
      { id: 1, productVersion: 9, delivery: { nextAttemptAtMs: farAheadMs, attempts: 1 } },
      { id: 2, productVersion: 10 },
    ]);
    expect(await due()).toEqual([]);
  });

  it('keeps events without an order in the order of their product, and those of neither in none', async () => {
    const ofProduct = { type: 'product.sold_out', data: productRow(), orderId: null, holdId: null } as const;
    const ofNothing = {
      type: 'payment.unmatched',
      data: eventRow(),
      productId: null,
      productVersion: 0,
    } as const;
    await writeEvents([
      { id: 1, ...ofProduct, productVersion: 10 },
      { id: 2, ...ofProduct, productVersion: 11 },
      { id: 3, ...ofProduct, productVersion: 11, productId: 2 },
      { id: 4, productVersion: 12 },
      { id: 5, ...ofNothing, orderId: null },
      { id: 6, ...ofNothing, orderId: null, position: 1 },
    ]);
    expect((await due()).sort()).toEqual([1, 3, 4, 5, 6]);
  });

  it('writes how deliveries stand after an attempt, unless they are no longer pending', async () => {
    await writeEvents([{ id: 1 }, { id: 2, orderId: 501 }, { id: 3, orderId: 502 }]);
    const attempted: readonly Partial<Delivery>[] = [
      { status: 'delivered', attempts: 1 },
      { attempts: 2, nextAttemptAtMs: farAheadMs + 1, lastError: '500' },
      { status: 'dead', attempts: 10, lastError: 'refused' },
    ];
    const results = (await stored()).map((delivery, index) => ({ ...delivery, ...attempted[index] }));
    await db.store.recordDeliveries(results);
    expect(await stored()).toEqual(results);
    const late = deliveryRow({ id: 1, eventId: 1, attempts: 1, lastError: 'from one who lost the lease' });
    await db.store.recordDeliveries([late]);
    await db.store.recordDeliveries([]);
    expect(await stored()).toEqual(results);
  });

  it('sends again what was given up at an endpoint, or the deliveries of named events', async () => {
    const dead = { status: 'dead', attempts: 10, lastError: 'refused' } as const;
    await writeEvents([
      { id: 1, orderId: 501, delivery: dead },
      { id: 2, orderId: 502, delivery: { ...dead, endpoint: 'books' } },
      { id: 3, orderId: 503, delivery: { status: 'delivered', attempts: 1 } },
      { id: 4, orderId: 504, delivery: { status: 'delivered', attempts: 1 } },
    ]);
    expect(await db.store.resend({ deadOf: 'shop' })).toBe(1);
    expect(await due()).toEqual([1]);
    expect((await stored())[0]).toMatchObject({ status: 'pending', attempts: 0, lastError: null });
    expect(await db.store.resend({ eventIds: [2, 3, 99] })).toBe(2);
    expect((await due()).sort()).toEqual([1, 3]);
    expect(await due('books')).toEqual([2]);
    expect(await db.store.resend({ eventIds: [] })).toBe(0);
  });

  it('lets one holder at a time have an endpoint, until the lease ends', async () => {
    const lease = async (holder: string, ms = 60_000, endpoint = 'shop') =>
      (await db.store.leaseEndpoint(endpoint, holder, ms)).leased;
    expect(await lease('a')).toBe(true);
    expect(await lease('b')).toBe(false);
    expect(await lease('a')).toBe(true);
    expect(await lease('b', 60_000, 'books')).toBe(true);
    expect(await lease('a', -1000)).toBe(true);
    expect(await lease('b')).toBe(true);
    expect(await lease('a')).toBe(false);
  });

  it('says of each endpoint who has it, whether it is switched off and why, and what waits for it', async () => {
    expect(await db.store.endpoints()).toEqual([]);
    await writeEvents([
      { id: 1 },
      { id: 2, delivery: { status: 'dead' } },
      { id: 3, delivery: { status: 'delivered' } },
      { id: 4, delivery: { status: 'dead', endpoint: 'books' } },
    ]);
    const nobody = { leasedBy: null, leasedUntilMs: null, switchedOffAtMs: null, reason: null };
    expect(await db.store.endpoints()).toEqual([
      { endpoint: 'books', ...nobody, pending: 0, dead: 1 },
      { endpoint: 'shop', ...nobody, pending: 1, dead: 1 },
    ]);
    const beforeMs = db.store.nowMs() - 1;
    await db.store.leaseEndpoint('new', 'a', 60_000);
    await db.store.switchEndpoint('shop', 'off', 'it is gone (410)');
    const [, { leasedUntilMs = 0 } = {}, shop] = await db.store.endpoints();
    expect(leasedUntilMs).toBeGreaterThan(beforeMs);
    expect(shop).toMatchObject({ endpoint: 'shop', reason: 'it is gone (410)', leasedBy: null });
    expect(shop?.switchedOffAtMs).toBeGreaterThanOrEqual(beforeMs);
    expect(await db.store.leaseEndpoint('shop', 'a', 60_000)).toEqual({
      leased: true,
      switchedOffAtMs: shop?.switchedOffAtMs,
    });
    await db.store.switchEndpoint('shop', 'on', null);
    expect(await db.store.leaseEndpoint('shop', 'a', 60_000)).toEqual({
      leased: true,
      switchedOffAtMs: null,
    });
  });
});

describeEach(sharedDatabases)('an endpoint that several ask for on $name', (database) => {
  const db = emptyDatabase(database);

  it('is leased to exactly one of them', async () => {
    const stores = ['a', 'b', 'c'].map((holder) => ({ holder, store: db.another() }));
    const asked = await Promise.all(
      stores.map(async ({ holder, store }) => {
        try {
          return (await store.leaseEndpoint('shop', holder, 60_000)).leased;
        } catch (error) {
          // Whoever meets another one at the same row may be told to come again.
          expect(await kindOfError(Promise.reject(error))).toBe('retryable');
          return false;
        }
      }),
    );
    expect(asked.filter((leased) => leased)).toHaveLength(1);
  });
});
