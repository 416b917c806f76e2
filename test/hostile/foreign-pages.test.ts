import { describe, expect, test } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';

/**
 * What a browser lets a page of somebody else send without asking first: these methods, these media types, and none at all.
 * https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
const unaskedMediaTypes = [
  'text/plain',
  'text/plain; application/json',
  'text/plain;charset=application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=application/json',
];

describe('a page of somebody else, in the browser of one who may', () => {
  test('makes nothing happen by what browsers send without asking', async () => {
    const checkout = await checkoutForTest({ variables: { WORKER: 'false' } });
    const productId = await checkout.createProduct();
    const order = await checkout.ordered(productId);
    const before = (await checkout.product(productId)).body;
    const bodies = {
      '/api/v1/holds': { product_id: productId, qty: 1 },
      '/api/v1/payments/webhook': { idempotency_key: 'forged', order_id: order.order_id, status: 'paid' },
      '/api/v1/admin/products': { name: 'a', price: 1, currency: 'USD', stock: 1 },
    };
    for (const [path, body] of Object.entries(bodies)) {
      for (const type of [...unaskedMediaTypes, '']) {
        const origin = { origin: 'https://evil.example', cookie: 'a=b', 'content-type': type };
        const reply = await checkout.post(path, JSON.stringify(body), origin);
        expect([path, type, reply.status]).toEqual([path, type, path.includes('admin') ? 401 : 415]);
      }
    }
    expect((await checkout.product(productId)).body).toEqual(before);
    expect((await checkout.orderOf(order)).status).toBe('pending');
    expect((await checkout.admin('GET', '/payment-events')).body.items).toEqual([]);
  });

  test.each(['/api/v1/holds', '/api/v1/admin/products', '/api/v1/payments/webhook'])(
    'is not allowed to send more to %s, nor to read what is answered',
    async (path) => {
      const checkout = await checkoutForTest({ variables: { CORS_ORIGINS: 'https://shop.example' } });
      const reply = await checkout.send('OPTIONS', path, undefined, {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      });
      expect(reply.headers['access-control-allow-origin']).not.toBe('https://evil.example');
      expect(reply.headers['access-control-allow-origin']).not.toBe('*');
      expect(reply.headers).not.toHaveProperty('access-control-allow-credentials');
    },
  );
});
