import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

describeEach(sharedDatabases)('idempotency keys on $name', (kind) => {
  /** The header `Idempotency-Key` of buyers. */
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
    (await ApiDescription.of(checkout)).watch(checkout);
  });
  afterAll(() => checkout.stop());

  const keyed = (key: string) => ({ 'idempotency-key': key });

  test('the same request again has one effect and the same answer, at once twenty times', async () => {
    const productId = await checkout.createProduct({ stock: 20 });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => checkout.hold(productId, 1, keyed('parallel'))),
    );
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(new Set(replies.map(({ headers }) => headers.location)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19);
    expect(await checkout.availableStock(productId)).toBe(19);

    const { hold_id } = replies[0]?.body ?? expect.fail();
    const orders = await Promise.all(
      Array.from({ length: 20 }, () => checkout.order(hold_id, keyed('parallel order'))),
    );
    expect(new Set(orders.map(({ text }) => text)).size).toBe(1);
    expect(orders.every(({ status }) => status === 201)).toBe(true);
    expect(orders.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19);
  });

  test('the answer stays the same whatever has become of the hold and the order', async () => {
    const productId = await checkout.createProduct();
    const hold = await checkout.hold(productId, 1, keyed('later'));
    const order = await checkout.order(hold.body.hold_id, keyed('later'));
    await checkout.pay({ idempotency_key: 'later', order_id: order.body.order_id });
    expect((await checkout.hold(productId, 1, keyed('later'))).text).toBe(hold.text);
    expect((await checkout.order(hold.body.hold_id, keyed('later'))).text).toBe(order.text);
    expect(await checkout.admin('GET', `/orders?hold_id=${hold.body.hold_id}`)).toMatchObject({
      body: { items: [{ status: 'paid' }] },
    });
  });

  test('the same key for other values is refused, and is another key on the other path', async () => {
    const productId = await checkout.createProduct();
    const other = await checkout.createProduct();
    const hold = await checkout.hold(productId, 1, keyed('one'));
    for (const reused of [checkout.hold(productId, 2, keyed('one')), checkout.hold(other, 1, keyed('one'))]) {
      expect(await reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
    const order = await checkout.order(hold.body.hold_id, keyed('one'));
    expect([order.status, order.headers['idempotency-replayed']]).toEqual([201, undefined]);
  });

  test('values are compared, not how they are written', async () => {
    const productId = await checkout.createProduct();
    const post = (body: string) => checkout.post('/api/v1/holds', body, keyed('spelling'));
    const first = await post(`{"product_id":${productId},"qty":2}`);
    const again = await post(`{ "qty": 2.0,\n"product_id": ${productId} }`);
    expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
  });

  test('a refusal is not remembered', async () => {
    const productId = await checkout.createProduct({ stock: 0 });
    const refused = await checkout.hold(productId, 1, keyed('again'));
    expect([refused.status, refused.headers['idempotency-replayed']]).toEqual([409, undefined]);
    await checkout.admin('POST', `/products/${productId}/stock`, { change: 1, reason: 'delivery' });
    const granted = await checkout.hold(productId, 1, keyed('again'));
    expect([granted.status, granted.headers['idempotency-replayed']]).toEqual([201, undefined]);

    const early = await checkout.order(77, keyed('again'));
    expect([early.status, early.body.code]).toEqual([404, 'hold_not_found']);
    expect((await checkout.order(granted.body.hold_id, keyed('again'))).status).toBe(201);
  });

  test('a key that is refused elsewhere is not taken by a request that is malformed', async () => {
    const productId = await checkout.createProduct();
    expect((await checkout.post('/api/v1/holds', { product_id: productId }, keyed('malformed'))).status).toBe(
      422,
    );
    expect((await checkout.hold(productId, 1, keyed('malformed'))).status).toBe(201);
  });

  test.each(['x'.repeat(256), 'na\u00efve', '', 'tab\there'])(
    'the key %j is refused on both paths',
    async (key) => {
      for (const reply of [await checkout.hold(1, 1, keyed(key)), await checkout.order(1, keyed(key))]) {
        expect([reply.status, reply.body.errors[0]?.field]).toEqual([422, 'Idempotency-Key']);
        if (key !== '') {
          expect(reply.text).not.toContain(key.slice(0, 40));
        }
      }
    },
  );

  test.each(['x', 'x'.repeat(255), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'a b'])(
    'the key %j is taken',
    async (key) => {
      const productId = await checkout.createProduct();
      expect((await checkout.hold(productId, 1, keyed(key))).status).toBe(201);
      expect((await checkout.hold(productId, 1, keyed(key))).headers['idempotency-replayed']).toBe('true');
    },
  );

  test('keys that differ in their case differ', async () => {
    const productId = await checkout.createProduct();
    const ids = [
      await checkout.hold(productId, 1, keyed('Case')),
      await checkout.hold(productId, 1, keyed('case')),
    ];
    expect(new Set(ids.map(({ body }) => body.hold_id)).size).toBe(2);
  });

  test('without a key each request has its effect', async () => {
    const productId = await checkout.createProduct();
    await Promise.all([checkout.hold(productId), checkout.hold(productId)]);
    expect(await checkout.availableStock(productId)).toBe(8);
  });
});
