import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Checkout, checkoutForTest, databaseForTest, startCheckout } from '../support/checkout.ts';
import type { Body, Reply } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { Sale } from '../support/sale.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

describe.each(sharedDatabases)('payment events on $name', (database) => {
  let checkout: Checkout;
  let productId: number;
  beforeAll(async () => {
    checkout = await startCheckout({ database });
    productId = await checkout.createProduct({ stock: 10_000 });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  const pay = (event: Readonly<Record<string, unknown>>): Promise<Reply> =>
    checkout.pay({ idempotency_key: randomUUID(), ...event });
  const orderOf = async (order: Pick<Body, 'order_id'>): Promise<Body> =>
    (await checkout.get(`/api/v1/orders/${order.order_id}`)).body;
  const stock = async (id = productId): Promise<number> => (await checkout.product(id)).body.stock;
  const refundsOf = async (order: Pick<Body, 'order_id'>): Promise<readonly Body[]> =>
    (await checkout.admin('GET', `/refunds?order_id=${order.order_id}`)).body.items;

  test('the same event in turn has one effect and the same answer, byte for byte', async () => {
    const order = await checkout.ordered(productId, 2);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id, status: 'paid' };
    const before = await stock();

    const first = await checkout.pay(event);
    const again = await checkout.pay(event);
    const inOtherWords = await checkout.pay({ ...event, status: 'succeeded', provider_field: [1, 2] });

    expect(first.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 2 });
    expect([again.text, inOtherWords.text]).toEqual([first.text, first.text]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await stock()).toBe(before - 2);
  });

  test('the same event many times in parallel has one effect', async () => {
    const order = await checkout.ordered(productId, 3);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id };
    const before = await stock();

    const replies = await atOnce(50, () => checkout.pay(event));

    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect(await stock()).toBe(before - 3);
    await until(
      () =>
        checkout.logged('Duplicate webhook detected', { idempotency_key: event.idempotency_key }).length ===
        49,
    );
  });

  test('a key that comes with other content is refused and changes nothing', async () => {
    const order = await checkout.ordered(productId);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id };
    await checkout.pay({ ...event, status: 'failed' });

    const other = await checkout.pay(event);

    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await orderOf(order)).status).toBe('failed');
  });

  test('two events with different keys for one payment count once', async () => {
    const order = await checkout.ordered(productId, 2);
    const event = { order_id: order.order_id, payment_reference: `pi_${order.order_id}` };
    const before = await stock();

    const replies = await atOnce(10, () => pay(event));

    expect(replies.map(({ body }) => body.result).toSorted()).toEqual([
      ...Array(9).fill('ignored'),
      'processed',
    ]);
    expect(await stock()).toBe(before - 2);
    expect(await refundsOf(order)).toEqual([]);
  });

  test('the second of two payments for one order is refunded', async () => {
    const order = await checkout.ordered(productId, 2);
    const before = await stock();

    const replies = await atOnce(3, (index) =>
      pay({ order_id: order.order_id, payment_reference: `pi_${order.order_id}_${index}` }),
    );

    expect(replies.map(({ body }) => body.result).toSorted()).toEqual([
      'processed',
      'refund_due',
      'refund_due',
    ]);
    expect((await orderOf(order)).status).toBe('paid');
    expect(await refundsOf(order)).toMatchObject(
      Array(2).fill({ amount: order.total, status: 'due', reason: 'second_payment' }),
    );
    expect(await stock()).toBe(before - 2);
  });

  test('where it is unclear whether it is other money, an operator is told and nothing is sent by itself', async () => {
    const order = await checkout.ordered(productId);
    await pay({ order_id: order.order_id });

    const unclear = await pay({ order_id: order.order_id, payment_reference: 'pi_perhaps_the_same' });

    expect(unclear.body).toMatchObject({
      result: 'possible_second_payment',
      order_status: 'paid',
      stock_deducted: 0,
    });
    expect(await refundsOf(order)).toEqual([]);
    await until(() => checkout.logged('Possible second payment', { order_id: order.order_id }).length === 1);
  });

  test('an event that comes before its order is applied in the order itself', async () => {
    const hold = await checkout.hold(productId, 2);
    const before = await stock();

    const early = await pay({ hold_id: hold.body.hold_id });
    const order = await checkout.order(hold.body.hold_id);

    expect([early.status, early.text]).toEqual([202, '{"result":"parked"}']);
    expect(order.body).toMatchObject({ status: 'paid', refunds: [] });
    expect(await stock()).toBe(before - 2);
  });

  test('no event is lost between the look-up of its order and the commit of it', async () => {
    const holds = await atOnce(150, () => checkout.hold(productId));

    const [payments, orders] = await Promise.all([
      Promise.all(holds.map(({ body }) => pay({ hold_id: body.hold_id }))),
      Promise.all(holds.map(({ body }) => checkout.order(body.hold_id))),
    ]);

    expect(tally(orders)).toEqual({ 201: 150 });
    expect(new Set(payments.map(({ status }) => Math.trunc(status / 100)))).toEqual(new Set([2]));
    const after = await Promise.all(orders.map(({ body }) => orderOf(body)));
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
    const hold = await checkout.hold(productId, 2);
    const holdId = hold.body.hold_id;
    await pay({ hold_id: holdId, payment_reference: `pi_${holdId}` });

    await checkout.release(holdId);

    const refunds = await checkout.admin('GET', '/refunds');
    expect(refunds.body.items.filter((refund) => refund.hold_id === holdId)).toMatchObject([
      { amount: 200, status: 'due', reason: 'hold_ended' },
    ]);
    const late = await checkout.hold(productId);
    await checkout.release(late.body.hold_id);
    expect((await pay({ hold_id: late.body.hold_id })).status).toBe(202);
    const after = await checkout.admin('GET', '/refunds');
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

  test('a failure after the payment is ignored', async () => {
    const order = await checkout.ordered(productId);
    await pay({ order_id: order.order_id });

    const failure = await pay({ order_id: order.order_id, status: 'failure' });

    expect(failure.body).toMatchObject({ result: 'ignored', order_status: 'paid', stock_deducted: 0 });
    expect((await orderOf(order)).status).toBe('paid');
  });

  test('a payment after the failure takes the units again', async () => {
    const order = await checkout.ordered(productId, 2);
    const before = await stock();
    const failure = await pay({ order_id: order.order_id, status: 'failed' });
    expect(failure.body).toMatchObject({ result: 'processed', order_status: 'failed', stock_deducted: 0 });

    const paid = await pay({ order_id: order.order_id });

    expect(paid.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 2 });
    expect(await stock()).toBe(before - 2);
  });

  test('a declined card and then another that works, both before the order, end in a paid order; the units were held in between', async () => {
    const product = await checkout.createProduct({ stock: 2 });
    const hold = await checkout.hold(product, 2);
    const event = { hold_id: hold.body.hold_id, payment_reference: 'pi_second_card' };

    await pay({ ...event, status: 'failed' });
    expect((await checkout.hold(product)).body.code).toBe('insufficient_stock');
    await pay({ ...event, status: 'paid' });
    expect((await checkout.hold(product)).body.code).toBe('insufficient_stock');
    const order = await checkout.order(hold.body.hold_id);

    expect(order.body).toMatchObject({ status: 'paid', refunds: [] });
    expect((await checkout.product(product)).body).toMatchObject({ stock: 0, held_stock: 0 });
  });

  test('of two late payments for one unit that came back, one is fulfilled and one is due back', async () => {
    const product = await checkout.createProduct({ stock: 2 });
    const orders = [await checkout.ordered(product), await checkout.ordered(product)];
    await Promise.all(orders.map(({ order_id }) => checkout.cancel(order_id)));
    await checkout.hold(product);

    const replies = await Promise.all(orders.map(({ order_id }) => pay({ order_id })));

    expect(replies.map(({ body }) => body.result).toSorted()).toEqual(['processed', 'refund_due']);
    expect((await checkout.product(product)).body).toMatchObject({ stock: 1, held_stock: 1 });
  });

  test('a refunded order is not revived: other money for it is due back, the same money is ignored', async () => {
    const product = await checkout.createProduct({ stock: 1 });
    const order = await checkout.ordered(product);
    await checkout.cancel(order.order_id);
    await checkout.hold(product);
    const first = { order_id: order.order_id, payment_reference: `pi_${order.order_id}` };
    await pay(first);
    const [refund] = await refundsOf(order);
    await checkout.admin('POST', `/refunds/${refund?.refund_id}/settle`);
    expect((await orderOf(order)).status).toBe('refunded');
    await checkout.admin('POST', `/products/${product}/stock`, { change: 5, reason: 'delivery' });

    const same = await pay(first);
    const other = await pay({ ...first, payment_reference: `${first.payment_reference}_days_later` });

    expect(same.body).toMatchObject({ result: 'ignored', order_status: 'refunded', stock_deducted: 0 });
    expect(other.body).toMatchObject({ result: 'refund_due', order_status: 'refunded', stock_deducted: 0 });
    expect((await refundsOf(order)).map(({ status }) => status).toSorted()).toEqual(['due', 'succeeded']);
    expect((await checkout.product(product)).body.stock).toBe(6);
  });

  test.each([
    ['too little', { amount: 199.99, currency: 'USD' }],
    ['too much', { amount: 200.01, currency: 'USD' }],
    ['another currency', { amount: 200, currency: 'EUR' }],
  ])('money that is %s is due back and fulfils nothing; the right money still does', async (_, wrong) => {
    const order = await checkout.ordered(productId, 2);
    const before = await stock();

    const mismatch = await pay({ order_id: order.order_id, ...wrong });
    expect(mismatch.body).toMatchObject({
      result: 'amount_mismatch',
      order_status: 'pending',
      stock_deducted: 0,
    });
    expect(await refundsOf(order)).toMatchObject([{ ...wrong, status: 'due', reason: 'amount_mismatch' }]);
    expect(await stock()).toBe(before);

    const right = await pay({ order_id: order.order_id, amount: 200, currency: 'usd' });
    expect(right.body).toMatchObject({ result: 'processed', order_status: 'paid' });
  });

  test('an event of an order and a hold that do not belong together is refused', async () => {
    const [order, other] = [await checkout.ordered(productId), await checkout.ordered(productId)];

    const reply = await pay({ order_id: order.order_id, hold_id: other.hold_id });

    expect(reply.status).toBe(422);
    expect((await orderOf(order)).status).toBe('pending');
  });
});

describe.each(sharedDatabases)('payment events and deadlines on $name', (database) => {
  let shop: Checkout;
  beforeAll(async () => {
    const variables = { HOLD_SECONDS: '1', PAYMENT_SECONDS: '2', PARKED_SECONDS: '1' };
    shop = await startCheckout({ database, variables });
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
    expect((await shop.product(productId)).body).toMatchObject({ stock: 9, held_stock: 0 });
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
