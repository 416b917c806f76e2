import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, type Checkout, startCheckout } from '../support/checkout.ts';
import type { Reply } from '../support/checkout-client.ts';
import { readMetrics } from '../support/metrics.ts';
import { exchange } from '../support/raw-http.ts';

const shop = 'https://shop.example';
const office = 'https://office.example';

/** Each header by which a browser lets a page read an answer or send a request. */
function allowed({ headers }: Reply): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

const preflight = {
  'access-control-request-method': 'PATCH',
  'access-control-request-headers': 'authorization,content-type,if-match',
};

/** Every way to write a path of the admin API that the router reads as one. */
const adminPaths = [
  '/api/v1/admin',
  '/api/v1/admin/',
  '/api/v1/admin/audit',
  '/api/v1/admin/products/1',
  '/api/v1/admin/products?x=1',
  '/api/v1/%61dmin/audit',
  '/api/v1/admin%2faudit',
  '/api/v1/admin/nothing/here',
  '/api/v1/admin/products/%zz',
];

describe.each([shop, '*', `${shop},${office}`])('the admin API with CORS_ORIGINS=%s alone', (origins) => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await startCheckout({ variables: { CORS_ORIGINS: origins } });
  });
  afterAll(() => checkout.stop());

  test('may be read by a page of that origin outside of it only', async () => {
    const reply = await checkout.get('/api/v1/products', { origin: shop });
    expect(reply.headers['access-control-allow-origin']).toBe(origins === '*' ? '*' : shop);
  });

  test.each(adminPaths)('answers %s without a header of CORS, with the token and without', async (path) => {
    for (const authorization of [`Bearer ${adminToken}`, 'Bearer a-guess']) {
      for (const method of ['GET', 'POST', 'PATCH']) {
        const reply = await checkout.send(method, path, method === 'GET' ? undefined : '{', {
          authorization,
          origin: shop,
        });
        expect([method, reply.status, allowed(reply)]).toEqual([method, reply.status, []]);
      }
    }
    const asked = await checkout.send('OPTIONS', path, undefined, { origin: shop, ...preflight });
    expect([asked.status, allowed(asked)]).toEqual([asked.status, []]);
  });

  test('answers a target with the whole address without a header of CORS', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const [reply] = await exchange(
        checkout.url,
        `${method} http://shop.example/api/v1/admin/audit HTTP/1.1\r\nHost: shop.example\r\nOrigin: ${shop}\r\n` +
          'Access-Control-Request-Method: GET\r\nConnection: close\r\n\r\n',
      );
      expect(reply === undefined ? 'no answer' : allowed(reply)).toEqual([]);
    }
  });

  test('still says which methods a path has, without a token, and counts that once', async () => {
    const counted = async () =>
      (await readMetrics(checkout)).find('flash_sale_http_requests_total', {
        route: 'none',
        status: '204',
      }) ?? 0;
    const before = await counted();
    const reply = await checkout.send('OPTIONS', '/api/v1/admin/products', undefined, { origin: shop });
    expect([reply.status, reply.headers.allow, reply.text]).toEqual([204, 'POST, OPTIONS', '']);
    expect(await counted()).toBe(before + 1);
  });
});

describe('the admin API with ADMIN_CORS_ORIGINS', () => {
  let checkout: Checkout;

  beforeAll(async () => {
    const variables = { CORS_ORIGINS: shop, ADMIN_CORS_ORIGINS: office };
    checkout = await startCheckout({ variables });
  });
  afterAll(() => checkout.stop());

  test('lets pages of that origin call it with the token, and read the version of a product', async () => {
    const asked = await checkout.send('OPTIONS', '/api/v1/admin/products/1', undefined, {
      origin: office,
      ...preflight,
    });
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([204, office]);
    expect(asked.headers['access-control-allow-methods']).toContain('PATCH');
    const headers = String(asked.headers['access-control-allow-headers']).toLowerCase();
    expect(headers).toContain('authorization');
    expect(headers).toContain('if-match');
    const authorization = `Bearer ${adminToken}`;
    const reply = await checkout.get('/api/v1/admin/audit', { origin: office, authorization });
    expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([200, office]);
    expect(String(reply.headers['access-control-expose-headers']).toLowerCase()).toContain('etag');
  });

  test('lets them read that the token is a wrong one', async () => {
    const reply = await checkout.get('/api/v1/admin/audit', { origin: office });
    expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([401, office]);
  });

  test('lets pages of other origins call neither it nor the rest', async () => {
    const ask = async (path: string, origin: string) =>
      (await checkout.get(path, { origin })).headers['access-control-allow-origin'];
    expect(await ask('/api/v1/admin/audit', shop)).not.toBe(shop);
    expect(await ask('/api/v1/products', office)).not.toBe(office);
    expect(await ask('/api/v1/products', shop)).toBe(shop);
  });
});
