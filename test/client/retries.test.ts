import { describe, expect, it } from 'vitest';
import { CheckoutError, createCheckoutClient, UnreachableError } from '../../src/client/checkout-client.ts';
import { adminToken, checkoutForTest } from '../support/checkout.ts';
import { DeviceAtHand } from '../support/device-at-hand.ts';
import { type FaultyProxy, type ProxyFault, proxyForTest } from '../support/faulty-proxy.ts';
import { until } from '../support/until.ts';

const overloaded: ProxyFault = {
  status: 503,
  headers: { 'content-type': 'application/problem+json', 'retry-after': '7' },
  body: JSON.stringify({ code: 'overloaded', status: 503, detail: 'Too many requests wait already.' }),
};
const rateLimited = (retryAfter: string): ProxyFault => ({
  status: 429,
  headers: { 'content-type': 'application/problem+json', 'retry-after': retryAfter },
  body: JSON.stringify({ code: 'rate_limited', status: 429, detail: 'Too many holds were asked for.' }),
});
const badGateway: ProxyFault = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<h1>Bad Gateway</h1>',
};
const loginPage: ProxyFault = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<h1>Welcome to our hotel</h1>',
};

/** A client whose requests pass a proxy on their way to the real server, with a product on sale. */
async function shop(options: { readonly retryForMs?: number } = {}) {
  const checkout = await checkoutForTest();
  const productId = await checkout.createProduct({ stock: 10 });
  const proxy = await proxyForTest(checkout.url);
  const device = new DeviceAtHand();
  const client = createCheckoutClient({ baseUrl: proxy.url, ...options }, device);
  return { checkout, proxy, device, client, productId };
}

const keysOf = ({ passed }: FaultyProxy) => new Set(passed.map(({ key }) => key));

describe('a call whose answer is lost', () => {
  it.each<[string, readonly ProxyFault[]]>([
    ['after the commit', ['lost after']],
    ['in the middle', ['cut off']],
    ['before the server had the request, and again after it', ['lost before', 'lost after']],
    ['and then a proxy answers in the place of the server', ['lost after', badGateway, loginPage]],
  ])('gives the one hold that it made: %s', async (_, faults) => {
    const { checkout, proxy, device, client, productId } = await shop();
    proxy.faults = [...faults];
    device.passPauses();
    const hold = await client.hold({ product_id: productId, qty: 2 });
    const { product_id, quantity, status } = await client.getHold(hold.hold_id);
    expect({ product_id, quantity, status }).toEqual({ product_id: productId, quantity: 2, status: 'held' });
    expect(await checkout.availableStock(productId)).toBe(8);
    expect(await checkout.items('/holds')).toHaveLength(1);
    const posts = proxy.passed.filter(({ method }) => method === 'POST');
    expect(posts).toHaveLength(faults.length + 1);
    expect(posts.at(-1)).toMatchObject({ status: 201, replayed: true });
    expect(new Set(posts.map(({ key }) => key)).size).toBe(1);
  });

  it('gives the one order that it made, and cancels and releases without an error', async () => {
    const { checkout, proxy, device, client, productId } = await shop();
    device.passPauses();
    const { hold_id } = await client.hold({ product_id: productId, qty: 1 });
    proxy.faults = ['lost after'];
    const order = await client.order({ hold_id });
    expect(order).toMatchObject({ hold_id, status: 'pending' });
    expect(await checkout.items('/orders')).toHaveLength(1);
    proxy.faults = ['lost after'];
    expect(await client.cancelOrder(order.order_id)).toMatchObject({ status: 'cancelled' });
    proxy.faults = ['lost after'];
    await client.releaseHold(hold_id);
    expect(await checkout.availableStock(productId)).toBe(10);
  });

  it('is sent again when nothing comes for 10 s', async () => {
    const { proxy, device, client, productId } = await shop();
    proxy.faults = ['silent'];
    const hold = client.hold({ product_id: productId, qty: 1 });
    await until(() => proxy.passed.length === 1);
    await device.passLimit(10_000);
    await device.passPause();
    expect(await hold).toMatchObject({ status: 'held' });
    expect(proxy.passed.map(({ status, replayed }) => [status, replayed])).toEqual([
      [201, false],
      [201, true],
    ]);
  });

  it('is another call when it is made again: each has a key of its own, unless one is given', async () => {
    const { proxy, client, productId } = await shop();
    const first = await client.hold({ product_id: productId, qty: 1 });
    const second = await client.hold({ product_id: productId, qty: 1 });
    expect(second.hold_id).not.toBe(first.hold_id);
    expect(keysOf(proxy).size).toBe(2);
    const third = await client.hold({ product_id: productId, qty: 1 }, { key: 'mine' });
    expect(await client.hold({ product_id: productId, qty: 1 }, { key: 'mine' })).toEqual(third);
  });
});

