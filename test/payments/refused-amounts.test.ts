import { beforeEach, expect, test } from 'vitest';
import { type Body, type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { refusal } from '../support/stripe-ledger.ts';
import { type StripeFault, type StripeServer, stripeForTest } from '../support/stripe-server.ts';
import { until } from '../support/until.ts';

/** Prices that Stripe can never take, each with the message of its refusal. */
const impossible = [
  [5.124, 'KWD', 'expected a multiple of 0.01 KWD, because Stripe takes only such amounts, got 5.124'],
  [5.5, 'MGA', 'expected a multiple of 1 MGA, because Stripe takes only such amounts, got 5.5'],
  [0.1, 'USD', 'expected at least 0.5 USD, the smallest payment that Stripe takes, got 0.1'],
] as const;
/** The nearest prices that Stripe takes. */
const possible = [
  [5.12, 'KWD'],
  [5, 'MGA'],
  [0.5, 'USD'],
] as const;

describeEach(sharedDatabases)('a price that the provider can never take, on $name', (kind) => {
  let stripe: StripeServer;
  let database: OpenDatabase;
  beforeEach(async () => {
    stripe = await stripeForTest();
    database = await databaseForTest(kind);
  });

  const withStripe = (variables: Readonly<Record<string, string>> = {}): Promise<Checkout> =>
    checkoutForTest({
      database,
      variables: { STRIPE_API_KEY: 'sk_test_1', STRIPE_API_URL: stripe.url, ...variables },
    });
  const withoutProvider = () => checkoutForTest({ database, variables: { SIMULATED_PAYMENTS: 'false' } });
  const ofPrice = (price: number, currency: string) => ({ name: 'Poster', price, currency, stock: 3 });
  /** A product that was put on sale before Stripe was connected. */
  const olderProduct = async (price: number, currency: string): Promise<number> =>
    (await withoutProvider()).createProduct(ofPrice(price, currency));

  test('is 422 for a new product and for a new price while Stripe is connected', async () => {
    const shop = await withStripe();
    for (const [index, [price, currency, message]] of impossible.entries()) {
      const refused = await shop.admin('POST', '/products', ofPrice(price, currency));
      expect([refused.status, refused.body.code]).toEqual([422, 'invalid_request']);
      expect(refused.body.errors).toEqual([{ field: 'price', message }]);

      const [nearest = 0] = possible[index] ?? [];
      const id = await shop.createProduct(ofPrice(nearest, currency));
      const changed = await shop.admin('PATCH', `/products/${id}`, { price });
      expect([changed.status, changed.body.code]).toEqual([422, 'invalid_request']);
      expect(changed.body.errors).toEqual([{ field: 'price', message }]);
      expect((await shop.product(id)).body.price).toBe(nearest);
    }
    expect((await shop.get('/api/v1/products')).body.products).toHaveLength(possible.length);
  });

  test('is taken without a provider, as the currency alone decides', async () => {
    const shop = await withoutProvider();
    for (const [price, currency] of impossible) {
      const made = await shop.admin('POST', '/products', ofPrice(price, currency));
      expect([made.status, made.body.price]).toEqual([201, price]);
      expect((await shop.admin('PATCH', `/products/${made.body.id}`, { price })).status).toBe(200);
    }
  });

  test('that a product has already may stay when its name changes', async () => {
    const id = await olderProduct(0.1, 'USD');
    const shop = await withStripe();

    const renamed = await shop.admin('PATCH', `/products/${id}`, { name: 'Large poster', price: 0.1 });

    expect([renamed.status, renamed.body.name, renamed.body.price]).toEqual([200, 'Large poster', 0.1]);
  });

  test.each(impossible)('ends the order at once and releases its units: %f %s', async (price, currency) => {
    const id = await olderProduct(price, currency);
    const shop = await withStripe({ WORKER: 'false' });
    const hold = await shop.hold(id, 3);
    const key = { 'idempotency-key': 'one order' };

    const order = await shop.order(hold.body.hold_id, key);

    expect([order.status, order.body.status, order.body.payment]).toEqual([201, 'pending', null]);
    expect(await shop.orderOf(order.body)).toMatchObject({ status: 'failed', payment: null, refunds: [] });
    expect((await shop.product(id)).body).toMatchObject({ stock: 3, held_stock: 0, available_stock: 3 });
    expect((await shop.order(hold.body.hold_id, key)).text).toBe(order.text);
    await until(() => shop.logged('Payment refused').length > 0);
    expect(shop.logged('Payment refused')).toMatchObject([
      { order_id: order.body.order_id, product_id: id, currency, provider: 'stripe' },
    ]);
    expect(await shop.auditDifferences()).toEqual([]);
  });

  test('is a total that is too large, or a currency that the account does not have', async () => {
    stripe.ledger.otherCurrencies.add('tnd');
    const shop = await withStripe({ WORKER: 'false' });
    const large = await shop.createProduct({ price: 9_999_999.99, currency: 'USD', stock: 1_000_000 });
    const other = await shop.createProduct({ price: 10, currency: 'TND', stock: 5 });

    const orders = [await shop.ordered(large, 1_000_000), await shop.ordered(other, 5)];
    const takeable = await shop.ordered(large, 1_000);

    for (const order of orders) {
      expect((await shop.orderOf(order)).status).toBe('failed');
    }
    expect(takeable.payment).not.toBeNull();
    expect((await shop.product(other)).body.available_stock).toBe(5);
    await until(() => shop.logged('Payment refused').length === 2);
    expect(shop.logged('Payment refused').map(({ reason }) => reason)).toEqual([
      expect.stringContaining('maximum charge amount'),
      expect.stringContaining('Invalid currency: tnd'),
    ]);
  });

  test('shows as a concern until its price changes', async () => {
    const id = await olderProduct(0.1, 'USD');
    const shop = await withStripe({ WORKER: 'false' });
    const orders: readonly Body[] = [await shop.ordered(id), await shop.ordered(id)];
    expect(orders.map(({ payment }) => payment)).toEqual([null, null]);

    const { refusedPayments } = await database.store.backlog();

    expect(refusedPayments).toEqual({ count: 2, oldestAtMs: expect.any(Number), productIds: [id] });
    const metrics = (await shop.get('/metrics')).text;
    expect(metrics).toContain('\nflash_sale_payments_refused_total 2\n');
    expect(metrics).toContain('\nflash_sale_orders_refused 2\n');

    await shop.admin('PATCH', `/products/${id}`, { price: 0.5 });
    const after = await database.store.backlog();
    expect(after.refusedPayments).toEqual({ count: 0, oldestAtMs: null, productIds: [] });
  });

  test.each<[string, StripeFault]>([
    ['authentication', answer(401, 'invalid_request_error', 'Invalid API Key provided')],
    [
      'permission',
      answer(403, 'invalid_request_error', 'This key may not charge', 'secret_key_required', 'amount'),
    ],
    ['the rate', { kind: 'busy' }],
    ['a lock', answer(429, 'invalid_request_error', 'Another request is in progress', 'lock_timeout')],
    ['a key', answer(400, 'idempotency_error', 'Keys need the same parameters', undefined, 'amount')],
    [
      'ways to pay',
      answer(400, 'invalid_request_error', 'Nothing is activated', 'payment_intent_invalid_parameter'),
    ],
    ['a failure', { kind: 'failure', done: false, kept: false }],
    ['the connection', { kind: 'hang-up', done: false }],
  ])('is not meant by an error about %s: the order stays pending and is paid', async (_about, fault) => {
    const shop = await withStripe({ WORKER: 'false' });
    stripe.failNext(fault);

    const order = await shop.ordered(await shop.createProduct());

    expect([order.status, order.payment]).toEqual(['pending', null]);
    const again = await until(async () => {
      const now = await shop.orderOf(order);
      return now.payment !== null && now;
    });
    expect(again).toMatchObject({ status: 'pending', payment: { provider: 'stripe' } });
    expect(shop.logged('Payment refused')).toEqual([]);
  });
});

function answer(...given: Parameters<typeof refusal>): StripeFault {
  return { kind: 'answer', answer: refusal(...given) };
}
