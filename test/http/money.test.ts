import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

describeEach(sharedDatabases)('money on $name', (kind) => {
  /** Money is exact, whatever the currency, from the product to the refund. */
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
    (await ApiDescription.of(checkout)).watch(checkout);
  });
  afterAll(() => checkout.stop());

  const create = (fields: object) =>
    checkout.admin('POST', '/products', {
      name: 'Phone',
      price: 1,
      currency: 'USD',
      stock: 1_000_000,
      ...fields,
    });

  test.each([
    [1199.99, 'USD', 2, 2399.98],
    [0.01, 'USD', 1_000_000, 10_000],
    [0.1, 'USD', 3, 0.3],
    [9_999_999.99, 'EUR', 7, 69_999_999.93],
    [500, 'JPY', 3, 1500],
    [1, 'JPY', 1, 1],
    [1.005, 'KWD', 3, 3.015],
    [0.001 * 10, 'KWD', 1, 0.01],
  ])('%d %s for %i units is %d, and paid in full with it', async (price, currency, quantity, total) => {
    const product = await create({ price, currency });
    expect(product.body).toMatchObject({ price, currency });
    const order = await checkout.ordered(product.body.id, quantity);
    expect(order).toMatchObject({ total, currency });
    const paid = await checkout.pay({
      idempotency_key: `pay_${order.order_id}`,
      order_id: order.order_id,
      amount: total,
      currency: currency.toLowerCase(),
    });
    expect(paid.body).toMatchObject({ result: 'processed', stock_deducted: quantity });
  });

  test.each([
    ['price', { price: 0 }],
    ['price', { price: 0.009 }],
    ['price', { price: 10_000_000 }],
    ['price', { price: 1.001 }],
    ['price', { price: '1' }],
    ['price', { price: 0.5, currency: 'JPY' }],
    ['price', { price: 1.0001, currency: 'KWD' }],
    ['currency', { currency: 'QQQ' }],
    ['currency', { currency: 'US' }],
    ['currency', { currency: 840 }],
    ['stock', { stock: -1 }],
    ['stock', { stock: 1.5 }],
    ['stock', { stock: 1_000_000_001 }],
  ])('a product with another %s than there is, %o, is refused', async (field, fields) => {
    const reply = await create(fields);
    expect([reply.status, reply.body.errors.map((error) => error.field)]).toEqual([422, [field]]);
  });

  test.each([[{ price: 0.01 }], [{ price: 9_999_999.99 }], [{ stock: 0 }], [{ stock: 1_000_000_000 }]])(
    'a product at the limit, %o, is taken',
    async (fields) => {
      expect((await create(fields)).body).toMatchObject(fields);
    },
  );

  test('a new price has at most the decimals of the currency that the product has', async () => {
    const { id } = (await create({ price: 500, currency: 'JPY' })).body;
    const reply = await checkout.admin('PATCH', `/products/${id}`, { price: 500.5 });
    expect([reply.status, reply.body.errors[0]?.field]).toEqual([422, 'price']);
  });

  test.each([
    ['amount without currency', { amount: 1 }, 'currency'],
    ['currency without amount', { currency: 'USD' }, 'amount'],
    ['amount with a decimal too many', { amount: 1.001, currency: 'USD' }, 'amount'],
    ['amount of 0', { amount: 0, currency: 'USD' }, 'amount'],
    ['amount below 0', { amount: -1, currency: 'USD' }, 'amount'],
    ['amount as text', { amount: '1', currency: 'USD' }, 'amount'],
    ['currency that is none', { amount: 1, currency: 'QQQ' }, 'currency'],
    ['status that is none', { status: 'settled' }, 'status'],
    ['reference of 256 characters', { payment_reference: 'x'.repeat(256) }, 'payment_reference'],
    ['key with a letter beyond ASCII', { idempotency_key: 'ü' }, 'idempotency_key'],
    ['key of no characters', { idempotency_key: '' }, 'idempotency_key'],
  ])('a payment event with the %s is refused', async (_, fields, field) => {
    const reply = await checkout.pay({ idempotency_key: 'evt', order_id: 5, ...fields });
    expect([reply.status, reply.body.errors.map((error) => error.field)]).toEqual([422, [field]]);
  });

  test('a payment event needs a key, a status and an order or hold that belong together', async () => {
    const product = (await create({})).body.id;
    const [one, two] = [await checkout.ordered(product), await checkout.ordered(product)];
    const refused = async (event: object) => {
      const reply = await checkout.post('/api/v1/payments/webhook', event);
      return [reply.status, reply.body.errors.map(({ field }) => field)];
    };
    expect(await refused({})).toEqual([422, ['idempotency_key', 'status']]);
    expect(await refused({ idempotency_key: 'evt', status: 'paid' })).toEqual([422, ['order_id']]);
    const contradiction = {
      idempotency_key: 'evt',
      status: 'paid',
      order_id: one.order_id,
      hold_id: two.hold_id,
    };
    expect(await refused(contradiction)).toEqual([422, ['hold_id']]);
  });

  test('a payment event may have fields of its provider, and each word for paid and failed', async () => {
    const product = (await create({})).body.id;
    for (const [status, orderStatus] of [
      ['paid', 'paid'],
      ['succeeded', 'paid'],
      ['success', 'paid'],
      ['failed', 'failed'],
      ['failure', 'failed'],
    ]) {
      const { order_id } = await checkout.ordered(product);
      const event = { idempotency_key: `w_${order_id}`, order_id, status };
      const first = await checkout.pay({ ...event, livemode: true, data: { object: [1] } });
      expect(Object.keys(first.body)).toEqual(['result', 'order_id', 'order_status', 'stock_deducted']);
      expect(first.body).toMatchObject({ result: 'processed', order_status: orderStatus });
      const again = await checkout.pay({ ...event, other: null });
      expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
      expect(first.headers).not.toHaveProperty('idempotency-replayed');
      const other = await checkout.pay({ ...event, payment_reference: 'pi' });
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    }
  });

  test('a parked event is answered the same again', async () => {
    const event = { idempotency_key: 'parked', order_id: 123_456 };
    const [first, again] = [await checkout.pay(event), await checkout.pay(event)];
    expect([first.status, first.text, again.status, again.text]).toEqual([
      202,
      '{"result":"parked"}',
      202,
      first.text,
    ]);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });
});
