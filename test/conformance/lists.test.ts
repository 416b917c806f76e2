import { expect, it } from 'vitest';
import type { HoldStatus } from '../../src/domain/hold.ts';
import type { OrderStatus } from '../../src/domain/order.ts';
import type { Cursor, Page, PageRequest } from '../../src/store/store-reader.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  disputeRow,
  eventRow,
  farAheadMs,
  holdRow,
  largest,
  longAgoMs,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  write,
} from '../support/store-rows.ts';

const all: PageRequest = { limit: 100, cursor: null };

describeEach(databases)('lists on $name', (database) => {
  const db = emptyDatabase(database);

  const orderIds = async (filter: Parameters<typeof db.store.orders>[0]) =>
    (await db.store.orders(filter, all)).value.items.map(({ order }) => order.id);
  const holdIds = async (filter: Parameters<typeof db.store.holds>[0]) =>
    (await db.store.holds(filter, all)).value.items.map(({ hold }) => hold.id);

  it('filters orders by what readers see: a pending order is expired from its deadline on', async () => {
    const statuses: OrderStatus[] = ['paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'];
    const orders = [
      orderRow({ id: 1, holdId: 1 }),
      orderRow({ id: 2, holdId: 2, paymentDueAtMs: longAgoMs }),
      ...statuses.map((status, index) =>
        orderRow({ id: 3 + index, holdId: 3 + index, status, productId: 2, paymentDueAtMs: longAgoMs }),
      ),
      orderRow({ id: 9, holdId: 9, status: 'paid' }),
    ];
    await write(db.store, {
      products: [productRow(), productRow({ id: 2 })],
      holds: orders.map(({ holdId: id, productId }) => holdRow({ id, productId, status: 'ordered' })),
      orders: orders.map((order) => ({ ...order, createdAtMs: longAgoMs + order.id })),
    });
    expect(await orderIds({})).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await orderIds({ status: 'pending' })).toEqual([1]);
    expect(await orderIds({ status: 'expired' })).toEqual([6, 2]);
    expect(await orderIds({ status: 'paid' })).toEqual([9, 3]);
    for (const [index, status] of statuses.entries()) {
      expect(await orderIds({ status, productId: 2 })).toEqual([3 + index]);
    }
    expect(await orderIds({ productId: 1 })).toEqual([9, 2, 1]);
    expect(await orderIds({ holdId: 4 })).toEqual([4]);
    expect(await orderIds({ holdId: 4, status: 'paid' })).toEqual([]);
    const { nowMs } = await db.store.orders({}, all);
    expect(Math.abs(nowMs - db.store.nowMs())).toBeLessThan(60_000);
  });

  it('lists orders with their refunds', async () => {
    const refunds = [refundRow({ id: 2, paymentName: 'a' }), refundRow({ id: 3, paymentName: 'b' })];
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'released' }), holdRow({ id: 71, status: 'ordered' })],
      orders: [orderRow({ status: 'refund_due' }), orderRow({ id: 499, holdId: 71 })],
      payments: [paymentRow({ name: 'a' }), paymentRow({ name: 'b' })],
      refunds,
    });
    const { items } = (await db.store.orders({}, all)).value;
    expect(items).toEqual([
      { order: orderRow({ status: 'refund_due' }), refunds, disputes: [] },
      { order: orderRow({ id: 499, holdId: 71 }), refunds: [], disputes: [] },
    ]);
  });

  it('filters holds by what readers see: an open hold is released from its deadline on', async () => {
    const rows: [number, HoldStatus, number][] = [
      [1, 'held', farAheadMs],
      [2, 'held', longAgoMs],
      [3, 'ordered', farAheadMs + 1000],
      [4, 'ordered', longAgoMs + 1000],
      [5, 'consumed', longAgoMs + 2000],
      [6, 'released', longAgoMs + 3000],
    ];
    await write(db.store, {
      products: [productRow({ held: 8 }), productRow({ id: 2 })],
      holds: [
        ...rows.map(([id, status, expiresAtMs]) => holdRow({ id, status, expiresAtMs })),
        holdRow({ id: 7, productId: 2, expiresAtMs: farAheadMs + 5000 }),
      ],
      orders: [orderRow({ holdId: 3 })],
    });
    expect(await holdIds({})).toEqual([7, 3, 1, 6, 5, 4, 2]);
    expect(await holdIds({ productId: 1 })).toEqual([3, 1, 6, 5, 4, 2]);
    expect(await holdIds({ status: 'held' })).toEqual([7, 1]);
    expect(await holdIds({ status: 'held', productId: 1 })).toEqual([1]);
    expect(await holdIds({ holdId: 5 })).toEqual([5]);
    expect(await holdIds({ holdId: 5, status: 'held' })).toEqual([]);
    expect(await holdIds({ status: 'ordered' })).toEqual([3]);
    expect(await holdIds({ status: 'consumed' })).toEqual([5]);
    expect(await holdIds({ status: 'released' })).toEqual([6, 4, 2]);
    const { items } = (await db.store.holds({ status: 'ordered' }, all)).value;
    expect(items).toEqual([
      { hold: holdRow({ id: 3, status: 'ordered', expiresAtMs: farAheadMs + 1000 }), orderId: 500 },
    ]);
  });

  it('filters payment events and refunds', async () => {
    await write(db.store, {
      events: [
        eventRow({ key: 'a', orderId: 500 }),
        eventRow({ key: 'b', orderId: 500, holdId: 71, result: 'processed' }),
        eventRow({ key: 'c', orderId: 501, result: 'processed', reference: 'pi_2' }),
      ],
      payments: [paymentRow({ name: 'a' }), paymentRow({ name: 'b' }), paymentRow({ name: 'c' })],
      refunds: [
        refundRow({ id: 1, paymentName: 'a', createdAtMs: longAgoMs }),
        refundRow({ id: 2, paymentName: 'b', status: 'succeeded', createdAtMs: longAgoMs + 1 }),
        refundRow({ id: 3, paymentName: 'c', orderId: null, holdId: 71, createdAtMs: longAgoMs + 2 }),
      ],
    });
    const keys = async (filter: Parameters<typeof db.store.paymentEvents>[0]) =>
      (await db.store.paymentEvents(filter, all)).items.map((event) => event.key);
    expect(await keys({})).toEqual(['c', 'b', 'a']);
    expect(await keys({ result: 'processed' })).toEqual(['c', 'b']);
    expect(await keys({ orderId: 500 })).toEqual(['b', 'a']);
    expect(await keys({ holdId: 70 })).toEqual(['c', 'a']);
    expect(await keys({ holdId: 70, result: 'processed', orderId: 501 })).toEqual(['c']);
    expect(await keys({ key: 'b' })).toEqual(['b']);
    expect(await keys({ reference: 'pi_1' })).toEqual(['b', 'a']);
    expect(await keys({ reference: 'pi_2' })).toEqual(['c']);
    const ids = async (filter: Parameters<typeof db.store.refunds>[0]) =>
      (await db.store.refunds(filter, all)).items.map((refund) => refund.id);
    expect(await ids({})).toEqual([3, 2, 1]);
    expect(await ids({ status: 'due' })).toEqual([3, 1]);
    expect(await ids({ status: 'succeeded' })).toEqual([2]);
    expect(await ids({ orderId: 500 })).toEqual([2, 1]);
    expect(await ids({ holdId: 71 })).toEqual([3]);
  });

  it('leaves out refunds of nothing: what was returned came back', async () => {
    await write(db.store, {
      payments: [paymentRow({ name: 'a' }), paymentRow({ name: 'b' })],
      refunds: [
        refundRow({
          id: 1,
          paymentName: 'a',
          reason: 'returned_in_part',
          status: 'succeeded',
          amountMinor: 0,
        }),
        refundRow({
          id: 2,
          paymentName: 'b',
          reason: 'returned_in_part',
          status: 'succeeded',
          amountMinor: 1,
        }),
      ],
    });
    expect((await db.store.refunds({}, all)).items.map(({ id }) => id)).toEqual([2]);
  });

  it('lists disputes in the order in which they came, by status, order and hold', async () => {
    const disputes = [
      disputeRow({ id: 'dp_3' }),
      disputeRow({ id: 'dp_1', status: 'won' }),
      disputeRow({ id: 'dp_2', status: 'lost', paymentName: 'ref:pi_2', orderId: 501, holdId: 71 }),
      disputeRow({ id: 'dp_2', orderId: null, amountMinor: largest }),
    ];
    await write(db.store, { payments: [paymentRow(), paymentRow({ name: 'ref:pi_2' })], disputes });
    const found = async (filter: Parameters<typeof db.store.disputes>[0]) =>
      (await db.store.disputes(filter, all)).items;
    expect(await found({})).toEqual(disputes.toReversed());
    expect(await found({ status: 'open' })).toEqual([disputes[3], disputes[0]]);
    expect(await found({ status: 'won' })).toEqual([disputes[1]]);
    expect(await found({ status: 'lost', orderId: 501 })).toEqual([disputes[2]]);
    expect(await found({ orderId: 500 })).toEqual([disputes[1], disputes[0]]);
    expect(await found({ holdId: 71 })).toEqual([disputes[2]]);
    expect(await found({ holdId: 71, status: 'open' })).toEqual([]);
    for (const limit of [1, 3, 4]) {
      expect(await paged(limit, (page) => db.store.disputes({}, page))).toEqual(disputes.toReversed());
    }
  });

  it('lists facts that wait among the events that are parked', async () => {
    await write(db.store, {
      events: [
        eventRow({ key: 'money' }),
        eventRow({ key: 'fact', status: 'refunded', factId: 're_1', occurredAtMs: longAgoMs }),
        eventRow({ key: 'done', status: 'refunded', result: 'processed' }),
      ],
    });
    const { items } = await db.store.paymentEvents({ result: 'parked' }, all);
    expect(items.map(({ key, result }) => [key, result])).toEqual([
      ['fact', 'parked'],
      ['money', 'parked'],
    ]);
  });

  it('pages through rows of one instant without a gap and without one row twice', async () => {
    const ids = Array.from({ length: 23 }, (_, index) => index + 1);
    const atMs = (id: number) => longAgoMs + Math.floor(id / 7) * 1000;
    await write(db.store, {
      products: [productRow({ held: 46 })],
      holds: ids.map((id) => holdRow({ id, status: 'ordered', expiresAtMs: atMs(id) })),
      orders: ids.map((id) => orderRow({ id, holdId: id, createdAtMs: atMs(id) })),
      events: ids.map((id) => eventRow({ key: `evt_${id}`, receivedAtMs: atMs(id) })),
      payments: ids.map((id) => paymentRow({ name: `key:${id}` })),
      refunds: ids.map((id) => refundRow({ id, paymentName: `key:${id}`, createdAtMs: atMs(id) })),
    });
    const newestFirst = ids.toReversed();
    for (const limit of [1, 4, 23, 100]) {
      const orders = await paged(
        limit,
        async (page) => (await db.store.orders({ productId: 1 }, page)).value,
      );
      expect(orders.map(({ order }) => order.id)).toEqual(newestFirst);
      const holds = await paged(
        limit,
        async (page) => (await db.store.holds({ status: 'released' }, page)).value,
      );
      expect(holds.map(({ hold }) => hold.id)).toEqual(newestFirst);
      const events = await paged(limit, (page) => db.store.paymentEvents({}, page));
      expect(events.map((event) => event.key)).toEqual(newestFirst.map((id) => `evt_${id}`));
      const refunds = await paged(limit, (page) => db.store.refunds({ status: 'due' }, page));
      expect(refunds.map((refund) => refund.id)).toEqual(newestFirst);
    }
  });

  it('goes on behind the cursor when newer rows came meanwhile', async () => {
    const hold = (id: number) => holdRow({ id, status: 'ordered' });
    const order = (id: number) => orderRow({ id, holdId: id, createdAtMs: longAgoMs + id });
    await write(db.store, {
      products: [productRow()],
      holds: [1, 2, 3].map(hold),
      orders: [1, 2, 3].map(order),
    });
    const first = (await db.store.orders({}, { limit: 2, cursor: null })).value;
    expect(first.items.map((item) => item.order.id)).toEqual([3, 2]);
    await write(db.store, { holds: [hold(4)], orders: [order(4)] });
    const second = (await db.store.orders({}, { limit: 2, cursor: first.nextCursor })).value;
    expect(second.items.map((item) => item.order.id)).toEqual([1]);
    expect(second.nextCursor).toBeNull();
  });
});

/** All items of a list, page by page as a client reads it. */
async function paged<Item>(limit: number, read: (page: PageRequest) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: Cursor | null = null;
  do {
    const page: Page<Item> = await read({ limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
