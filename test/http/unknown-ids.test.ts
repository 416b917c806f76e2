import { describe, expect, test } from 'vitest';
import {
  adminToken,
  type Checkout,
  checkoutForTest,
  databaseForTest,
  type Reply,
} from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { behindProxy, fromAddress } from '../support/from-address.ts';
import { readMetrics } from '../support/metrics.ts';
import { describeEach } from '../support/needing.ts';
import { lockFromOutside } from '../support/outside-lock.ts';
import { signEvent, webhookPath } from '../support/signed-events.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

const client = '203.0.113.7';
const other = '198.51.100.1';
const firstUnknown = 4_503_599_627_370;

/** Every request that names a hold or an order. */
const requests: readonly {
  readonly name: string;
  readonly send: (checkout: Checkout, id: number | string, address: string) => Promise<Reply>;
}[] = [
  {
    name: 'reads of holds',
    send: (checkout, id, from) => checkout.get(`/api/v1/holds/${id}`, fromAddress(from)),
  },
  {
    name: 'reads of orders',
    send: (checkout, id, from) => checkout.get(`/api/v1/orders/${id}`, fromAddress(from)),
  },
  {
    name: 'releases of holds',
    send: (checkout, id, from) =>
      checkout.send('DELETE', `/api/v1/holds/${id}`, undefined, fromAddress(from)),
  },
  {
    name: 'orders of holds',
    send: (checkout, id, from) => checkout.post('/api/v1/orders', { hold_id: id }, fromAddress(from)),
  },
  {
    name: 'cancels of orders',
    send: (checkout, id, from) => checkout.post(`/api/v1/orders/${id}/cancel`, undefined, fromAddress(from)),
  },
];

