import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, checkoutForTest, databaseForTest, startCheckout } from '../support/checkout.ts';
import type { Body } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { PaymentSuite } from '../support/payment-suite.ts';
import { Sale } from '../support/sale.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('payment events that come before their order on $name', (database) => {
  const suite = new PaymentSuite(database);

  test('an event that comes before its order is applied in the order itself', async () => {
    const hold = await suite.checkout.hold(suite.productId, 2);
    const before = await suite.stock();

    const early = await suite.pay({ hold_id: hold.body.hold_id });
    const order = await suite.checkout.order(hold.body.hold_id);

    expect([early.status, early.text]).toEqual([202, '{"result":"parked"}']);
    expect(order.body).toMatchObject({ status: 'paid', refunds: [] });
    expect(await suite.stock()).toBe(before - 2);
  });

  test('no event is lost between the look-up of its order and the commit of it', async () => {
    const holds = await atOnce(150, () => suite.checkout.hold(suite.productId));

    const [payments, orders] = await Promise.all([
      Promise.all(holds.map(({ body }) => suite.pay({ hold_id: body.hold_id }))),
      Promise.all(holds.map(({ body }) => suite.checkout.order(body.hold_id))),
    ]);

    expect(tally(orders)).toEqual({ 201: 150 });
    expect(new Set(payments.map(({ status }) => Math.trunc(status / 100)))).toEqual(new Set([2]));
    const after = await Promise.all(orders.map(({ body }) => suite.checkout.orderOf(body)));
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set(['paid']));
  });

  test('an event that was parked for an order which came unseen is found by the worker', async () => {
    const shared = await databaseForTest(database);
    const first = await checkoutForTest({ database: shared, variables: { WORKER: 'false' } });
    const product = await first.createProduct();
    const { body: hold } = await first.hold(product, 2);
    const orderId = 4_294_967_297_001;
    const parked = await first.pay({ idempotency_key: 'ahead', order_id: orderId });
    expect(parked.status).toBe(202);
    // The order is made by a process that ends before it looks for parked events.
    await new Sale(shared.store).order(hold.hold_id, { orderId });
    expect((await first.get(`/api/v1/orders/${orderId}`)).body.status).toBe('pending');

    await checkoutForTest({ database: shared });

    await until(async () => (await first.get(`/api/v1/orders/${orderId}`)).body.status === 'paid');
    expect(await first.auditDifferences()).toEqual([]);
  });

  test('early money for a hold that ends without an order goes back at once', async () => {
    const hold = await suite.checkout.hold(suite.productId, 2);
    const holdId = hold.body.hold_id;
    await suite.pay({ hold_id: holdId, payment_reference: `pi_${holdId}` });

    await suite.checkout.release(holdId);

    const refunds = await suite.checkout.admin('GET', '/refunds');
    expect(refunds.body.items.filter((refund) => refund.hold_id === holdId)).toMatchObject([
      { amount: 200, status: 'due', reason: 'hold_ended' },
    ]);
    const late = await suite.checkout.hold(suite.productId);
    await suite.checkout.release(late.body.hold_id);
    expect((await suite.pay({ hold_id: late.body.hold_id })).status).toBe(202);
    const after = await suite.checkout.admin('GET', '/refunds');
    expect(after.body.items.filter((refund) => refund.hold_id === late.body.hold_id)).toHaveLength(1);
  });

  test('a flood of events for what nobody knows is bounded, and real ones still come through', async () => {
    const shop = await checkoutForTest({ database, variables: { PARKED_MAX: '5' } });
    const product = await shop.createProduct();
    const order = await shop.ordered(product);
    const hold = await shop.hold(product);

    const replies = await atOnce(40, (index) =>
      shop.pay({ idempotency_key: `flood ${index}`, order_id: 1000 + index }),
    );

    expect(tally(replies)).toEqual({ 202: 5, overloaded: 35 });
    expect(replies.find(({ status }) => status === 503)?.headers['retry-after']).toMatch(/^\d+$/);
    expect((await shop.admin('GET', '/payment-events?limit=200')).body.items).toHaveLength(5);
    const paid = await shop.pay({ idempotency_key: 'real', order_id: order.order_id });
    expect(paid.body.result).toBe('processed');
    const early = await shop.pay({ idempotency_key: 'early', hold_id: hold.body.hold_id });
    expect(early.status).toBe(202);
  });

  test('a declined card and then another that works, both before the order, end in a paid order; the units were held in between', async () => {
    const product = await suite.checkout.createProduct({ stock: 2 });
    const hold = await suite.checkout.hold(product, 2);
    const event = { hold_id: hold.body.hold_id, payment_reference: 'pi_second_card' };

    await suite.pay({ ...event, status: 'failed' });
    expect((await suite.checkout.hold(product)).body.code).toBe('insufficient_stock');
    await suite.pay({ ...event, status: 'paid' });
    expect((await suite.checkout.hold(product)).body.code).toBe('insufficient_stock');
    const order = await suite.checkout.order(hold.body.hold_id);

    expect(order.body).toMatchObject({ status: 'paid', refunds: [] });
    expect((await suite.checkout.product(product)).body).toMatchObject({ stock: 0, held_stock: 0 });
  });
});

