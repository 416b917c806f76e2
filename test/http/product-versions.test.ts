import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { adminToken, type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

describeEach(sharedDatabases)('the version of a product on $name', (kind) => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
    (await ApiDescription.of(checkout)).watch(checkout);
  });
  afterAll(() => checkout.stop());

  const read = (id: number) => checkout.admin('GET', `/products/${id}`);
  const edit = (id: number, change: object, ifMatch?: string) =>
    checkout.send('PATCH', `/api/v1/admin/products/${id}`, change, {
      authorization: `Bearer ${adminToken}`,
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    });

  test('is in every answer of the admin API about it, and in its strong ETag', async () => {
    const id = await checkout.createProduct({ opens_at: '2026-11-27T09:00:00.123Z' });
    const answers = [
      await checkout.admin('POST', '/products', { name: 'a', price: 1, currency: 'USD', stock: 1 }),
      await read(id),
      await checkout.admin('POST', `/products/${id}/stock`, { change: 1, reason: 'found' }),
      await edit(id, { name: 'b', closes_at: '2026-11-28T09:00:00.456+01:00' }),
      await read(id),
    ];
    for (const { body, headers } of answers) {
      expect(body.version).toMatch(/^[\da-f]{16}$/);
      expect(headers.etag).toBe(`"${body.version}"`);
    }
    const [, before, , edited, after] = answers.map(({ body }) => body.version);
    expect(edited).not.toBe(before);
    expect(after).toBe(edited);
  });

  test('is not in what buyers get', async () => {
    const id = await checkout.createProduct();
    const { body, headers } = await checkout.product(id);
    expect(Object.keys(body)).toEqual(
      'id,name,price,currency,stock,held_stock,available_stock,next_release_at,opens_at,closes_at'.split(','),
    );
    expect(headers.etag).toBeUndefined();
    expect((await checkout.get('/api/v1/products')).text).not.toContain('version');
  });

  test('keeps one of two operators from overwriting the price that the other one has set', async () => {
    const id = await checkout.createProduct({ price: 899 });
    const { headers } = await read(id);
    const tag = String(headers.etag);
    const first = await edit(id, { price: 799 }, tag);
    expect([first.status, first.body.price]).toEqual([200, 799]);

    const second = await edit(id, { price: 949 }, tag);
    expect([second.status, second.body.code]).toEqual([412, 'version_mismatch']);
    expect(second.body.version).toBe(first.body.version);
    expect((await read(id)).body.price).toBe(799);

    const again = await edit(id, { price: 949 }, `"${second.body.version}"`);
    expect([again.status, again.body.price]).toEqual([200, 949]);
  });

  test('lets exactly one of many edits at once take place', async () => {
    const id = await checkout.createProduct();
    const tag = String((await read(id)).headers.etag);
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, nth) => edit(id, { name: `Edit ${nth}` }, tag)),
    );
    const winners = replies.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(9);
    const { body } = await read(id);
    expect(replies.flatMap((reply, nth) => (reply.status === 200 ? [`Edit ${nth}`] : []))).toEqual([
      body.name,
    ]);
  });

  test('stays the same while units are held, sold and restocked', async () => {
    const id = await checkout.createProduct({ stock: 100 });
    const tag = String((await read(id)).headers.etag);
    const order = await checkout.ordered(id);
    await checkout.pay({ idempotency_key: `sold_${id}`, order_id: order.order_id });
    await Promise.all(Array.from({ length: 20 }, () => checkout.hold(id)));
    await checkout.admin('POST', `/products/${id}/stock`, { change: 5, reason: 'second delivery' });
    expect((await read(id)).headers.etag).toBe(tag);
    expect((await edit(id, { price: 5 }, tag)).status).toBe(200);
  });

  test('takes an edit again whose answer was lost, because it has its values already', async () => {
    const id = await checkout.createProduct();
    const tag = String((await read(id)).headers.etag);
    const answers = [await edit(id, { price: 5 }, tag), await edit(id, { price: 5 }, tag)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await edit(id, { price: 6 }, tag)).status).toBe(412);
  });

  test.each([
    ['*', 200],
    ['"TAG"', 200],
    ['"other", "TAG"', 200],
    ['"other","TAG"', 200],
    ['W/"TAG"', 412],
    ['W/"TAG", "other"', 412],
    ['"TAG,other"', 412],
    ['"other"', 412],
    ['""', 412],
    ['"*"', 412],
    ['TAG', 422],
    ["'TAG'", 422],
    ['"TAG', 422],
    ['*, "TAG"', 422],
    ['"TAG" "other"', 422],
    ['w/"TAG"', 422],
    ['', 422],
  ])('compared with If-Match %j is answered %i', async (pattern, status) => {
    const id = await checkout.createProduct();
    const { version } = (await read(id)).body;
    const reply = await edit(id, { name: 'Edited' }, pattern.replace('TAG', version));
    expect(reply.status).toBe(status);
    expect((await read(id)).body.name).toBe(status === 200 ? 'Edited' : 'Sneakers');
    if (status === 422) {
      expect(reply.body.errors).toEqual([
        {
          field: 'If-Match',
          message: 'expected * or versions in quotes such as "a1b2c3d4e5f60718", got something else',
        },
      ]);
    }
  });

  test('of an unknown product is not found, whatever If-Match says', async () => {
    for (const tag of ['*', '"a1b2"']) {
      expect((await edit(4_503_599_627_370, { price: 5 }, tag)).body.code).toBe('product_not_found');
    }
  });
});
