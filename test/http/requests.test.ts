import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { adminToken, type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

describeEach(sharedDatabases)('requests on $name', (kind) => {
  /** What requests may look like, and what answers do look like. */
  let checkout: Checkout;
  let productId: number;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
    (await ApiDescription.of(checkout)).watch(checkout);
    productId = await checkout.createProduct({ stock: 1_000_000_000 });
  });
  afterAll(() => checkout.stop());

  const raw = (text: string) => checkout.post('/api/v1/holds', text);

  describe('a number', () => {
    test.each(['"2"', '2.5', '-1', '0', '1e400', '-1e400', 'null', 'true', '[2]', '{}', '1000001', '1e7'])(
      'that is %s is no quantity',
      async (qty) => {
        const reply = await raw(`{"product_id":${productId},"qty":${qty}}`);
        expect([reply.status, reply.body.code]).toEqual([422, 'invalid_request']);
        expect(reply.body.errors).toEqual([
          { field: 'qty', message: expect.stringMatching(/^expected .+, got .+/) },
        ]);
      },
    );

    test.each([
      ['1', 1],
      ['2.0', 2],
      ['2e1', 20],
      ['1000000', 1_000_000],
    ])('that is written %s is the quantity %i', async (qty, quantity) => {
      const reply = await raw(`{"product_id":${productId},"qty":${qty}}`);
      expect([reply.status, reply.body.quantity]).toEqual([201, quantity]);
    });

    test.each(['"1"', '0', '-1', '1.5', '1e400', '9007199254740992', 'null'])(
      'that is %s is no id',
      async (id) => {
        expect((await raw(`{"product_id":${id},"qty":1}`)).body.errors).toMatchObject([
          { field: 'product_id' },
        ]);
        expect((await checkout.post('/api/v1/orders', `{"hold_id":${id}}`)).body.errors).toMatchObject([
          { field: 'hold_id' },
        ]);
      },
    );

    test.each(['x', '1.0', '1e3', '0', '-1', '0x1', '%31%00', '9007199254740992', '9'.repeat(400)])(
      'that is %s is no id in a path',
      async (id) => {
        for (const path of ['products', 'holds', 'orders']) {
          const reply = await checkout.get(`/api/v1/${path}/${id}`);
          expect([reply.status, reply.body.code]).toEqual([422, 'invalid_request']);
        }
      },
    );
  });

  describe('a body', () => {
    test.each(['__proto__', 'constructor', 'toString', 'Qty', 'quantity', ''])(
      'with the unknown field %j is refused, and names it',
      async (name) => {
        const reply = await raw(`{"product_id":${productId},"qty":1,${JSON.stringify(name)}:{"x":1}}`);
        expect(reply.status).toBe(422);
        expect(reply.body.errors.map(({ field }) => field)).toEqual([
          name === '' ? expect.any(String) : name,
        ]);
      },
    );

    test('that says a field twice means the last one, as JSON has it', async () => {
      expect((await raw(`{"product_id":${productId},"qty":1,"qty":3}`)).body.quantity).toBe(3);
      expect((await raw(`{"product_id":${productId},"qty":3,"qty":0}`)).status).toBe(422);
    });

    test('that lacks everything is told of everything', async () => {
      expect((await raw('{}')).body.errors.map(({ field }) => field)).toEqual(['product_id', 'qty']);
    });

    test.each(['[]', '"x"', '1', 'null', '[{"product_id":1,"qty":1}]'])(
      'that is %s is refused',
      async (body) => {
        expect((await raw(body)).body.code).toBe('invalid_request');
      },
    );

    test.each([
      '{',
      '{"qty":01}',
      "{'qty':1}",
      '{"qty":NaN}',
      '{"qty":1}{}',
      '\u{feff}\u{feff}{}',
      'undefined',
    ])('that is %j is no JSON', async (body) => {
      const reply = await raw(body);
      expect([reply.status, reply.body.code]).toEqual([400, 'malformed_json']);
    });

    test.each(['/orders/5/cancel', '/admin/refunds/5/settle'])(
      'where none is asked for, %s, may be empty only',
      async (path) => {
        const headers = { authorization: `Bearer ${adminToken}` };
        const post = (body?: unknown) => checkout.post(`/api/v1${path}`, body, headers);
        expect((await post()).status).toBe(404);
        expect((await post({})).status).toBe(404);
        expect((await post({ note: 'x' })).body.errors).toMatchObject([{ field: 'note' }]);
        const asJson = { ...headers, 'content-type': 'application/json', 'content-length': '0' };
        expect((await checkout.post(`/api/v1${path}`, undefined, asJson)).status).toBe(404);
      },
    );
  });

  describe('a path', () => {
    test.each([
      ['PUT', '/api/v1/holds', 'POST, OPTIONS'],
      ['GET', '/api/v1/holds', 'POST, OPTIONS'],
      ['PATCH', '/api/v1/holds/1', 'GET, HEAD, DELETE, OPTIONS'],
      ['DELETE', '/api/v1/orders/1', 'GET, HEAD, OPTIONS'],
      ['GET', '/api/v1/orders/1/cancel', 'POST, OPTIONS'],
      ['GET', '/api/v1/payments/webhook', 'POST, OPTIONS'],
      ['DELETE', '/api/v1/products/1', 'GET, HEAD, OPTIONS'],
      ['GET', '/api/v1/admin/products', 'POST, OPTIONS'],
      ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ])('answers %s %s with the methods that it has', async (method, path, allow) => {
      const reply = await checkout.send(method, path, undefined);
      expect([reply.status, reply.body.code, reply.headers.allow]).toEqual([
        405,
        'method_not_allowed',
        allow,
      ]);
      const options = await checkout.send('OPTIONS', path, undefined);
      expect([options.status, options.headers.allow, options.text]).toEqual([204, allow, '']);
    });

    test.each([
      '/cart',
      '/api',
      '/api/v1',
      '/api/v2/products',
      '/api/v1/Products',
      '/api/v1/holds/1/x',
      '/metric',
    ])('%s is not served', async (path) => {
      const reply = await checkout.get(path);
      expect([reply.status, reply.body.code]).toEqual([404, 'route_not_found']);
    });

    test('answers HEAD as GET without the body', async () => {
      for (const path of [
        '/healthz',
        '/readyz',
        '/api/v1/products',
        '/api/v1/orders/1',
        '/api/openapi.json',
      ]) {
        const [get, head] = [await checkout.get(path), await checkout.send('HEAD', path, undefined)];
        expect([
          head.status,
          head.headers['content-type'],
          head.headers['content-length'],
          head.text,
        ]).toEqual([
          get.status,
          get.headers['content-type'],
          path === '/api/v1/orders/1' ? expect.stringMatching(/^\d+$/) : get.headers['content-length'],
          '',
        ]);
      }
    });
  });

  describe('an answer', () => {
    test('names holds and orders by 53 random bits', async () => {
      const holds = await Promise.all(Array.from({ length: 200 }, () => checkout.hold(productId)));
      const ids = holds.map(({ body }) => body.hold_id);
      expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
      expect(new Set(ids).size).toBe(200);
      // Of 200 random numbers below 2^53 each of the four highest and lowest bits is set in some and clear in
      // others, but once in 10^59.
      for (const bit of [52, 51, 50, 49, 3, 2, 1, 0]) {
        expect(new Set(ids.map((id) => Math.floor(id / 2 ** bit) % 2)).size).toBe(2);
      }
      expect(ids).not.toEqual(ids.toSorted((a, b) => a - b));
    });

    test('has times in whole seconds of UTC: a hold lasts its time, rounded up', async () => {
      const before = Date.now();
      const { expires_at } = (await checkout.hold(productId)).body;
      const after = Date.now();
      expect(expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      // The server's clock counts by itself from its start on, so it may differ from the wall clock by a
      // little.
      expect(Date.parse(expires_at)).toBeGreaterThanOrEqual(before + 120_000 - 100);
      expect(Date.parse(expires_at)).toBeLessThanOrEqual(after + 121_000 + 100);
    });

    test('has the fields of a hold and an order in their order, and the way to them', async () => {
      const hold = await checkout.hold(productId, 2);
      expect(Object.keys(hold.body)).toEqual(['hold_id', 'expires_at', 'product_id', 'quantity', 'status']);
      expect(await checkout.get(String(hold.headers.location))).toMatchObject({
        status: 200,
        body: { ...hold.body, order_id: null },
      });
      const order = await checkout.order(hold.body.hold_id);
      expect(Object.keys(order.body)).toEqual(
        'order_id,hold_id,product_id,quantity,total,currency,status,payment_due_at,payment,refunds'.split(
          ',',
        ),
      );
      expect((await checkout.get(String(order.headers.location))).text).toBe(order.text);
      expect((await checkout.get(String(hold.headers.location))).body).toMatchObject({
        status: 'ordered',
        order_id: order.body.order_id,
        expires_at: order.body.payment_due_at,
      });
    });

    test('has a request id of the server', async () => {
      const replies = await Promise.all(
        [
          '/healthz',
          '/nowhere',
          '/api/v1/products/x',
          '/api/v1/products/%zz',
          '/api/docs',
          '/api/openapi.json',
        ].map((path) => checkout.get(path, { 'x-request-id': 'chosen-by-client' })),
      );
      const ids = replies.map(({ headers }) => headers['x-request-id']);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every((id) => id !== undefined && id !== 'chosen-by-client')).toBe(true);
    });
  });
});
