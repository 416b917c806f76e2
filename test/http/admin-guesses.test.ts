import { describe, expect, test } from 'vitest';
import { adminToken, type Checkout, checkoutForTest, type Reply } from '../support/checkout.ts';
import { consolePath, openStream } from '../support/event-stream.ts';
import { behindProxy, fromAddress } from '../support/from-address.ts';
import { readMetrics } from '../support/metrics.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

const guessed = 'Too many wrong admin tokens from one address';
const client = '203.0.113.7';
const right = { authorization: `Bearer ${adminToken}` };
type Headers = Readonly<Record<string, string>>;

describe('wrong admin tokens of one address', () => {
  const behind = (variables: Headers = {}) =>
    checkoutForTest({ variables: { ...behindProxy, ...variables } });
  const ask = (checkout: Checkout, authorization: string, from: Headers): Promise<Reply> =>
    checkout.get('/api/v1/admin/orders', { authorization, ...from });
  const guess = (checkout: Checkout, index: number, address = client): Promise<Reply> =>
    ask(checkout, `Bearer guess-${index}`, fromAddress(address));
  const rightly = (checkout: Checkout, address = client): Promise<Reply> =>
    ask(checkout, right.authorization, fromAddress(address));

  test('are compared ten times a minute, of 2,000 at once', async () => {
    const checkout = await behind();
    const replies = await atOnce(2_000, (index) => guess(checkout, index));
    expect(tally(replies)).toEqual({ unauthorized: 10, rate_limited: 1_990 });
    const refused = replies.filter(({ status }) => status === 429);
    for (const { headers } of refused) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(50);
      expect(headers).toMatchObject({
        'ratelimit-policy': '"admin-tokens";q=10;w=60',
        ratelimit: `"admin-tokens";r=0;t=${headers['retry-after']}`,
      });
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    const lines = await until(() => checkout.logged(guessed).length > 0 && checkout.logged(guessed));
    expect(lines).toMatchObject([{ level: 'warn', address: client, wrong_tokens: 10 }]);
    const metrics = await readMetrics(checkout);
    const refusals = (reason: string) => metrics.find('flash_sale_admin_tokens_refused_total', { reason });
    expect([refusals('wrong'), refusals('limited')]).toEqual([10, 1_990]);
  });

  test('make the right token of that address wait, and of no other one', async () => {
    const checkout = await behind();
    await atOnce(9, (index) => guess(checkout, index));
    expect((await rightly(checkout)).status).toBe(200);
    await guess(checkout, 10);
    expect((await rightly(checkout)).body.code).toBe('rate_limited');
    expect((await openStream(checkout, consolePath, { ...right, ...fromAddress(client) })).status).toBe(429);
    expect((await rightly(checkout, '203.0.113.8')).status).toBe(200);
    expect((await checkout.admin('GET', '/orders')).status).toBe(200);
    expect((await checkout.get('/api/v1/products', fromAddress(client))).status).toBe(200);
  });

  test('count for a whole /64, and for an IPv4 address in each of its forms', async () => {
    const checkout = await behind();
    await atOnce(10, (index) => guess(checkout, index, `[2001:db8::${index + 1}]:443`));
    expect((await rightly(checkout, '2001:db8::ffff')).status).toBe(429);
    expect((await rightly(checkout, '2001:db8:0:1::1')).status).toBe(200);
    await atOnce(10, (index) => guess(checkout, index, `::ffff:${client}`));
    expect((await rightly(checkout, `${client}:50001`)).status).toBe(429);
  });

  test.each([
    ['an empty header', ''],
    ['no scheme', adminToken],
    ['another scheme', `Basic ${adminToken}`],
    ['two tokens', `Bearer ${adminToken} x`],
  ])('count with %s too', async (_, authorization) => {
    const checkout = await behind();
    const replies = await atOnce(12, () => ask(checkout, authorization, fromAddress(client)));
    expect(tally(replies)).toEqual({ unauthorized: 10, rate_limited: 2 });
  });

  test('are no requests without a header, and no right ones', async () => {
    const checkout = await behind();
    await atOnce(50, () => checkout.get('/api/v1/admin/orders', fromAddress(client)));
    const replies = await atOnce(50, () => rightly(checkout));
    expect(tally(replies)).toEqual({ 200: 50 });
    expect(checkout.logged(guessed)).toEqual([]);
  });

  test('are not counted while the admin API is closed', async () => {
    const checkout = await behind({ ADMIN_TOKEN: '' });
    expect(tally(await atOnce(20, (index) => guess(checkout, index)))).toEqual({ unauthorized: 20 });
  });
});
