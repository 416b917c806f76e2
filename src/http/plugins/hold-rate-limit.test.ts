import { describe, expect, it } from 'vitest';
import { aHold, serverWith } from '../../../test/support/server-with.ts';
import type { ServerConfig } from '../server-deps.ts';

function limited(config: Partial<ServerConfig> = {}) {
  const { app } = serverWith({
    decide: () => ({ kind: 'hold_created', hold: aHold, replayed: false }),
    config: { rateLimitHolds: 2, ...config },
  });
  return (remoteAddress: string, forwarded?: string, payload: object = { product_id: 1, qty: 1 }) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/holds',
      remoteAddress,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      payload,
    });
}

/** How many of the requests, sent at once and so within one second, were not refused for their number. */
async function taken(answers: PromiseLike<{ readonly statusCode: number }>[]): Promise<number> {
  return (await Promise.all(answers)).filter(({ statusCode }) => statusCode !== 429).length;
}

describe('with a limit of two holds a second', () => {
  it('tells each client what is left, and the third time when to come back', async () => {
    const hold = limited();
    const answers = await Promise.all([hold('10.0.0.1'), hold('10.0.0.1'), hold('10.0.0.1')]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 429]);
    expect(answers.map(({ headers }) => headers.ratelimit)).toEqual([
      '"holds";r=1;t=1',
      '"holds";r=0;t=1',
      '"holds";r=0;t=1',
    ]);
    expect(answers[2]?.headers).toMatchObject({
      'ratelimit-policy': '"holds";q=2;w=1',
      'retry-after': '1',
      'content-type': 'application/problem+json',
    });
    expect(answers[2]?.json().code).toBe('rate_limited');
  });

  it('counts malformed requests too', async () => {
    const hold = limited();
    const bad = () => hold('10.0.0.1', undefined, {});
    expect(await taken([bad(), bad(), hold('10.0.0.1')])).toBe(2);
  });

  it.each([
    ['two IPv4 addresses apart', ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2'], 4],
    ['an IPv4 address and its form in IPv6 as one', ['10.0.0.1', '10.0.0.1', '::ffff:10.0.0.1'], 2],
    ['all addresses of one /64 as one', ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:1'], 2],
    ['two /64 apart', ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'], 3],
  ])('counts %s', async (_, addresses, expected) => {
    const hold = limited();
    expect(await taken(addresses.map((address) => hold(address)))).toBe(expected);
  });

  it('believes a forwarded address only from a proxy that is trusted', async () => {
    const clients = ['1.1.1.1', '2.2.2.2', '3.3.3.3'];
    const unknown = limited();
    expect(await taken(clients.map((client) => unknown('10.0.0.9', client)))).toBe(2);
    const behindProxy = limited({ trustProxy: ['10.0.0.0/8'] });
    expect(await taken(clients.map((client) => behindProxy('10.0.0.9', client)))).toBe(3);
  });
});

it('without a limit nothing is counted or told', async () => {
  const hold = limited({ rateLimitHolds: 0 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => hold('10.0.0.1')));
  expect(answers.map(({ statusCode }) => statusCode)).not.toContain(429);
  expect(answers[0]?.headers).not.toHaveProperty('ratelimit');
});
