import { expect, it, onTestFinished } from 'vitest';
import { createCheckoutClient, type Product, type WatchState } from '../../src/client/checkout-client.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { adminToken } from '../support/checkout-client.ts';
import { until } from '../support/until.ts';

it('a page is told live of what its buyer and others do, and of a server that has gone', async () => {
  const checkout = await checkoutForTest();
  const productId = await checkout.createProduct({ stock: 10 });
  const client = createCheckoutClient({ baseUrl: checkout.url });
  let shown: readonly Product[] = [];
  const states: WatchState[] = [];
  const stop = client.watchProducts({
    products: (products) => {
      shown = products;
    },
    state: (state) => states.push(state),
  });
  onTestFinished(stop);
  const available = (stock: number) => until(() => shown[0]?.available_stock === stock);
  await available(10);
  const { hold_id } = await client.hold({ product_id: productId, qty: 4 });
  await available(6);
  expect(shown).toEqual(await client.products());
  await checkout.hold(productId, 6);
  await available(0);
  await client.releaseHold(hold_id);
  await available(4);
  expect(states).toEqual(['live']);
  await checkout.stop();
  await until(() => states.at(-1) === 'away');
});

it('an operator follows the sale with the token, and is told why without it', async () => {
  const checkout = await checkoutForTest();
  const productId = await checkout.createProduct({ stock: 10 });
  const events = new Set<string>();
  const client = createCheckoutClient({ baseUrl: checkout.url, adminToken });
  onTestFinished(client.watch('/admin/live', { message: ({ event }) => events.add(event) }));
  await until(() => events.has('products') && events.has('seconds'));
  await client.hold({ product_id: productId, qty: 1 });
  await until(() => events.has('attention'));

  const stranger = createCheckoutClient({ baseUrl: checkout.url, adminToken: 'guessed' });
  const reasons: (Error | null)[] = [];
  const stop = stranger.watch('/admin/live', {
    message: () => undefined,
    state: (_state, error) => reasons.push(error),
  });
  onTestFinished(stop);
  await until(() => reasons.length === 1);
  expect(reasons[0]).toMatchObject({ name: 'CheckoutError', code: 'unauthorized', status: 401 });
});
