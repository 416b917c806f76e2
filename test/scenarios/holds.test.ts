import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, checkoutForTest, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { bothSecrets } from '../support/signed-events.ts';
import { atOnce, tally } from '../support/tally.ts';

describeEach(sharedDatabases)('holds on $name', (database) => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await startCheckout({ database });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  test('the last unit goes to exactly one of many simultaneous buyers', async () => {
    const productId = await checkout.createProduct({ stock: 1 });

    const replies = await atOnce(50, () => checkout.hold(productId));

    expect(tally(replies)).toEqual({ 201: 1, insufficient_stock: 49 });
  });

  test('2,000 simultaneous holds of 1 for a stock of 10 are all answered, ten of them with a hold', async () => {
    const productId = await checkout.createProduct({ stock: 10 });
    await checkout.connect(2000);
    let isOver = false;
    const seen: number[] = [];
    const watching = (async () => {
      while (!isOver) {
        seen.push(await checkout.availableStock(productId));
      }
    })();

    const replies = await atOnce(2000, () => checkout.hold(productId));
    isOver = true;
    await watching;

    expect(tally(replies)).toEqual({ 201: 10, insufficient_stock: 1990 });
    const left = replies.filter(({ status }) => status === 409).map(({ body }) => body.available_stock);
    expect(new Set(left)).toEqual(new Set([0]));
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0);
    expect((await checkout.product(productId)).body).toMatchObject({
      stock: 10,
      held_stock: 10,
      available_stock: 0,
    });
  });

  test('a hold of more than is left holds nothing and says what is left; a smaller one behind it succeeds', async () => {
    const productId = await checkout.createProduct({ stock: 5 });
    const first = await checkout.hold(productId, 1);

    const tooMany = await checkout.hold(productId, 5);
    expect(tooMany.status).toBe(409);
    expect(tooMany.body).toMatchObject({
      code: 'insufficient_stock',
      available_stock: 4,
      requested: 5,
      next_release_at: first.body.expires_at,
    });

    const together = await Promise.all([checkout.hold(productId, 5), checkout.hold(productId, 3)]);
    expect(together.map(({ status }) => status)).toEqual([409, 201]);
    expect(await checkout.availableStock(productId)).toBe(1);
  });

  test('a buyer who timed out and sends again with the same key gets the same hold', async () => {
    const productId = await checkout.createProduct();
    const key = { 'idempotency-key': randomUUID() };
    await sendWithoutReadingTheAnswer(checkout, { product_id: productId, qty: 2 }, key);

    const again = await checkout.hold(productId, 2, key);
    const onceMore = await checkout.hold(productId, 2, key);

    expect([again.status, onceMore.status]).toEqual([201, 201]);
    expect(onceMore.text).toBe(again.text);
    expect(onceMore.headers['idempotency-replayed']).toBe('true');
    expect((await checkout.product(productId)).body.held_stock).toBe(2);
  });

  test('the same key many times in parallel makes one hold', async () => {
    const productId = await checkout.createProduct();
    const key = { 'idempotency-key': randomUUID() };

    const replies = await atOnce(40, () => checkout.hold(productId, 2, key));

    expect(tally(replies)).toEqual({ 201: 40 });
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect((await checkout.product(productId)).body.held_stock).toBe(2);
  });

  test('the same key with another body is refused, also while the first is under way', async () => {
    const productId = await checkout.createProduct();
    const key = { 'idempotency-key': randomUUID() };

    const replies = await Promise.all([
      checkout.hold(productId, 2, key),
      checkout.hold(productId, 3, key),
      checkout.hold(productId, 2, key),
    ]);

    const winners = replies.filter(({ status }) => status === 201);
    expect(new Set(winners.map(({ text }) => text)).size).toBe(1);
    expect(tally(replies).idempotency_key_reused).toBe(3 - winners.length);
    expect((await checkout.product(productId)).body.held_stock).toBe(winners[0]?.body.quantity);
  });

  test('a refusal is not remembered: with the same key a hold succeeds once units are back', async () => {
    const productId = await checkout.createProduct({ stock: 1 });
    const first = await checkout.hold(productId);
    const key = { 'idempotency-key': randomUUID() };
    expect((await checkout.hold(productId, 1, key)).body.code).toBe('insufficient_stock');

    await checkout.release(first.body.hold_id);

    expect((await checkout.hold(productId, 1, key)).status).toBe(201);
  });

  test('without a key each request is a hold of its own', async () => {
    const productId = await checkout.createProduct();

    const [one, other] = await Promise.all([checkout.hold(productId), checkout.hold(productId)]);

    expect(one.body.hold_id).not.toBe(other.body.hold_id);
    expect((await checkout.product(productId)).body.held_stock).toBe(2);
  });

  test('nobody but the server chooses how long a hold lasts', async () => {
    const productId = await checkout.createProduct();

    const reply = await checkout.post('/api/v1/holds', {
      product_id: productId,
      qty: 1,
      expires_at: '2099-01-01T00:00:00Z',
    });

    expect(reply.status).toBe(422);
    expect(reply.body.errors.map(({ field }) => field)).toEqual(['expires_at']);
  });

  test.each([
    ['an unknown product', { product_id: 987_654 }, 404, 'product_not_found'],
    ['a quantity of zero', { qty: 0 }, 422, 'invalid_request'],
    ['a negative quantity', { qty: -1 }, 422, 'invalid_request'],
    ['a fraction', { qty: 2.5 }, 422, 'invalid_request'],
    ['a text', { qty: '2' }, 422, 'invalid_request'],
    ['more than a million units', { qty: 1_000_001 }, 422, 'invalid_request'],
    ['nothing', { qty: null }, 422, 'invalid_request'],
    ['more digits than a number has', '{"product_id":1,"qty":1e400}', 422, 'invalid_request'],
  ])('refuses %s and leaves nothing behind', async (_, over, status, code) => {
    const productId = await checkout.createProduct();
    const body = typeof over === 'string' ? over : { product_id: productId, qty: 1, ...over };
    const before = await checkout.admin('GET', '/holds?limit=1');

    const reply = await checkout.post('/api/v1/holds', body);

    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect((await checkout.admin('GET', '/holds?limit=1')).text).toBe(before.text);
  });

  test('holds are granted only while the sale is open; who holds already may still order', async () => {
    const productId = await checkout.createProduct();
    const { body } = await checkout.hold(productId);
    const closesAt = '2020-01-02T00:00:00Z';
    await checkout.admin('PATCH', `/products/${productId}`, {
      opens_at: '2020-01-01T00:00:00Z',
      closes_at: closesAt,
    });

    const late = await checkout.hold(productId);

    expect(late.status).toBe(403);
    expect(late.body).toMatchObject({ code: 'sale_not_open', closes_at: closesAt });
    expect((await checkout.order(body.hold_id)).status).toBe(201);

    await checkout.admin('PATCH', `/products/${productId}`, {
      opens_at: '2099-01-01T00:00:00Z',
      closes_at: null,
    });
    expect((await checkout.hold(productId)).body.opens_at).toBe('2099-01-01T00:00:00Z');
  });

  test('an operator lowers the stock during the sale, but never below what is held', async () => {
    const productId = await checkout.createProduct({ stock: 100 });
    const lower = () =>
      checkout.admin('POST', `/products/${productId}/stock`, { change: -40, reason: 'damaged' });

    const [holds, changes] = await Promise.all([
      atOnce(120, () => checkout.hold(productId)),
      atOnce(3, lower),
    ]);

    const held = tally(holds)[201] ?? 0;
    const lowered = tally(changes)[200] ?? 0;
    expect(tally(changes)).toEqual({
      ...(lowered > 0 ? { 200: lowered } : {}),
      stock_below_held: 3 - lowered,
    });
    expect((await checkout.product(productId)).body).toMatchObject({
      stock: 100 - 40 * lowered,
      held_stock: held,
      available_stock: 0,
    });
    expect(held).toBe(100 - 40 * lowered);
    const refused = await checkout.admin('POST', `/products/${productId}/stock`, {
      change: -1,
      reason: 'lost',
    });
    expect([refused.status, refused.body.code]).toEqual([409, 'stock_below_held']);
  });

  test('units that an operator adds are available at once, to reads and to holds', async () => {
    const productId = await checkout.createProduct({ stock: 0 });
    expect(await checkout.availableStock(productId)).toBe(0);
    expect((await checkout.hold(productId)).body.code).toBe('insufficient_stock');

    await checkout.admin('POST', `/products/${productId}/stock`, { change: 3, reason: 'delivery' });

    expect(await checkout.availableStock(productId)).toBe(3);
    expect((await checkout.hold(productId, 3)).status).toBe(201);
  });

  test('one buyer who grabs everything in many holds is slowed down; others and other requests are not', async () => {
    const shop = await checkoutForTest({
      database,
      variables: { ...bothSecrets, RATE_LIMIT_HOLDS: '5', TRUST_PROXY: '127.0.0.1' },
    });
    const productId = await shop.createProduct({ stock: 100 });
    const from = (address: string) => ({ 'x-forwarded-for': address });

    const greedy = await atOnce(60, () => shop.hold(productId, 1, from('203.0.113.1')));
    const other = await shop.hold(productId, 1, from('203.0.113.2'));

    const granted = greedy.filter(({ status }) => status === 201);
    // Five in each second that the burst touched.
    expect(granted.length).toBeGreaterThanOrEqual(5);
    expect(granted.length).toBeLessThan(60);
    for (const { status, headers } of greedy.filter((reply) => !granted.includes(reply))) {
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect(other.status).toBe(201);
    expect((await shop.order(granted[0]?.body.hold_id ?? 0, from('203.0.113.1'))).status).toBe(201);
  });
});

/** Sends a whole request and leaves as soon as it is written: the server may or may not have done it. */
function sendWithoutReadingTheAnswer(
  checkout: Checkout,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request(`${checkout.url}/api/v1/holds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    outgoing.on('error', () => resolve());
    outgoing.end(JSON.stringify(body), () => outgoing.destroy());
  });
}