describeEach(sharedDatabases)('payment events that wait for their order on $name', (database) => {
  let shop: Checkout;
  beforeAll(async () => {
    shop = await startCheckout({
      database,
      variables: { HOLD_SECONDS: '1', PAYMENT_SECONDS: '2', PARKED_SECONDS: '1' },
    });
  });
  afterAll(async () => {
    expect(await shop.auditDifferences()).toEqual([]);
    await shop.stop();
  });

  const refunds = async (holdId: number): Promise<readonly Body[]> =>
    (await shop.admin('GET', '/refunds')).body.items.filter(({ hold_id }) => hold_id === holdId);

  test.concurrent('early money keeps the hold alive for its order, and goes back at that deadline if none comes', async ({
    expect,
  }) => {
    const productId = await shop.createProduct();
    const [ordered, left, idle] = await atOnce(3, async () => (await shop.hold(productId)).body.hold_id);
    for (const hold_id of [ordered, left]) {
      await shop.pay({ idempotency_key: `early ${hold_id}`, hold_id });
    }
    await shop.pay({ idempotency_key: 'early failure', hold_id: idle, status: 'failed' });

    await until(() => shop.logged('Hold expired and released', { hold_id: idle }).length === 1);
    expect((await shop.order(idle ?? 0)).body.code).toBe('hold_expired');
    expect((await shop.order(ordered ?? 0)).body.status).toBe('paid');

    await until(async () => (await refunds(left ?? 0)).length === 1);
    expect(await refunds(left ?? 0)).toMatchObject([{ amount: 100, status: 'due', reason: 'hold_ended' }]);
    await until(async () => (await shop.product(productId)).body.held_stock === 0);
    expect((await shop.product(productId)).body.stock).toBe(9);
  });

  test.concurrent('an event for what nobody knows becomes an alert after its time, and never a refund by itself', async ({
    expect,
  }) => {
    const event = { idempotency_key: 'of another shop', order_id: 777, amount: 5, currency: 'USD' };
    expect((await shop.pay(event)).status).toBe(202);

    await until(() => shop.logged('Payment event unmatched').length === 1);

    expect(shop.logged('Payment event unmatched')).toMatchObject([
      { level: 'warn', idempotency_key: 'of another shop', order_id: 777 },
    ]);
    const all = await shop.admin('GET', '/refunds?limit=200');
    expect(all.body.items.filter(({ amount }) => amount === 5)).toEqual([]);
    const again = await shop.pay(event);
    expect([again.status, again.text]).toEqual([202, '{"result":"parked"}']);
  });
});
