import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { PaymentSuite } from '../support/payment-suite.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('payment events on $name', (database) => {
  const suite = new PaymentSuite(database);

  test('the same event in turn has one effect and the same answer, byte for byte', async () => {
    const order = await suite.checkout.ordered(suite.productId, 2);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id, status: 'paid' };
    const before = await suite.stock();

    const first = await suite.checkout.pay(event);
    const again = await suite.checkout.pay(event);
    const inOtherWords = await suite.checkout.pay({ ...event, status: 'succeeded', provider_field: [1, 2] });

    expect(first.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 2 });
    expect([again.text, inOtherWords.text]).toEqual([first.text, first.text]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await suite.stock()).toBe(before - 2);
  });

  test('the same event many times in parallel has one effect', async () => {
    const order = await suite.checkout.ordered(suite.productId, 3);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id };
    const before = await suite.stock();

    const replies = await atOnce(50, () => suite.checkout.pay(event));

    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect(await suite.stock()).toBe(before - 3);
    await until(
      () =>
        suite.checkout.logged('Duplicate webhook detected', { idempotency_key: event.idempotency_key })
          .length === 49,
    );
  });

  test('a key that comes with other content is refused and changes nothing', async () => {
    const order = await suite.checkout.ordered(suite.productId);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id };
    await suite.checkout.pay({ ...event, status: 'failed' });

    const other = await suite.checkout.pay(event);

    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await suite.checkout.orderOf(order)).status).toBe('failed');
  });

  test('two events with different keys for one payment count once', async () => {
    const order = await suite.checkout.ordered(suite.productId, 2);
    const event = { order_id: order.order_id, payment_reference: `pi_${order.order_id}` };
    const before = await suite.stock();

    const replies = await atOnce(10, () => suite.pay(event));

    expect(replies.map(({ body }) => body.result).toSorted()).toEqual([
      ...Array(9).fill('ignored'),
      'processed',
    ]);
    expect(await suite.stock()).toBe(before - 2);
    expect(await suite.checkout.refundsOf(order)).toEqual([]);
  });

  test('the second of two payments for one order is refunded', async () => {
    const order = await suite.checkout.ordered(suite.productId, 2);
    const before = await suite.stock();

    const replies = await atOnce(3, (index) =>
      suite.pay({ order_id: order.order_id, payment_reference: `pi_${order.order_id}_${index}` }),
    );

    expect(replies.map(({ body }) => body.result).toSorted()).toEqual([
      'processed',
      'refund_due',
      'refund_due',
    ]);
    expect((await suite.checkout.orderOf(order)).status).toBe('paid');
    expect(await suite.checkout.refundsOf(order)).toMatchObject(
      Array(2).fill({ amount: order.total, status: 'due', reason: 'second_payment' }),
    );
    expect(await suite.stock()).toBe(before - 2);
  });

  test('where it is unclear whether it is other money, an operator is told and nothing is sent by itself', async () => {
    const order = await suite.checkout.ordered(suite.productId);
    await suite.pay({ order_id: order.order_id });

    const unclear = await suite.pay({ order_id: order.order_id, payment_reference: 'pi_perhaps_the_same' });

    expect(unclear.body).toMatchObject({
      result: 'possible_second_payment',
      order_status: 'paid',
      stock_deducted: 0,
    });
    expect(await suite.checkout.refundsOf(order)).toEqual([]);
    await until(
      () => suite.checkout.logged('Possible second payment', { order_id: order.order_id }).length === 1,
    );
  });

  test('a failure after the payment is ignored', async () => {
    const order = await suite.checkout.ordered(suite.productId);
    await suite.pay({ order_id: order.order_id });

    const failure = await suite.pay({ order_id: order.order_id, status: 'failure' });

    expect(failure.body).toMatchObject({ result: 'ignored', order_status: 'paid', stock_deducted: 0 });
    expect((await suite.checkout.orderOf(order)).status).toBe('paid');
  });

  test.each([
    ['too little', { amount: 199.99, currency: 'USD' }],
    ['too much', { amount: 200.01, currency: 'USD' }],
    ['another currency', { amount: 200, currency: 'EUR' }],
  ])('money that is %s is due back and fulfils nothing; the right money still does', async (_, wrong) => {
    const order = await suite.checkout.ordered(suite.productId, 2);
    const before = await suite.stock();

    const mismatch = await suite.pay({ order_id: order.order_id, ...wrong });
    expect(mismatch.body).toMatchObject({
      result: 'amount_mismatch',
      order_status: 'pending',
      stock_deducted: 0,
    });
    expect(await suite.checkout.refundsOf(order)).toMatchObject([
      { ...wrong, status: 'due', reason: 'amount_mismatch' },
    ]);
    expect(await suite.stock()).toBe(before);

    const right = await suite.pay({ order_id: order.order_id, amount: 200, currency: 'usd' });
    expect(right.body).toMatchObject({ result: 'processed', order_status: 'paid' });
  });

  test('an event of an order and a hold that do not belong together is refused', async () => {
    const [order, other] = [
      await suite.checkout.ordered(suite.productId),
      await suite.checkout.ordered(suite.productId),
    ];

    const reply = await suite.pay({ order_id: order.order_id, hold_id: other.hold_id });

    expect(reply.status).toBe(422);
    expect((await suite.checkout.orderOf(order)).status).toBe('pending');
  });
});