describeEach(sharedDatabases)('unknown ids on $name', (kind) => {
  const limited = (max: number, variables: Readonly<Record<string, string>> = {}) =>
    checkoutForTest({
      database: kind,
      variables: { WORKER: 'false', RATE_LIMIT_UNKNOWN_IDS: String(max), ...behindProxy, ...variables },
    });

  describe.each(requests)('in $name', ({ send }) => {
    test('are answered as often as the limit says, and then refused until the minute ends', async () => {
      const checkout = await limited(5);
      const replies = await atOnce(20, (index) => send(checkout, firstUnknown + index, client));
      const refused = replies.filter(({ status }) => status === 429);
      expect([replies.filter(({ status }) => status === 404).length, refused.length]).toEqual([5, 15]);
      for (const { headers } of refused) {
        const seconds = Number(headers['retry-after']);
        expect(seconds > 50 && seconds <= 60).toBe(true);
        expect(headers).toMatchObject({
          'ratelimit-policy': '"unknown-ids";q=5;w=60',
          ratelimit: `"unknown-ids";r=0;t=${seconds}`,
        });
      }
      expect((await send(checkout, firstUnknown, other)).status).toBe(404);
    });

    test('do not count where they are malformed', async () => {
      const checkout = await limited(2);
      const replies = await atOnce(10, () => send(checkout, 'x1', client));
      expect(tally(replies)).toEqual({ invalid_request: 10 });
      expect((await send(checkout, firstUnknown, client)).status).toBe(404);
    });
  });

  test('beyond the limit make every request of the address wait that names an id, and no other one', async () => {
    const checkout = await limited(3);
    checkout.sign = signEvent;
    const order = await checkout.ordered(await checkout.createProduct());
    const left = async () =>
      (await checkout.get(`/api/v1/holds/${order.hold_id}`, fromAddress(client))).headers.ratelimit;
    expect(await left()).toBe('"unknown-ids";r=3;t=60');
    await requests[0]?.send(checkout, firstUnknown, client);
    expect(await left()).toMatch(/^"unknown-ids";r=2;t=\d+$/);
    await atOnce(2, (index) => checkout.get(`/api/v1/orders/${firstUnknown + index}`, fromAddress(client)));

    for (const { name, send } of requests) {
      const id = name.includes('of holds') ? order.hold_id : order.order_id;
      expect([name, (await send(checkout, id, client)).body.code]).toEqual([name, 'rate_limited']);
    }
    expect((await checkout.get(`/api/v1/orders/${order.order_id}`, fromAddress(other))).body.status).toBe(
      'pending',
    );
    expect((await checkout.get('/api/v1/products', fromAddress(client))).status).toBe(200);
    expect((await checkout.hold(order.product_id, 1, fromAddress(client))).status).toBe(201);
    const asAdmin = { authorization: `Bearer ${adminToken}`, ...fromAddress(client) };
    expect((await checkout.get(`/api/v1/admin/refunds?order_id=${firstUnknown}`, asAdmin)).status).toBe(200);
    const unknownEvent = { idempotency_key: 'e1', order_id: firstUnknown, status: 'paid' };
    expect((await checkout.post(webhookPath, unknownEvent, fromAddress(client))).status).toBe(202);
    const event = { idempotency_key: 'e2', order_id: order.order_id, status: 'paid' };
    expect((await checkout.post(webhookPath, event, fromAddress(client))).body.result).toBe('processed');
  });

  test('count for a whole /64', async () => {
    const checkout = await limited(3);
    const get = (address: string) => checkout.get(`/api/v1/holds/${firstUnknown}`, fromAddress(address));
    await atOnce(3, (index) => get(`[2001:db8::${index + 1}]:443`));
    expect((await get('2001:db8::ffff')).status).toBe(429);
    expect((await get('2001:db8:0:1::1')).status).toBe(404);
  });

  test('are not limited unless it is asked for', async () => {
    const checkout = await checkoutForTest({ database: kind });
    const replies = await atOnce(100, (index) => checkout.get(`/api/v1/holds/${firstUnknown + index}`));
    expect(tally(replies)).toEqual({ hold_not_found: 100 });
    expect(replies[0]?.headers).not.toHaveProperty('ratelimit');
  });

  test('make many buyers at one address wait for each other and refuse none', async () => {
    const checkout = await limited(5);
    const productId = await checkout.createProduct({ stock: 200 });
    const holds = await atOnce(200, () => checkout.hold(productId, 1, fromAddress(client)));
    const orders = await atOnce(200, (index) =>
      checkout.order(holds[index]?.body.hold_id ?? 0, fromAddress(client)),
    );
    expect(tally(orders)).toEqual({ 201: 200 });
  });

  test('a flood of them leaves room in a small queue for the orders of others', async () => {
    const database = await databaseForTest(kind);
    const queueMax = 20;
    const checkout = await checkoutForTest({
      database,
      variables: {
        WORKER: 'false',
        LOG_LEVEL: 'debug',
        QUEUE_MAX: String(queueMax),
        REQUEST_TIMEOUT_MS: '60000',
        RATE_LIMIT_UNKNOWN_IDS: '60',
        ...behindProxy,
      },
    });
    const productId = await checkout.createProduct({ stock: 100 });
    const holds: number[] = [];
    while (holds.length < 10) {
      holds.push((await checkout.hold(productId)).body.hold_id);
    }
    await checkout.connect(320);
    // With the database locked everything that is queued stays in the queue.
    const unlock = await lockFromOutside(database.url);
    const first = checkout.hold(productId);
    await until(() => checkout.logged('Batch is decided again').length > 0);
    let refused = 0;
    const flood = atOnce(300, async (index) => {
      const reply = await checkout.order(firstUnknown + index, fromAddress(client));
      refused += Number(reply.status === 429);
      return reply;
    });
    // One address takes a quarter of the queue at most, and as many of its requests as the queue has places wait for it.
    await until(() => refused === 300 - 5 - queueMax);
    await until(async () => (await waitingOrders(checkout)) === queueMax / 4);
    const orders = atOnce(10, (index) => checkout.order(holds[index] ?? 0, fromAddress(other)));
    await until(async () => (await waitingOrders(checkout)) === queueMax / 2);
    await unlock();

    expect(tally(await orders)).toEqual({ 201: 10 });
    expect(tally(await flood)).toEqual({ hold_not_found: 25, rate_limited: 275 });
    expect((await first).status).toBe(201);
  });
});

/** Commands other than new holds that wait in the queue. */
async function waitingOrders(checkout: Checkout): Promise<number | null> {
  return (await readMetrics(checkout)).find('flash_sale_queue_commands', { line: 'others' });
}
