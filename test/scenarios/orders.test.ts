import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { atOnce, tally } from '../support/tally.ts';

describeEach(sharedDatabases)('orders on $name', (database) => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await startCheckout({ database });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  test('a double click makes one order, and the second click is told which', async () => {
    const productId = await checkout.createProduct();
    const { body: hold } = await checkout.hold(productId, 2);

    const replies = await atOnce(20, () => checkout.order(hold.hold_id));

    expect(tally(replies)).toEqual({ 201: 1, hold_already_ordered: 19 });
    expect(new Set(replies.map(({ body }) => body.order_id)).size).toBe(1);
    const list = await checkout.admin('GET', `/orders?product_id=${productId}`);
    expect(list.body.items).toHaveLength(1);
  });

  test('two tabs with the same key get the same order', async () => {
    const productId = await checkout.createProduct();
    const { body: hold } = await checkout.hold(productId, 2);
    const key = { 'idempotency-key': randomUUID() };

    const replies = await atOnce(20, () => checkout.order(hold.hold_id, key));

    expect(tally(replies)).toEqual({ 201: 20 });
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    const otherHold = await checkout.hold(productId);
    expect((await checkout.order(otherHold.body.hold_id, key)).body.code).toBe('idempotency_key_reused');
    expect((await checkout.order(otherHold.body.hold_id)).status).toBe(201);
  });

  test('a repeated order is answered as at first, whatever became of it', async () => {
    const productId = await checkout.createProduct();
    const { body: hold } = await checkout.hold(productId);
    const key = { 'idempotency-key': randomUUID() };
    const first = await checkout.order(hold.hold_id, key);
    await checkout.pay({ idempotency_key: randomUUID(), order_id: first.body.order_id });

    const again = await checkout.order(hold.hold_id, key);

    expect(again.text).toBe(first.text);
    expect((await checkout.get(`/api/v1/orders/${first.body.order_id}`)).body.status).toBe('paid');
  });

  test('an order takes nothing from the shelf; its payment does', async () => {
    const productId = await checkout.createProduct({ stock: 10 });

    const order = await checkout.ordered(productId, 4);
    expect((await checkout.product(productId)).body).toMatchObject({
      stock: 10,
      held_stock: 4,
      available_stock: 6,
    });
    expect((await checkout.hold(productId, 7)).body.available_stock).toBe(6);

    await checkout.pay({ idempotency_key: randomUUID(), order_id: order.order_id });
    expect((await checkout.product(productId)).body).toMatchObject({
      stock: 6,
      held_stock: 0,
      available_stock: 6,
    });
    expect((await checkout.get(`/api/v1/holds/${order.hold_id}`)).body.status).toBe('consumed');
  });

  test('the buyer pays the price at which the units were held', async () => {
    const productId = await checkout.createProduct({ price: 19.99 });
    const { body: before } = await checkout.hold(productId, 3);
    await checkout.admin('PATCH', `/products/${productId}`, { price: 25 });
    const { body: after } = await checkout.hold(productId, 3);

    const [cheap, dear] = [await checkout.order(before.hold_id), await checkout.order(after.hold_id)];

    expect([cheap.body.total, dear.body.total]).toEqual([59.97, 75]);
    const paid = await checkout.pay({
      idempotency_key: randomUUID(),
      order_id: cheap.body.order_id,
      amount: 59.97,
      currency: 'USD',
    });
    expect(paid.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 3 });
  });

  test('a guessed id leads nowhere', async () => {
    const guess = 4_503_599_627_370;

    const replies = await Promise.all([
      checkout.get(`/api/v1/holds/${guess}`),
      checkout.release(guess),
      checkout.order(guess),
      checkout.get(`/api/v1/orders/${guess}`),
      checkout.cancel(guess),
    ]);

    expect(replies.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'hold_not_found'],
      [404, 'hold_not_found'],
      [404, 'hold_not_found'],
      [404, 'order_not_found'],
      [404, 'order_not_found'],
    ]);
  });

  test('ids of holds and orders use all of 53 bits, each as likely 0 as 1, so guessing is hopeless', async () => {
    const productId = await checkout.createProduct({ stock: 400 });
    await checkout.connect(400);
    const orders = await atOnce(400, () => checkout.ordered(productId));

    for (const ids of [orders.map(({ hold_id }) => hold_id), orders.map(({ order_id }) => order_id)]) {
      expect(new Set(ids).size).toBe(400);
      for (let bit = 0; bit < 53; bit += 1) {
        const ones = ids.filter((id) => (BigInt(id) >> BigInt(bit)) & 1n).length;
        // Seven standard deviations around the middle.
        expect(Math.abs(ones - 200), `bit ${bit}`).toBeLessThan(70);
      }
    }
  });

  test('units of a cancelled order are available at once, and cancelling again does nothing', async () => {
    const productId = await checkout.createProduct({ stock: 5 });
    const order = await checkout.ordered(productId, 5);

    const replies = await atOnce(5, () => checkout.cancel(order.order_id));

    expect(tally(replies)).toEqual({ 200: 5 });
    expect(new Set(replies.map(({ body }) => body.status))).toEqual(new Set(['cancelled']));
    expect((await checkout.hold(productId, 5)).status).toBe(201);
    expect((await checkout.order(order.hold_id)).body.code).toBe('hold_already_ordered');
    expect((await checkout.release(order.hold_id)).status).toBe(204);
  });

  test('a hold with a pending order is not let go, the order has to be cancelled', async () => {
    const productId = await checkout.createProduct();
    const order = await checkout.ordered(productId);

    const refused = await checkout.release(order.hold_id);
    expect(refused.body).toMatchObject({ code: 'hold_already_ordered', order_id: order.order_id });

    await checkout.pay({ idempotency_key: randomUUID(), order_id: order.order_id });
    expect((await checkout.release(order.hold_id)).body.code).toBe('hold_consumed');
    expect((await checkout.cancel(order.order_id)).body).toMatchObject({
      code: 'order_not_cancellable',
      order_status: 'paid',
    });
  });

  test('a payment that is in flight while its order is cancelled takes the units again or is refunded', async () => {
    const productId = await checkout.createProduct({ stock: 60 });
    const orders = await atOnce(60, () => checkout.ordered(productId));

    const [cancels, payments, holds] = await Promise.all([
      Promise.all(orders.map(({ order_id }) => checkout.cancel(order_id))),
      Promise.all(
        orders.map(({ order_id }) => checkout.pay({ idempotency_key: `flight ${order_id}`, order_id })),
      ),
      atOnce(60, () => checkout.hold(productId)),
    ]);

    expect(tally(payments)).toEqual({ 200: 60 });
    let sold = 0;
    for (const [index, { order_id }] of orders.entries()) {
      const { body: order } = await checkout.get(`/api/v1/orders/${order_id}`);
      const paid = payments[index]?.body;
      expect(order.status).toBe(paid?.order_status);
      if (order.status === 'paid') {
        sold += 1;
        expect(paid).toMatchObject({ result: 'processed', stock_deducted: 1 });
        expect(order.refunds).toEqual([]);
      } else {
        expect(order.status).toBe('refund_due');
        expect(order.refunds).toMatchObject([{ amount: order.total, status: 'due', reason: 'late_payment' }]);
      }
      // Either the payment came first and the order could no longer be cancelled, or the other way round.
      const cancel = cancels[index];
      expect([cancel?.body.status, cancel?.body.order_status]).toContain(
        cancel?.status === 200 ? 'cancelled' : order.status,
      );
    }
    const held = tally(holds)[201] ?? 0;
    expect((await checkout.product(productId)).body).toMatchObject({ stock: 60 - sold, held_stock: held });
    expect(sold + held).toBeLessThanOrEqual(60);
  });

  test('a payment after the cancellation is fulfilled from free units, else it is refunded', async () => {
    const productId = await checkout.createProduct({ stock: 2 });
    const [first, second] = [await checkout.ordered(productId), await checkout.ordered(productId)];
    await Promise.all([checkout.cancel(first.order_id), checkout.cancel(second.order_id)]);
    await checkout.hold(productId);

    const [fulfilled, refunded] = [
      await checkout.pay({ idempotency_key: randomUUID(), order_id: first.order_id }),
      await checkout.pay({ idempotency_key: randomUUID(), order_id: second.order_id }),
    ];

    expect(fulfilled.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 1 });
    expect(refunded.body).toMatchObject({
      result: 'refund_due',
      order_status: 'refund_due',
      stock_deducted: 0,
    });
  });
});
