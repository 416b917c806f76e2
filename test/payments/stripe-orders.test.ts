import { beforeEach, expect, test } from 'vitest';
import { type Body, type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { type StripeServer, stripeForTest } from '../support/stripe-server.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

/** Nothing here tells of payments by itself: what the service knows of them it has asked for. */
describeEach(sharedDatabases)('orders that are paid through Stripe on $name', (kind) => {
  let stripe: StripeServer;
  let database: OpenDatabase;
  beforeEach(async () => {
    stripe = await stripeForTest();
    database = await databaseForTest(kind);
  });

  const start = (variables: Readonly<Record<string, string>> = {}): Promise<Checkout> =>
    checkoutForTest({
      database,
      variables: { STRIPE_API_KEY: 'sk_test_1', STRIPE_API_URL: stripe.url, ...variables },
    });
  const intentOf = (order: Body) =>
    [...stripe.ledger.intents.values()].find(
      ({ metadata }) => metadata.flash_sale_order_id === String(order.order_id),
    ) ?? expect.fail('Stripe was not asked for a payment');

  test('an order has one payment at Stripe, in every answer while it is pending', async () => {
    const shop = await start({ WORKER: 'false' });
    const hold = await shop.hold(await shop.createProduct(), 2);
    const key = { 'idempotency-key': 'one order' };

    const order = await shop.order(hold.body.hold_id, key);
    const looks = await atOnce(3, () => shop.orderOf(order.body));
    const replayed = await shop.order(hold.body.hold_id, key);

    const intent = intentOf(order.body);
    expect(order.body.payment).toEqual({ provider: 'stripe', client_secret: intent.client_secret });
    expect(intent).toMatchObject({ amount: 20_000, currency: 'usd' });
    expect(looks.map(({ payment }) => payment)).toEqual(Array(3).fill(order.body.payment));
    expect(replayed.text).toBe(order.text);
    expect((await shop.cancel(order.body.order_id)).body.payment).toBeNull();
    expect(stripe.requests).toHaveLength(1);
  });

  test('an order whose payment Stripe has not answered is there without one, and has it at the next look', async () => {
    const shop = await start({ WORKER: 'false' });
    const productId = await shop.createProduct();
    stripe.failNext({ kind: 'silence', done: true }, { kind: 'hang-up', done: true });

    const [silent, cut] = await atOnce(2, () => shop.ordered(productId));

    expect([silent?.payment, cut?.payment]).toEqual([null, null]);
    for (const order of [silent, cut]) {
      const payment = await until(
        async () => order !== undefined && (await shop.orderOf(order)).payment !== null,
      );
      expect(payment).toBe(true);
    }
    expect(stripe.ledger.intents.size).toBe(2);
  });

  test('a payment that nothing told of makes its order paid before the order expires', async () => {
    const shop = await start({ PAYMENT_SECONDS: '10' });
    const productId = await shop.createProduct({ stock: 5 });
    const order = await shop.ordered(productId, 2);

    stripe.ledger.pay(intentOf(order).id);

    const paid = await until(async () => {
      const now = await shop.orderOf(order);
      return now.status !== 'pending' && now;
    });
    expect(paid).toMatchObject({ status: 'paid', payment_due_at: order.payment_due_at, payment: null });
    // The order was read on a connection of its own, to which MariaDB shows a commit before it answers the one that made it.
    await until(async () => (await shop.product(productId)).body.stock === 3);
    expect((await shop.product(productId)).body.held_stock).toBe(0);
    expect(await shop.auditDifferences()).toEqual([]);
  });

  test('the payment of an order that ends unpaid is cancelled at Stripe, also after Stripe was away', async () => {
    const shop = await start();
    const hasty = await start({ PAYMENT_SECONDS: '1' });
    const productId = await shop.createProduct({ stock: 10 });
    const [cancelled, fails] = [await shop.ordered(productId), await shop.ordered(productId)];
    const expires = await hasty.ordered(productId);
    stripe.isDown = true;

    await shop.cancel(cancelled.order_id);
    await shop.pay({ idempotency_key: 'failed', order_id: fails.order_id, status: 'failed' });
    await until(async () => (await shop.orderOf(expires)).status === 'expired');
    await until(() => stripe.requests.filter(({ path }) => path.endsWith('/cancel')).length >= 3);
    stripe.isDown = false;

    for (const order of [expires, cancelled, fails]) {
      await until(() => intentOf(order).status === 'canceled');
    }
    expect((await shop.orderOf(cancelled)).status).toBe('cancelled');
  });

  test('a payment that came while its order was being ended is late; without units its money goes back once', async () => {
    const shop = await start({ WORKER: 'false' });
    const [free, gone] = [await shop.createProduct({ stock: 1 }), await shop.createProduct({ stock: 1 })];
    const [lucky, unlucky] = [await shop.ordered(free), await shop.ordered(gone)];
    for (const order of [lucky, unlucky]) {
      stripe.ledger.pay(intentOf(order).id);
      await shop.cancel(order.order_id);
    }
    await shop.hold(gone);
    stripe.faultOf = ({ method, path }) =>
      method === 'POST' && path === '/v1/refunds' && stripe.ledger.refunds.length < 1
        ? { kind: 'hang-up', done: true }
        : null;

    // Two processes do the work.
    await start();
    await start();

    await until(async () => (await shop.orderOf(lucky)).status === 'paid');
    await until(async () => (await shop.orderOf(unlucky)).status === 'refunded');
    expect(stripe.ledger.refunds).toMatchObject([{ payment_intent: intentOf(unlucky).id, amount: 10_000 }]);
    expect((await shop.orderOf(unlucky)).refunds).toMatchObject([
      { amount: 100, status: 'succeeded', reason: 'late_payment' },
    ]);
    expect(await shop.auditDifferences()).toEqual([]);
  });
});
