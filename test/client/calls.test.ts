import { describe, expect, it, vi } from 'vitest';
import {
  type AdminProduct,
  CheckoutError,
  createCheckoutClient,
  type Order,
} from '../../src/client/checkout-client.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { adminToken } from '../support/checkout-client.ts';
import { until } from '../support/until.ts';

/** A client of a real server with a product on sale. */
async function shop(variables: Readonly<Record<string, string>> = {}) {
  const checkout = await checkoutForTest({ variables });
  const productId = await checkout.createProduct({ stock: 10 });
  return { checkout, productId, client: createCheckoutClient({ baseUrl: `${checkout.url}/` }) };
}

async function refusalOf(call: Promise<unknown>): Promise<CheckoutError> {
  const error = await call.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CheckoutError);
  return error as CheckoutError;
}

describe('a buyer', () => {
  it('holds, orders and pays', async () => {
    const { checkout, client, productId } = await shop();
    expect(await client.products()).toEqual([await client.product(productId)]);
    const hold = await client.hold({ product_id: productId, qty: 2 });
    // The whole hold is more than the service takes.
    const order = await client.order(hold);
    expect(await client.getHold(hold.hold_id)).toMatchObject({ status: 'ordered', order_id: order.order_id });
    const payment = await until(async () => (await client.getOrder(order.order_id)).payment ?? undefined);
    await checkout.post(`/simulated-payments/${payment.client_secret}`, { action: 'succeed' });
    const paid: Order = await until(async () => {
      const now = await client.getOrder(order.order_id);
      return now.status === 'paid' ? now : undefined;
    });
    expect(paid.total).toBe(200);
    expect(await client.product(productId)).toMatchObject({ stock: 8, held_stock: 0, available_stock: 8 });
  });

  it('lets go of a hold and of an order', async () => {
    const { client, productId } = await shop();
    const { hold_id } = await client.hold({ product_id: productId, qty: 10 });
    await expect(client.releaseHold(hold_id)).resolves.toBeUndefined();
    const order = await client.order(await client.hold({ product_id: productId, qty: 10 }));
    expect(await client.cancelOrder(order.order_id)).toMatchObject({ status: 'cancelled' });
    expect(await client.product(productId)).toMatchObject({ available_stock: 10 });
  });
});

describe('a refusal', () => {
  it('is thrown with its code, its status and what belongs to its code', async () => {
    const { client, productId } = await shop();
    const { hold_id, expires_at } = await client.hold({ product_id: productId, qty: 9 });
    const soldOut = await refusalOf(client.hold({ product_id: productId, qty: 2 }));
    expect(soldOut).toMatchObject({ name: 'CheckoutError', code: 'insufficient_stock', status: 409 });
    expect(soldOut.problem).toMatchObject({ available_stock: 1, requested: 2, next_release_at: expires_at });
    expect([soldOut.retryAfterMs, soldOut.message]).toEqual([null, soldOut.problem.detail]);
    await client.releaseHold(hold_id);
    expect(await refusalOf(client.order({ hold_id }))).toMatchObject({ code: 'hold_released', status: 410 });
    expect(await refusalOf(client.product(999))).toMatchObject({ code: 'product_not_found', status: 404 });
    const malformed = await refusalOf(client.hold({ product_id: productId, qty: 0 }));
    expect([malformed.code, malformed.status]).toEqual(['invalid_request', 422]);
    expect(malformed.problem.errors?.[0]?.field).toBe('qty');
  });

  it('of an order that is there names the order', async () => {
    const { client, productId } = await shop();
    const hold = await client.hold({ product_id: productId, qty: 1 });
    const { order_id } = await client.order(hold);
    expect((await refusalOf(client.order(hold))).problem).toMatchObject({
      code: 'hold_already_ordered',
      order_id,
    });
  });

  it('by the rate limit says when a retry may succeed, where the call may not wait for that', async () => {
    const { checkout, productId } = await shop({ RATE_LIMIT_HOLDS: '1' });
    const client = createCheckoutClient({ baseUrl: checkout.url, retryForMs: 0 });
    const holds = await Promise.allSettled(
      Array.from({ length: 5 }, () => client.hold({ product_id: productId, qty: 1 })),
    );
    const refused = holds.flatMap((hold) => (hold.status === 'rejected' ? [hold.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ code: 'rate_limited', status: 429, retryAfterMs: 1_000 });
  });

  it('by the rate limit ends by itself: every one of several holds at once is made', async () => {
    const { checkout, client, productId } = await shop({ RATE_LIMIT_HOLDS: '1' });
    const holds = await Promise.all(
      Array.from({ length: 3 }, () => client.hold({ product_id: productId, qty: 1 })),
    );
    expect(new Set(holds.map(({ hold_id }) => hold_id)).size).toBe(3);
    expect(await checkout.items('/holds')).toHaveLength(3);
  });
});

describe('a mistake of the caller', () => {
  it('is thrown at once, and not taken for a service that is away', async () => {
    const { client, productId } = await shop();
    const hold = client.hold({ product_id: productId, qty: 1 }, { key: 'not in\na header' });
    await expect(hold).rejects.toThrow(TypeError);
    expect(() => createCheckoutClient({ baseUrl: 'shop.example' })).toThrow(TypeError);
    expect(() => createCheckoutClient()).toThrow(TypeError);
  });
});

describe('an operator', () => {
  it('calls the admin API with the token, which no other call has', async () => {
    const { checkout, productId } = await shop();
    const tokens: (readonly [string, string | null])[] = [];
    const client = createCheckoutClient({
      baseUrl: checkout.url,
      adminToken,
      fetch: (url, init) => {
        tokens.push([new URL(String(url)).pathname, new Headers(init?.headers).get('authorization')]);
        return fetch(url, init);
      },
    });
    const stock = await client.call('POST', `/admin/products/${productId}/stock`, {
      change: 5,
      reason: 'found',
    });
    expect(stock).toMatchObject({ stock: 15 });
    await client.product(productId);
    expect(tokens).toEqual([
      [`/api/v1/admin/products/${productId}/stock`, `Bearer ${adminToken}`],
      [`/api/v1/products/${productId}`, null],
    ]);
  });
});

describe('a change of a product', () => {
  it('takes place only while the product has the version that it is based on', async () => {
    const { checkout, productId } = await shop();
    const client = createCheckoutClient({ baseUrl: checkout.url, adminToken });
    const path = `/admin/products/${productId}`;
    const { version } = await client.call<AdminProduct>('GET', path);
    const changed = await client.call<AdminProduct>('PATCH', path, { price: 5 }, { ifVersion: version });
    expect(changed).toMatchObject({ price: 5 });
    const second = client.call('PATCH', path, { price: 6 }, { ifVersion: version });
    expect(await refusalOf(second)).toMatchObject({
      code: 'version_mismatch',
      status: 412,
      problem: { version: changed.version },
    });
  });
});

describe('a key', () => {
  it('is a random UUID, also where the platform makes none', async () => {
    const { checkout, productId } = await shop();
    const keys: (string | null)[] = [];
    const client = createCheckoutClient({
      baseUrl: checkout.url,
      fetch: (url, init) => {
        keys.push(new Headers(init?.headers).get('idempotency-key'));
        return fetch(url, init);
      },
    });
    await client.hold({ product_id: productId, qty: 1 });
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    try {
      await client.hold({ product_id: productId, qty: 1 });
      await client.hold({ product_id: productId, qty: 1 });
    } finally {
      vi.unstubAllGlobals();
    }
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) {
      expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }
  });
});
