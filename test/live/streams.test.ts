import { expect, it } from 'vitest';
import { checkoutForTest, databaseForTest, startCheckout } from '../support/checkout.ts';
import { databases } from '../support/databases.ts';
import { watchProducts, watchSale } from '../support/event-stream.ts';
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
