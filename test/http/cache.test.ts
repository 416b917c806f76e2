import { expect, test } from 'vitest';
import {
  type Checkout,
  type CheckoutOptions,
  checkoutForTest,
  databaseForTest,
} from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('snapshots on $name', (kind) => {
  /**
   * Snapshots that would live for a minute: what is new all the same is new because the cache was told. No
   * worker helps.
   */
  const cached = ({ database = kind, variables = {} }: CheckoutOptions = {}) =>
    checkoutForTest({
      database,
      variables: { CACHE_TTL_MS: '60000', WORKER: 'false', LOG_LEVEL: 'debug', ...variables },
    });

  const lookups = (checkout: Checkout, id: number) =>
    checkout.logLines().filter((line) => JSON.stringify(line).includes(`product:${id}:available_stock`));

  test('a product is seen as this node has changed it, at once', async () => {
    const checkout = await cached();
    const id = await checkout.createProduct({ stock: 10 });
    const seen = async () => {
      const { stock, held_stock, available_stock } = (await checkout.product(id)).body;
      return [stock, held_stock, available_stock];
    };
    expect(await seen()).toEqual([10, 0, 10]);
    const { hold_id } = (await checkout.hold(id, 3)).body;
    expect(await seen()).toEqual([10, 3, 7]);
    const order = await checkout.order(hold_id);
    expect(await seen()).toEqual([10, 3, 7]);
    expect((await checkout.product(id)).body.next_release_at).toBe(order.body.payment_due_at);
    await checkout.pay({ idempotency_key: 'pay', order_id: order.body.order_id });
    expect(await seen()).toEqual([7, 0, 7]);
    const let_go = (await checkout.hold(id, 1)).body.hold_id;
    await checkout.release(let_go);
    expect(await seen()).toEqual([7, 0, 7]);
    const cancelled = await checkout.ordered(id, 2);
    await checkout.cancel(cancelled.order_id);
    expect(await seen()).toEqual([7, 0, 7]);
    await checkout.admin('POST', `/products/${id}/stock`, { change: 5, reason: 'delivery' });
    expect(await seen()).toEqual([12, 0, 12]);
    await checkout.admin('PATCH', `/products/${id}`, { name: 'New' });
    expect((await checkout.product(id)).body.name).toBe('New');
  });

  test('a deadline that comes makes a snapshot out of date at that instant', async () => {
    const checkout = await cached({ variables: { HOLD_SECONDS: '1' } });
    const id = await checkout.createProduct({ stock: 5 });
    const { expires_at } = (await checkout.hold(id, 2)).body;
    const before = (await checkout.product(id)).body;
    expect(before).toMatchObject({ held_stock: 2, available_stock: 3, next_release_at: expires_at });
    const after = await until(async () => {
      const { body } = await checkout.product(id);
      // Until the instant nothing changes; from then on everything does, and no state lies between.
      if (body.next_release_at === null) {
        return body;
      }
      expect(body).toEqual(before);
      return false;
    });
    expect(after).toMatchObject({ held_stock: 0, available_stock: 5, next_release_at: null });
    expect((await checkout.hold(id, 5)).status).toBe(201);
  });

  test('each look is logged under the key of its product, and what was found tells from what was not', async () => {
    const checkout = await cached();
    const id = await checkout.createProduct();
    await Promise.all(Array.from({ length: 20 }, () => checkout.product(id)));
    await until(() => lookups(checkout, id).length === 20);
  });

  test.each(['200', '0'])(
    'what another node changes is seen, with a time to live of %s ms',
    async (ttlMs) => {
      const database = await databaseForTest(kind);
      const one = await cached({ database, variables: { CACHE_TTL_MS: ttlMs } });
      const other = await cached({ database });
      const id = await one.createProduct({ stock: 3 });
      expect((await one.product(id)).body.available_stock).toBe(3);
      await other.hold(id, 1);
      await until(async () => (await one.product(id)).body.available_stock === 2);
      if (ttlMs === '0') {
        await other.hold(id, 1);
        expect((await one.product(id)).body.available_stock).toBe(1);
      }
    },
  );

  test('a product that is not there is asked for each time, so it is seen when it comes', async () => {
    const checkout = await cached();
    const id = await checkout.createProduct();
    expect((await checkout.product(id + 1)).status).toBe(404);
    expect(await checkout.createProduct()).toBe(id + 1);
    expect((await checkout.product(id + 1)).status).toBe(200);
  });
});
