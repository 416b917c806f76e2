import { describe, expect, test } from 'vitest';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { bothSecrets } from '../support/signed-events.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

const notTrusted = 'Forwarding headers are ignored, because their sender is not in TRUST_PROXY';
const holdsMax = 3;

describe('the address of a client behind a proxy', () => {
  const limited = (trustProxy: string) =>
    checkoutForTest({
      variables: { ...bothSecrets, RATE_LIMIT_HOLDS: String(holdsMax), TRUST_PROXY: trustProxy },
    });

  /** How many of twelve holds, sent at once by these forwarded addresses, the limit lets pass. */
  async function passed(checkout: Checkout, forwarded: (index: number) => string): Promise<number> {
    const replies = await atOnce(12, (index) =>
      checkout.hold(77, 1, { 'x-forwarded-for': forwarded(index) }),
    );
    return replies.filter(({ status }) => status !== 429).length;
  }

  test.each<readonly [string, string, (index: number) => string]>([
    ['a port of its own for each connection', '127.0.0.1', (index) => `203.0.113.7:${50_001 + index}`],
    ['IPv6 in brackets with such a port', '127.0.0.1', (index) => `[2001:db8::7]:${443 + index}`],
    ['IPv6 in brackets', '127.0.0.1', (index) => (index % 2 ? '[2001:db8::7]' : '2001:DB8:0::7')],
    ['an IPv4 address in the form of IPv6', '127.0.0.1', (i) => `${i % 2 ? '::ffff:' : ''}203.0.113.7`],
    ['another address of the same /64', '127.0.0.1', (index) => `[2001:db8::${index + 1}]:443`],
    ['garbage', '127.0.0.1', (index) => `garbage-${index}`],
    ['garbage before its address', '127.0.0.1', (index) => `garbage-${index}, 203.0.113.7`],
    ['garbage before the near proxy', 'loopback,10.0.0.0/8', (index) => `garbage-${index}, 10.0.0.2`],
    [
      'ports that two proxies add',
      'loopback,10.0.0.0/8',
      (index) => `198.51.100.${index}, 203.0.113.7:${50_001 + index}, 10.0.0.2:${60_001 + index}`,
    ],
  ])('is one with %s', async (_, trustProxy, forwarded) => {
    const checkout = await limited(trustProxy);
    // A window lasts a second and may end among the twelve; then they are sent again.
    await until(async () => (await passed(checkout, forwarded)) === holdsMax);
  });

  test('is another one for each address', async () => {
    const checkout = await limited('127.0.0.1');
    expect(await passed(checkout, (index) => `203.0.113.${index}:50001`)).toBe(12);
    expect(await passed(checkout, (index) => `[2001:db8:0:${index}::1]:443`)).toBe(12);
  });
});

describe('forwarding headers of an address that is not in TRUST_PROXY', () => {
  test('are one warning with the address, however many requests have them', async () => {
    const checkout = await checkoutForTest({ variables: { TRUST_PROXY: '192.0.2.1', ...bothSecrets } });
    await checkout.get('/healthz');
    expect(checkout.logged(notTrusted)).toEqual([]);
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP']) {
      await checkout.get('/api/v1/products', { [name]: '203.0.113.7' });
    }
    const lines = await until(() => checkout.logged(notTrusted).length > 0 && checkout.logged(notTrusted));
    expect(lines).toMatchObject([{ level: 'warn', address: '127.0.0.1', header: 'x-forwarded-for' }]);
    await checkout.get('/api/v1/products', { 'x-forwarded-for': '203.0.113.7' });
    await checkout.stop();
    expect(lines).toHaveLength(1);
  });

  test('are no warning where the address is in it', async () => {
    const checkout = await checkoutForTest({ variables: { TRUST_PROXY: 'loopback', ...bothSecrets } });
    await checkout.get('/api/v1/products', { 'x-forwarded-for': '203.0.113.7' });
    const missing = await checkout.hold(1);
    expect(missing.status).toBe(404);
    expect(checkout.logged(notTrusted)).toEqual([]);
  });
});
