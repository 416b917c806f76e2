import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { PaymentSuite } from '../support/payment-suite.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('payment events that come after their order has ended on $name', (database) => {
  const suite = new PaymentSuite(database);

  test('a payment after the failure takes the units again', async () => {
    const order = await suite.checkout.ordered(suite.productId, 2);
    const before = await suite.stock();
    const failure = await suite.pay({ order_id: order.order_id, status: 'failed' });
    expect(failure.body).toMatchObject({ result: 'processed', order_status: 'failed', stock_deducted: 0 });

    const paid = await suite.pay({ order_id: order.order_id });

    expect(paid.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 2 });
    expect(await suite.stock()).toBe(before - 2);
  });

  test('of two late payments for one unit that came back, one is fulfilled and one is due back', async () => {
    const product = await suite.checkout.createProduct({ stock: 2 });
    const orders = [await suite.checkout.ordered(product), await suite.checkout.ordered(product)];
    await Promise.all(orders.map(({ order_id }) => suite.checkout.cancel(order_id)));
    await suite.checkout.hold(product);

    const replies = await Promise.all(orders.map(({ order_id }) => suite.pay({ order_id })));

    expect(replies.map(({ body }) => body.result).toSorted()).toEqual(['processed', 'refund_due']);
    expect((await suite.checkout.product(product)).body).toMatchObject({ stock: 1, held_stock: 1 });
  });

  test('a refunded order is not revived: other money for it is due back, the same money is ignored', async () => {
    const product = await suite.checkout.createProduct({ stock: 1 });
    const order = await suite.checkout.ordered(product);
    await suite.checkout.cancel(order.order_id);
    await suite.checkout.hold(product);
    const first = { order_id: order.order_id, payment_reference: `pi_${order.order_id}` };
    await suite.pay(first);
    const [refund] = await suite.checkout.refundsOf(order);
    await suite.checkout.admin('POST', `/refunds/${refund?.refund_id}/settle`);
    expect((await suite.checkout.orderOf(order)).status).toBe('refunded');
    await suite.checkout.admin('POST', `/products/${product}/stock`, { change: 5, reason: 'delivery' });

    const same = await suite.pay(first);
    const other = await suite.pay({ ...first, payment_reference: `${first.payment_reference}_days_later` });

    expect(same.body).toMatchObject({ result: 'ignored', order_status: 'refunded', stock_deducted: 0 });
    expect(other.body).toMatchObject({ result: 'refund_due', order_status: 'refunded', stock_deducted: 0 });
    expect((await suite.checkout.refundsOf(order)).map(({ status }) => status).toSorted()).toEqual([
      'due',
      'succeeded',
    ]);
    expect((await suite.checkout.product(product)).body.stock).toBe(6);
  });
});

describeEach(sharedDatabases)('payment events that come after the deadline on $name', (database) => {
  let shop: Checkout;
  beforeAll(async () => {
    shop = await startCheckout({ database, variables: { PAYMENT_SECONDS: '2' } });
  });
  afterAll(async () => {
    expect(await shop.auditDifferences()).toEqual([]);
    await shop.stop();
  });

  test.concurrent('money after the deadline is fulfilled while units are free, and due back when they are gone', async ({
    expect,
  }) => {
    const [free, gone] = [await shop.createProduct({ stock: 3 }), await shop.createProduct({ stock: 3 })];
    const [early, late] = [await shop.ordered(free, 3), await shop.ordered(gone, 3)];
    await until(async () => (await shop.availableStock(free)) === 3);
    await until(async () => (await shop.availableStock(gone)) === 3);
    const kept = await shop.ordered(gone, 1);

    const fulfilled = await shop.pay({ idempotency_key: 'late 1', order_id: early.order_id });
    const refunded = await shop.pay({ idempotency_key: 'late 2', order_id: late.order_id });

    expect(kept.status).toBe('pending');
    expect(fulfilled.body).toEqual({
      result: 'processed',
      order_id: early.order_id,
      order_status: 'paid',
      stock_deducted: 3,
    });
    expect(refunded.body).toEqual({
      result: 'refund_due',
      order_id: late.order_id,
      order_status: 'refund_due',
      stock_deducted: 0,
    });
    expect((await shop.get(`/api/v1/orders/${late.order_id}`)).body.refunds).toMatchObject([
      { amount: 300, currency: 'USD', status: 'due', reason: 'late_payment' },
    ]);
  });
});