describe('a call to a service that is away', () => {
  it('comes back after Retry-After, never sooner', async () => {
    const { proxy, device, client, productId } = await shop();
    proxy.faults = [overloaded, overloaded];
    const hold = client.hold({ product_id: productId, qty: 1 });
    expect(await device.passPause()).toBeGreaterThanOrEqual(7_000);
    expect(await device.passPause()).toBeGreaterThanOrEqual(7_000);
    expect(await hold).toMatchObject({ status: 'held' });
    expect(keysOf(proxy).size).toBe(1);
  });

  it('waits longer and longer while nobody says how long, at most 5 s', async () => {
    const { proxy, device, client } = await shop();
    proxy.faults = Array.from({ length: 7 }, () => 'lost before' as const);
    device.passPauses();
    expect(await client.products()).toHaveLength(1);
    expect(device.pausesMs).toEqual([125, 250, 500, 1_000, 2_000, 2_500, 2_500]);
  });

  it('is given up after retryForMs, as unreachable', async () => {
    const { proxy, device, client, productId } = await shop({ retryForMs: 4_000 });
    proxy.faults = Array.from({ length: 50 }, () => 'lost before' as const);
    device.passPauses();
    await expect(client.hold({ product_id: productId, qty: 1 })).rejects.toThrow(UnreachableError);
    expect(device.elapsedMs()).toBeGreaterThan(1_000);
    expect(device.elapsedMs()).toBeLessThanOrEqual(4_000);
  });

  it('is given up at once when Retry-After is later than that, with what was answered', async () => {
    const { proxy, device, client, productId } = await shop({ retryForMs: 4_000 });
    proxy.faults = [overloaded];
    const refused = await client.hold({ product_id: productId, qty: 1 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CheckoutError);
    expect(refused).toMatchObject({ code: 'overloaded', status: 503, retryAfterMs: 7_000 });
    expect(device.pausesMs).toEqual([]);
  });

  it('is thrown at once when somebody else refuses it', async () => {
    const { proxy, client, productId } = await shop();
    proxy.faults = [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Forbidden</h1>' }];
    const refused = await client.product(productId).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnreachableError);
    expect(refused).toMatchObject({ status: 403 });
    expect(proxy.passed).toHaveLength(1);
  });
});

describe('a call that is one too many for its address', () => {
  it('is sent again after the seconds in Retry-After, with the same key, and gives one hold', async () => {
    const { checkout, proxy, device, client, productId } = await shop();
    proxy.faults = [rateLimited('7'), rateLimited('3')];
    const hold = client.hold({ product_id: productId, qty: 1 });
    const pausesMs = [await device.passPause(), await device.passPause()];
    expect(pausesMs).toEqual([7_125, 3_250]);
    expect(await hold).toMatchObject({ status: 'held' });
    expect(keysOf(proxy).size).toBe(1);
    expect(await checkout.items('/holds')).toHaveLength(1);
  });

  it('is sent again at the date in Retry-After', async () => {
    const { proxy, device, client, productId } = await shop();
    proxy.faults = [rateLimited(new Date(device.nowMs() + 9_000).toUTCString())];
    const hold = client.hold({ product_id: productId, qty: 1 });
    // A date has whole seconds, and the client knows the clock of the server to about half a second.
    const pauseMs = await device.passPause();
    expect(pauseMs).toBeGreaterThan(7_000);
    expect(pauseMs).toBeLessThan(11_000);
    expect(await hold).toMatchObject({ status: 'held' });
  });

  it('is sent again with growing pauses where a proxy gives no Retry-After', async () => {
    const { proxy, device, client } = await shop();
    const fault = { status: 429, headers: { 'content-type': 'text/html' }, body: '<h1>Slow down</h1>' };
    proxy.faults = [fault, fault, fault];
    device.passPauses();
    expect(await client.products()).toHaveLength(1);
    expect(device.pausesMs).toEqual([125, 250, 500]);
  });

  it('throws the refusal at once when Retry-After is later than retryForMs', async () => {
    const { proxy, device, client, productId } = await shop({ retryForMs: 4_000 });
    proxy.faults = [rateLimited('60')];
    const refused = await client.hold({ product_id: productId, qty: 1 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CheckoutError);
    expect(refused).toMatchObject({ code: 'rate_limited', status: 429, retryAfterMs: 60_000 });
    expect(device.pausesMs).toEqual([]);
    expect(proxy.passed).toHaveLength(1);
  });

  it('throws the refusal after retryForMs when the service stays with it', async () => {
    const { proxy, device, client, productId } = await shop({ retryForMs: 4_000 });
    proxy.faults = Array.from({ length: 50 }, () => rateLimited('1'));
    device.passPauses();
    const refused = await client.hold({ product_id: productId, qty: 1 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
    expect(device.elapsedMs()).toBeGreaterThan(1_000);
    expect(device.elapsedMs()).toBeLessThanOrEqual(4_000);
  });

  it('is sent once when it is a change by an operator', async () => {
    const { proxy, device, productId } = await shop();
    const admin = createCheckoutClient({ baseUrl: proxy.url, adminToken }, device);
    proxy.faults = [rateLimited('1')];
    const change = { change: 5, reason: 'second delivery' };
    await expect(admin.call('POST', `/admin/products/${productId}/stock`, change)).rejects.toMatchObject({
      status: 429,
    });
    expect(proxy.passed).toHaveLength(1);
  });
});

describe('an answer that only looks like one of ours', () => {
  const answer = (status: number, type: string, body: string): ProxyFault => ({
    status,
    headers: { 'content-type': type },
    body,
  });

  it.each([
    ['a success that says nothing', answer(200, 'application/json', 'null')],
    ['a success that is a word', answer(200, 'application/json', '"ok"')],
    ['a problem of a gateway, without a code of ours', answer(503, 'application/problem+json', '{}')],
  ])('%s is asked for again', async (_name, fault) => {
    const { proxy, device, client, productId } = await shop();
    proxy.faults = [fault];
    device.passPauses();
    expect(await client.hold({ product_id: productId, qty: 1 })).toMatchObject({ quantity: 1 });
  });

  it.each([
    ['a list without products', answer(200, 'application/json', '{}')],
    ['a refusal without a code', answer(403, 'application/problem+json', '{"status": 403}')],
  ])('%s is not taken for the service', async (_name, fault) => {
    const { proxy, device, client } = await shop();
    proxy.faults = [fault];
    device.passPauses();
    await expect(client.products()).rejects.toBeInstanceOf(UnreachableError);
  });
});

describe('a call that is aborted', () => {
  it('ends while it waits for an answer', async () => {
    const { proxy, client, productId } = await shop();
    proxy.faults = ['silent'];
    const controller = new AbortController();
    const hold = client.hold({ product_id: productId, qty: 1 }, { signal: controller.signal });
    await until(() => proxy.passed.length === 1);
    controller.abort(new Error('the buyer left'));
    await expect(hold).rejects.toThrow('the buyer left');
  });

  it('ends while it pauses, and is not sent again', async () => {
    const { proxy, device, client, productId } = await shop();
    proxy.faults = [overloaded];
    const controller = new AbortController();
    const hold = client.hold({ product_id: productId, qty: 1 }, { signal: controller.signal });
    await until(() => device.isPausing);
    controller.abort(new Error('the buyer left'));
    await expect(hold).rejects.toThrow('the buyer left');
    expect(proxy.passed).toHaveLength(1);
  });

  it('is not sent when it was aborted before', async () => {
    const { proxy, client, productId } = await shop();
    const signal = AbortSignal.abort(new Error('the buyer left'));
    await expect(client.product(productId, { signal })).rejects.toThrow('the buyer left');
    expect(proxy.passed).toEqual([]);
  });
});

describe('a call of the admin API', () => {
  it('is sent once when it could have its effect twice', async () => {
    const { checkout, proxy, device, productId } = await shop();
    const admin = createCheckoutClient({ baseUrl: proxy.url, adminToken }, device);
    proxy.faults = ['lost after'];
    const change = { change: 5, reason: 'second delivery' };
    await expect(admin.call('POST', `/admin/products/${productId}/stock`, change)).rejects.toThrow(
      UnreachableError,
    );
    expect(await checkout.availableStock(productId)).toBe(15);
    proxy.faults = ['lost before'];
    device.passPauses();
    expect(await admin.call('GET', '/admin/audit')).toMatchObject({ ok: true });
  });

  it('with a key is retried when its answer is lost, and has one effect', async () => {
    const { checkout, proxy, device, productId } = await shop();
    const admin = createCheckoutClient({ baseUrl: proxy.url, adminToken }, device);
    proxy.faults = ['lost after'];
    device.passPauses();
    const change = { change: 25, reason: 'second delivery' };
    const key = 'key of the delivery';
    const path = `/admin/products/${productId}/stock`;
    expect(await admin.call('POST', path, change, { key })).toMatchObject({ stock: 35 });
    expect(await checkout.availableStock(productId)).toBe(35);
    expect(keysOf(proxy)).toEqual(new Set([key]));
  });
});
