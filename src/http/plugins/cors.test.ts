import { describe, expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';

const shop = 'https://shop.example';

describe('a page of an allowed origin', () => {
  it('may call the API and read the headers that it needs', async () => {
    const { app } = serverWith({ config: { corsOrigins: [shop] } });
    const answer = await app.inject({ url: '/api/v1/products/1', headers: { origin: shop } });
    expect(answer.headers['access-control-allow-origin']).toBe(shop);
    expect(answer.headers['access-control-expose-headers']).toBe(
      'Location, Retry-After, Idempotency-Replayed, RateLimit, RateLimit-Policy, X-Request-Id, Date',
    );
  });

  it('is told before a hold that it may send a key', async () => {
    const { app } = serverWith({ config: { corsOrigins: [shop] } });
    const answer = await app.inject({
      method: 'OPTIONS',
      url: '/api/v1/holds',
      headers: {
        origin: shop,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,idempotency-key',
      },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toContain('Idempotency-Key');
  });
});

it('pages of other origins may not read answers', async () => {
  const ask = (corsOrigins: string[]) =>
    serverWith({ config: { corsOrigins } }).app.inject({
      url: '/api/v1/products/1',
      headers: { origin: 'https://elsewhere.example' },
    });
  expect((await ask([shop])).headers).not.toHaveProperty('access-control-allow-origin');
  expect((await ask([])).headers).not.toHaveProperty('access-control-allow-origin');
  expect((await ask(['*'])).headers['access-control-allow-origin']).toBe('*');
});

it('a method that is not served stays 405 with origins allowed', async () => {
  const { app } = serverWith({ config: { corsOrigins: [shop] } });
  const answer = await app.inject({ method: 'PUT', url: '/api/v1/holds' });
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST, OPTIONS']);
  expect((await app.inject({ method: 'PUT', url: '/nowhere' })).statusCode).toBe(404);
});
