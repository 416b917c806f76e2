import { describe, expect, it } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { openStream, productsPath, watchProducts } from '../support/event-stream.ts';
import { describeEach } from '../support/needing.ts';

describeEach(sharedDatabases)('the live products on $name', (database) => {
  it('show a hold, an order and a payment within a second each', async () => {
    const checkout = await checkoutForTest({ database });
    const productId = await checkout.createProduct({ stock: 5 });
    const viewer = await watchProducts(checkout);
    const first = await viewer.until('products');
    expect(first.data.products.map(({ id, available_stock }) => [id, available_stock])).toEqual([
      [productId, 5],
    ]);
    const { body: hold } = await checkout.hold(productId, 2);
    const changed = await viewer.until('products', ({ products }) => products[0]?.available_stock === 3);
    expect(changed.data.products).toEqual([(await checkout.product(productId)).body]);
    const { order_id } = (await checkout.order(hold.hold_id)).body;
    await checkout.pay({ idempotency_key: 'pay', order_id });
    await viewer.until(
      'products',
      ({ products }) => products[0]?.stock === 3 && products[0]?.held_stock === 0,
    );
  });

  it('give the units back at the deadline, without a worker', async () => {
    const checkout = await checkoutForTest({ database, variables: { WORKER: 'false', HOLD_SECONDS: '1' } });
    const productId = await checkout.createProduct({ stock: 5 });
    const viewer = await watchProducts(checkout);
    await viewer.until('products');
    const { expires_at } = (await checkout.hold(productId, 5)).body;
    await viewer.until('products', ({ products }) => products[0]?.available_stock === 0);
    const back = await viewer.until('products', ({ products }) => products[0]?.available_stock === 5, 1);
    const lateMs = Date.parse(back.data.now) - Date.parse(expires_at);
    expect(lateMs).toBeGreaterThanOrEqual(0);
  });
});

describe('the live products', () => {
  it('are an event stream that nobody keeps and nobody collects, with a pause for when it breaks', async () => {
    const checkout = await checkoutForTest();
    const viewers = await Promise.all(Array.from({ length: 5 }, () => watchProducts(checkout)));
    const pauses = new Set<string>();
    for (const viewer of viewers) {
      await viewer.until('products');
      expect(viewer.status).toBe(200);
      expect(viewer.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const pauseMs = /^retry: (\d+)\n\n/.exec(viewer.text)?.[1] ?? '';
      expect(Number(pauseMs)).toBeGreaterThanOrEqual(1_000);
      expect(Number(pauseMs)).toBeLessThan(4_000);
      pauses.add(pauseMs);
    }
    expect(pauses.size).toBeGreaterThan(1);
  });

  it('answer other methods and malformed ids as everywhere', async () => {
    const checkout = await checkoutForTest();
    expect((await checkout.send('HEAD', productsPath, undefined)).headers['content-type']).toBe(
      'text/event-stream',
    );
    const wrong = await checkout.send('DELETE', productsPath, undefined);
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    for (const id of ['alive', 'LIVE', 'live2']) {
      expect((await checkout.get(`/api/v1/products/${id}`)).body.code).toBe('invalid_request');
    }
  });

  it('may be read by pages of allowed origins', async () => {
    const shop = 'https://shop.example';
    const checkout = await checkoutForTest({ variables: { CORS_ORIGINS: shop } });
    const viewer = await openStream(checkout, productsPath, { origin: shop });
    expect(viewer.headers['access-control-allow-origin']).toBe(shop);
  });
});
