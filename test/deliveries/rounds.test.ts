import { afterEach, expect, it } from 'vitest';
import { StoreError } from '../../src/store/store-error.ts';
import { Worker } from '../../src/workers/worker.ts';
import { emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { allDeliveries, deliveringTo, endpoint, toldSale } from '../support/delivering.ts';
import { receiverForTest, verifyEvent } from '../support/event-receiver.ts';
import { describeEach } from '../support/needing.ts';
import type { Sale, SaleOptions } from '../support/sale.ts';
import { until } from '../support/until.ts';

const dayMs = 86_400_000;

describeEach(sharedDatabases)('deliveries on $name', (kind) => {
  const db = emptyDatabase(kind);
  const sales: Sale[] = [];
  const saleOf = (options: SaleOptions = {}) => {
    const sale = toldSale(db.store, options);
    sales.push(sale);
    return sale;
  };
  afterEach(async () => {
    await Promise.all(sales.splice(0).map((sale) => sale.engine.close()));
  });

  async function ordersOf(sale: Sale, count: number): Promise<readonly number[]> {
    const productId = await sale.product();
    const orders: number[] = [];
    for (let each = 0; each < count; each += 1) {
      orders.push((await sale.order((await sale.hold(productId)).id)).id);
    }
    return orders;
  }

  it('arrive signed, in the order in which things happened, and are sent once', async () => {
    const sale = saleOf();
    const [orderId = 0] = await ordersOf(sale, 1);
    await sale.pay({ orderId });
    const receiver = await receiverForTest();
    const { round } = await deliveringTo(receiver, db.store);
    expect(await round()).toBe(0);
    expect(await round()).toBe(0);
    expect(await round()).toBeGreaterThan(0);
    expect(receiver.types).toEqual(['order.created', 'order.paid']);
    for (const received of receiver.received) {
      expect(() => verifyEvent(received)).not.toThrow();
    }
    const deliveries = await allDeliveries(db.store);
    expect(deliveries.map(({ delivery }) => [delivery.status, delivery.attempts])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ]);
    expect(receiver.ids).toEqual(deliveries.map(({ event }) => `evt_${event.id}`));
  });

  it('that fail come again under the same id and with the same body, on the schedule, until they are dead', async () => {
    const sale = saleOf();
    await ordersOf(sale, 1);
    const receiver = await receiverForTest(() => 500);
    // By the database's clock each pause is over as soon as it has begun.
    const nowMs = db.store.nowMs() - 5 * dayMs;
    const { round, told } = await deliveringTo(receiver, db.store, { nowMs: () => nowMs });
    for (let attempts = 1; attempts <= 10; attempts += 1) {
      await round();
      expect(receiver.received).toHaveLength(attempts);
    }
    const pausesS = told.attempted.slice(0, 9).map((after) => (after.nextAttemptAtMs - nowMs) / 1000);
    expect(pausesS).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(new Set(receiver.ids).size).toBe(1);
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);

    await round();
    expect(receiver.received).toHaveLength(10);
    expect(await allDeliveries(db.store)).toMatchObject([
      { delivery: { status: 'dead', attempts: 10, lastError: 'answered 500' } },
    ]);
    expect(await db.store.endpoints()).toMatchObject([{ endpoint, pending: 0, dead: 1 }]);

    receiver.answering = () => 204;
    expect(await db.store.resend({ deadOf: endpoint })).toBe(1);
    await round();
    expect(receiver.ids[10]).toBe(receiver.ids[0]);
    expect(await db.store.endpoints()).toMatchObject([{ endpoint, pending: 0, dead: 0 }]);
  });

  it('wait for their pause by the clock of the database', async () => {
    await ordersOf(saleOf(), 1);
    const receiver = await receiverForTest(() => 500);
    const { round } = await deliveringTo(receiver, db.store);
    await round();
    await round();
    expect(receiver.received).toHaveLength(1);
  });

  it('of one order wait for each other, and those of other orders do not wait for them', async () => {
    const sale = saleOf();
    const [first = 0, second = 0] = await ordersOf(sale, 2);
    await sale.pay({ orderId: first });
    await sale.pay({ orderId: second });
    let refused = true;
    const receiver = await receiverForTest(({ body }) =>
      refused && body.data.order_id === first && body.type === 'order.created' ? 503 : 204,
    );
    const { round } = await deliveringTo(receiver, db.store, { nowMs: () => db.store.nowMs() - dayMs });
    const typesOf = (orderId: number) =>
      receiver.received.filter(({ body }) => body.data.order_id === orderId).map(({ body }) => body.type);
    await round();
    await round();
    expect(typesOf(second)).toEqual(['order.created', 'order.paid']);
    expect(new Set(typesOf(first))).toEqual(new Set(['order.created']));
    refused = false;
    await round();
    await round();
    expect(typesOf(first).slice(-2)).toEqual(['order.created', 'order.paid']);
  });

  it('to a receiver that is gone end, until somebody switches it on again', async () => {
    await ordersOf(saleOf(), 1);
    const receiver = await receiverForTest(() => 410);
    const { round, told } = await deliveringTo(receiver, db.store);
    await round();
    await ordersOf(saleOf(), 1);
    await round();
    expect(receiver.received).toHaveLength(1);
    expect(told.switchedOff).toEqual(['answered 410 Gone']);
    expect(await db.store.endpoints()).toMatchObject([
      { endpoint, switchedOffAtMs: expect.any(Number), reason: 'answered 410 Gone', pending: 2, dead: 0 },
    ]);

    receiver.answering = () => 204;
    await db.store.switchEndpoint(endpoint, 'on', null);
    await round();
    expect(receiver.received).toHaveLength(3);
    expect(await db.store.endpoints()).toMatchObject([{ endpoint, switchedOffAtMs: null, pending: 0 }]);
  });

  it('leave a receiver alone for as long as it asks for, with all events', async () => {
    await ordersOf(saleOf(), 1);
    const receiver = await receiverForTest((_received, response) => {
      response.writeHead(429, { 'retry-after': '60' }).end();
      return undefined;
    });
    let nowMs = db.store.nowMs() - dayMs;
    const { round, told } = await deliveringTo(receiver, db.store, { nowMs: () => nowMs });
    await round();
    expect(told.attempted[0]?.nextAttemptAtMs).toBe(nowMs + 60_000);
    await ordersOf(saleOf(), 1);
    nowMs += 59_999;
    expect(await round()).toBe(1);
    expect(receiver.received).toHaveLength(1);
    receiver.answering = () => 204;
    nowMs += 1;
    await round();
    expect(receiver.received).toHaveLength(3);
  });

  it('are sent to one endpoint several at a time, and not more than 32', async () => {
    await ordersOf(saleOf(), 45);
    const last = Promise.withResolvers<void>();
    const receiver = await receiverForTest(async (_received, _response, nth) => {
      if (nth === 32) {
        last.resolve();
      }
      await last.promise;
      return 204;
    });
    const { round } = await deliveringTo(receiver, db.store);
    await round();
    expect(receiver.received).toHaveLength(45);
    expect(receiver.underWayMax).toBe(32);
  });

  it('go on being sent while earlier results are written down', async () => {
    await ordersOf(saleOf(), 25);
    const last = Promise.withResolvers<void>();
    const receiver = await receiverForTest((_received, _response, nth) => {
      if (nth === 25) {
        last.resolve();
      }
      return 204;
    });
    const writes = {
      ...db.store,
      recordDeliveries: async (...given: Parameters<typeof db.store.recordDeliveries>) => {
        await last.promise;
        await db.store.recordDeliveries(...given);
      },
    };
    const { round } = await deliveringTo(receiver, db.store, { writes });
    await round();
    expect(receiver.received).toHaveLength(25);
    expect(await db.store.endpoints()).toMatchObject([{ pending: 0 }]);
  });

  it('are sent once although two workers deliver', async () => {
    const sale = saleOf();
    const orders = await ordersOf(sale, 30);
    await Promise.all(orders.map((orderId) => sale.pay({ orderId })));
    const receiver = await receiverForTest();
    const failures: unknown[] = [];
    const workers = await Promise.all(
      [db.store, db.another()].map(async (store, index) => {
        const { round } = await deliveringTo(receiver, store, { holder: `worker ${index}` });
        return new Worker(round, 5, (error) => failures.push(error));
      }),
    );
    for (const worker of workers) {
      worker.start();
    }
    await until(async () => (await db.store.endpoints())[0]?.pending === 0);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(receiver.received).toHaveLength(60);
    expect(new Set(receiver.ids).size).toBe(60);
    // Two processes that write one SQLite file may find it busy.
    expect(failures.filter((error) => !(error instanceof StoreError && error.kind === 'retryable'))).toEqual(
      [],
    );
  });

  it('belong to whoever has the lease, until it has run out', async () => {
    await ordersOf(saleOf(), 1);
    const receiver = await receiverForTest();
    const { round } = await deliveringTo(receiver, db.store);
    await db.store.leaseEndpoint(endpoint, 'a process that was killed', 30_000);
    expect(await round()).toBeGreaterThan(0);
    expect(receiver.received).toEqual([]);
    await db.run('update event_endpoints set leased_until = null');
    await round();
    expect(receiver.received).toHaveLength(1);
  });

  it('are not sent again when writing them down failed: that is made up for first', async () => {
    await ordersOf(saleOf(), 2);
    const receiver = await receiverForTest();
    let away = true;
    const writes = {
      ...db.store,
      recordDeliveries: async (...given: Parameters<typeof db.store.recordDeliveries>) => {
        if (away) {
          throw new StoreError('unavailable', 'the connection is gone');
        }
        await db.store.recordDeliveries(...given);
      },
    };
    const { round } = await deliveringTo(receiver, db.store, { writes });
    await expect(round()).rejects.toThrow('the connection is gone');
    const sent = receiver.received.length;
    await expect(round()).rejects.toThrow('the connection is gone');
    expect(receiver.received).toHaveLength(sent);
    away = false;
    await round();
    expect(new Set(receiver.ids).size).toBe(receiver.received.length);
    expect(await db.store.endpoints()).toMatchObject([{ pending: 0 }]);
  });

  it('that are under way when the process ends are left as they were, and no other begins', async () => {
    await ordersOf(saleOf(), 40);
    const stopping = new AbortController();
    const ending = new AbortController();
    const receiver = await receiverForTest(async (_received, _response, nth) => {
      if (nth === 32) {
        stopping.abort();
        ending.abort();
      }
      return undefined;
    });
    const { round } = await deliveringTo(receiver, db.store, {
      stopping: stopping.signal,
      ending: ending.signal,
    });
    await round();
    expect(receiver.received).toHaveLength(32);
    const deliveries = await allDeliveries(db.store);
    expect(new Set(deliveries.map(({ delivery }) => delivery.attempts))).toEqual(new Set([0]));
    // Another process has them at once.
    const other = await deliveringTo(receiver, db.store, { holder: 'another' });
    receiver.answering = () => 204;
    await other.round();
    expect(await db.store.endpoints()).toMatchObject([{ pending: 0 }]);
  });
});
