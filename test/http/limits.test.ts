import { describe, expect, test } from 'vitest';
import { adminRoutes } from '../support/admin-routes.ts';
import { adminToken, type Checkout, checkoutForTest, type Reply } from '../support/checkout.ts';
import { embeddedAndServer } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { bothSecrets } from '../support/signed-events.ts';
import { until } from '../support/until.ts';

// Counted in the process, or in Redis, before anything comes to the database.
describeEach(embeddedAndServer)('limits on $name', (kind) => {
  const limited = (variables = {}) =>
    checkoutForTest({ database: kind, variables: { RATE_LIMIT_HOLDS: '3', ...variables } });

  /** Asks for holds of nothing until the address is refused, and gives all that was answered. */
  async function exhaust(
    checkout: Checkout,
    from: Readonly<Record<string, string>> = {},
  ): Promise<readonly Reply[]> {
    return until(async () => {
      const replies = await Promise.all(Array.from({ length: 8 }, () => checkout.hold(77, 1, from)));
      return replies.some(({ status }) => status === 429) && replies;
    });
  }

  describe('the rate limit', () => {
    test('lets as many holds pass in a second as it says, and tells when the next one may', async () => {
      const checkout = await limited();
      const replies = await exhaust(checkout);
      const refused = replies.filter(({ status }) => status === 429);
      for (const { headers, body } of refused) {
        expect(body.code).toBe('rate_limited');
        expect(headers).toMatchObject({
          'retry-after': '1',
          'ratelimit-policy': '"holds";q=3;w=1',
          ratelimit: '"holds";r=0;t=1',
        });
      }
      const passed = replies.filter(({ status }) => status !== 429);
      expect(passed.every(({ headers }) => /^"holds";r=[0-2];t=1$/.test(String(headers.ratelimit)))).toBe(
        true,
      );
      // The window ends by itself.
      await until(async () => (await checkout.hold(77)).status === 404);
    });

    test('counts holds and not units: one hold may take all units of a product', async () => {
      const checkout = await limited({ RATE_LIMIT_HOLDS: '1' });
      const productId = await checkout.createProduct({ name: 'Sneakers', stock: 500 });
      expect((await checkout.hold(productId, 500)).status).toBe(201);
      expect((await checkout.product(productId)).body.available_stock).toBe(0);
    });

    test('concerns new holds only', async () => {
      const checkout = await limited();
      await exhaust(checkout);
      for (const path of ['/api/v1/products', '/api/v1/holds/5', '/healthz']) {
        expect((await checkout.get(path)).status).not.toBe(429);
      }
      expect((await checkout.order(5)).status).toBe(404);
    });

    test('counts each client behind a trusted proxy, and each /64 of IPv6 as one', async () => {
      const checkout = await limited({ ...bothSecrets, TRUST_PROXY: '127.0.0.1', RATE_LIMIT_HOLDS: '1' });
      const from = (address: string) => checkout.hold(77, 1, { 'x-forwarded-for': address });
      const network = ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2:ffff::9'];
      const same = await until(async () => {
        const replies = await Promise.all(network.map(from));
        return replies.filter(({ status }) => status === 429).length === 2;
      });
      expect(same).toBe(true);
      const others = ['2001:db8:1:3::1', '2001:db8:1:4::1', '192.0.2.1', '192.0.2.2', '192.0.2.3'];
      expect((await Promise.all(others.map(from))).map(({ status }) => status)).toEqual(
        others.map(() => 404),
      );
    });

    test('believes no address that a stranger forwards', async () => {
      const checkout = await limited({ RATE_LIMIT_HOLDS: '1' });
      let last = 0;
      await until(async () => {
        last += 1;
        return (await checkout.hold(77, 1, { 'x-forwarded-for': `192.0.2.${last % 250}` })).status === 429;
      });
    });

    test('is off unless it is asked for', async () => {
      const checkout = await checkoutForTest({ database: kind });
      const replies = await Promise.all(Array.from({ length: 100 }, () => checkout.hold(77)));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([404]));
      expect(replies[0]?.headers).not.toHaveProperty('ratelimit');
    });
  });

  describe('pages of other origins', () => {
    const origin = 'https://shop.example';

    test('that are allowed may call, and read the headers that matter', async () => {
      const checkout = await checkoutForTest({
        database: kind,
        variables: { CORS_ORIGINS: `${origin},https://other.example` },
      });
      const reply = await checkout.hold(77, 1, { origin });
      expect(reply.headers['access-control-allow-origin']).toBe(origin);
      expect(reply.headers.vary).toMatch(/origin/i);
      const exposed = String(reply.headers['access-control-expose-headers']).toLowerCase().split(/, */);
      expect(exposed).toEqual(
        expect.arrayContaining([
          'location',
          'retry-after',
          'idempotency-replayed',
          'ratelimit',
          'ratelimit-policy',
          'x-request-id',
        ]),
      );
      expect(reply.headers).not.toHaveProperty('access-control-allow-credentials');
      const preflight = await checkout.send('OPTIONS', '/api/v1/holds', undefined, {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,idempotency-key',
      });
      expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, origin]);
      expect(String(preflight.headers['access-control-allow-headers']).toLowerCase()).toContain(
        'idempotency-key',
      );
      expect(preflight.headers['access-control-allow-methods']).toContain('POST');
    });

    test.each([{ CORS_ORIGINS: origin }, {}])('that are not allowed are not, with %o', async (variables) => {
      const checkout = await checkoutForTest({ database: kind, variables });
      const reply = await checkout.get('/api/v1/products', { origin: 'https://evil.example' });
      expect(reply.headers['access-control-allow-origin']).not.toBe('https://evil.example');
      expect(reply.headers['access-control-allow-origin']).not.toBe('*');
    });
  });

  describe('the admin API', () => {
    test('is closed to everybody while no token is set', async () => {
      const checkout = await checkoutForTest({ database: kind, variables: { ADMIN_TOKEN: '' } });
      for (const [method, path] of adminRoutes) {
        for (const authorization of [`Bearer ${adminToken}`, 'Bearer ', 'Bearer null', 'Bearer undefined']) {
          const reply = await checkout.send(method, `/api/v1/admin${path}`, undefined, { authorization });
          expect([reply.status, reply.body.code]).toEqual([401, 'unauthorized']);
          expect(reply.body.detail).toContain('ADMIN_TOKEN');
        }
      }
    });

    test('refuses other tokens before it looks at the request', async () => {
      const checkout = await checkoutForTest({
        database: kind,
        variables: { TRUST_PROXY: '127.0.0.1', ...bothSecrets },
      });
      for (const [index, [method, path]] of adminRoutes.entries()) {
        // Ten wrong tokens of one address are answered in a minute.
        const from = { 'x-forwarded-for': `192.0.2.${index}` };
        for (const authorization of [
          adminToken,
          `Basic ${adminToken}`,
          `Bearer ${adminToken}x`,
          `Bearer ${adminToken} x`,
        ]) {
          const headers = { authorization, ...from };
          const reply = await checkout.send(method, `/api/v1/admin${path}?x`, '{', headers);
          expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer']);
        }
      }
      const asOther = { authorization: `bearer ${adminToken}` };
      expect((await checkout.send('GET', '/api/v1/admin/audit', undefined, asOther)).status).toBe(200);
    });
  });
});
