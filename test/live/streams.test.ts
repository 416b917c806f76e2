import { describe, expect, it } from 'vitest';
import { adminToken, checkoutForTest, databaseForTest, startCheckout } from '../support/checkout.ts';
import { databases } from '../support/databases.ts';
import { consolePath, openStream, productsPath, watchProducts, watchSale } from '../support/event-stream.ts';
import { behindProxy, fromAddress } from '../support/from-address.ts';
import { until } from '../support/until.ts';

const [sqlite] = databases;
if (sqlite === undefined) {
  throw new Error('the embedded database is always there');
}

it('many viewers get the same bytes, made once', async () => {
  const checkout = await checkoutForTest();
  const productId = await checkout.createProduct({ stock: 5 });
  const viewers = await Promise.all(Array.from({ length: 120 }, () => watchProducts(checkout)));
  await Promise.all(viewers.map((viewer) => viewer.until('products')));
  await checkout.hold(productId, 2);
  const told = await Promise.all(
    viewers.map((viewer) => viewer.until('products', ({ products }) => products[0]?.held_stock === 2)),
  );
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
});

it('a server that stops ends its streams and does not wait for viewers', async () => {
  const checkout = await startCheckout();
  const streams = await Promise.all([
    ...Array.from({ length: 30 }, () => watchProducts(checkout)),
    watchSale(checkout),
  ]);
  await Promise.all(streams.map((stream) => stream.until('products')));
  await checkout.stop();
  await until(() => streams.every(({ isEnded }) => isEnded));
});

it('viewers beyond the bound are sent away for a second, and let in when another one leaves', async () => {
  const checkout = await checkoutForTest({ variables: { LIVE_VIEWERS_MAX: '2' } });
  const viewers = [await watchProducts(checkout), await watchProducts(checkout)];
  const refused = await watchProducts(checkout);
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  await until(() => refused.text.includes('"code":"overloaded"'));
  expect((await watchSale(checkout)).status).toBe(200);
  viewers[0]?.leave();
  await until(async () => (await watchProducts(checkout)).status === 200);
});

describe('the bound of streams of one address', () => {
  const bounded = () => checkoutForTest({ variables: { LIVE_VIEWERS_PER_ADDRESS_MAX: '2', ...behindProxy } });

  it.each([
    ['IPv4', ['203.0.113.7', '203.0.113.7:50001', '::ffff:203.0.113.7'], '203.0.113.8'],
    ['IPv6', ['2001:db8::1', '[2001:db8::2]:443', '2001:db8::ffff'], '2001:db8:0:1::1'],
  ])('refuses a third one of %s, and lets others in', async (_, [one = '', two = '', three = ''], other) => {
    const checkout = await bounded();
    const admin = { authorization: `Bearer ${adminToken}` };
    for (const [path, headers] of [
      [productsPath, {}],
      [consolePath, admin],
    ] as const) {
      const open = (address: string) => openStream(checkout, path, { ...headers, ...fromAddress(address) });
      expect([(await open(one)).status, (await open(two)).status]).toEqual([200, 200]);
      const refused = await open(three);
      expect([path, refused.status, refused.headers['retry-after']]).toEqual([path, 429, '5']);
      await until(() => refused.text.includes('"code":"rate_limited"'));
      const head = await checkout.send('HEAD', path, undefined, { ...headers, ...fromAddress(three) });
      expect(head.status).toBe(429);
      expect((await open(other)).status).toBe(200);
    }
  });

  it('is free again when a viewer leaves, as often as that happens', async () => {
    const checkout = await bounded();
    const open = () => openStream(checkout, productsPath, fromAddress('203.0.113.7'));
    const kept = await open();
    for (let round = 0; round < 20; round += 1) {
      const viewer = await until(async () => {
        const each = await open();
        return each.status === 200 && each;
      });
      expect((await open()).status).toBe(429);
      viewer.leave();
    }
    await until(async () => (await open()).status === 200);
    expect(kept.isEnded).toBe(false);
  });

  it('lets one address open as many as it likes where there is none', async () => {
    const checkout = await checkoutForTest();
    const viewers = await Promise.all(Array.from({ length: 120 }, () => watchProducts(checkout)));
    expect(new Set(viewers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

it('a stream outlives the limits of a request, and that its database is away', async () => {
  const database = await databaseForTest(sqlite);
  const checkout = await checkoutForTest({
    database,
    variables: { WORKER: 'false', HOLD_SECONDS: '1', CACHE_TTL_MS: '0' },
  });
  const productId = await checkout.createProduct({ stock: 5 });
  const viewer = await watchProducts(checkout);
  await viewer.until('products');
  const { expires_at } = (await checkout.hold(productId, 5)).body;
  await viewer.until('products', ({ products }) => products[0]?.available_stock === 0);
  await database.run('alter table holds rename column open to lost');
  const told = viewer.events.length;
  await until(() => Date.now() > Date.parse(expires_at) + 1_200);
  expect([viewer.events.length, viewer.isEnded]).toEqual([told, false]);
  expect((await watchProducts(checkout)).status).toBe(200);
  await database.run('alter table holds rename column lost to open');
  await viewer.until('products', ({ products }) => products[0]?.available_stock === 5, told);
});
