import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import type { Body, Reply } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { sendStripeEvent, stripeIntent, stripeSecret } from '../support/signed-events.ts';
import { atOnce } from '../support/tally.ts';

describeEach(sharedDatabases)('Checkout Sessions of a shop at Stripe on $name', (database) => {
  let checkout: Checkout;
  let productId: number;
  beforeAll(async () => {
    checkout = await startCheckout({ database, variables: { STRIPE_WEBHOOK_SECRETS: stripeSecret } });
    productId = await checkout.createProduct({ stock: 1000 });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  let sent = 0;
  function send(type: string, object: object): Promise<Reply> {
    sent += 1;
    return sendStripeEvent(checkout, { id: `evt_session_${sent}`, type, object });
  }
  /** The session in which an order is paid, with 100 USD a unit. */
  const sessionOf = (order: Body, fields: Readonly<Record<string, unknown>> = {}) => ({
    ...stripeIntent(order),
    id: `cs_${order.order_id}`,
    object: 'checkout.session',
    mode: 'payment',
    payment_intent: `pi_${order.order_id}`,
    payment_status: 'paid',
    amount_total: order.total * 100,
    currency: 'usd',
    ...fields,
  });
  const session = (name: string, order: Body, fields: Readonly<Record<string, unknown>> = {}) =>
    send(`checkout.session.${name}`, sessionOf(order, fields));
  /** The intent of the session; without our ids unless the shop puts them on both. */
  const intentSucceeded = (order: Body, metadata: 'ours' | 'none') =>
    send('payment_intent.succeeded', {
      ...stripeIntent(metadata === 'ours' ? order : {}),
      id: `pi_${order.order_id}`,
      amount_received: order.total * 100,
      currency: 'usd',
    });
  const outcomeOf = ({ body }: Reply) => [body.result, body.order_status, body.stock_deducted];

  test('a session that was paid pays its order, whose intent has no metadata', async () => {
    const order = await checkout.ordered(productId, 2);

    expect((await intentSucceeded(order, 'none')).body).toMatchObject({ result: 'ignored', order_id: null });
    expect(outcomeOf(await session('completed', order))).toEqual(['processed', 'paid', 2]);
    expect((await intentSucceeded(order, 'none')).body).toMatchObject({ result: 'ignored', order_id: null });

    expect(await checkout.orderOf(order)).toMatchObject({ status: 'paid', refunds: [] });
  });

  test('session and intent name one payment, so it settles once in either order, and at once', async () => {
    const first = await checkout.ordered(productId);
    const second = await checkout.ordered(productId);
    const third = await checkout.ordered(productId);
    const before = (await checkout.product(productId)).body.stock;

    expect(outcomeOf(await session('completed', first))).toEqual(['processed', 'paid', 1]);
    expect(outcomeOf(await intentSucceeded(first, 'ours'))).toEqual(['ignored', 'paid', 0]);

    expect(outcomeOf(await intentSucceeded(second, 'ours'))).toEqual(['processed', 'paid', 1]);
    expect(outcomeOf(await session('completed', second))).toEqual(['ignored', 'paid', 0]);

    const replies = await atOnce(10, (index) =>
      index % 2 === 0 ? session('completed', third) : intentSucceeded(third, 'ours'),
    );
    expect(replies.map(({ body }) => body.result).toSorted()).toEqual([
      ...Array(9).fill('ignored'),
      'processed',
    ]);

    for (const order of [first, second, third]) {
      expect(await checkout.orderOf(order)).toMatchObject({ status: 'paid', refunds: [] });
    }
    expect((await checkout.product(productId)).body.stock).toBe(before - 3);
  });

  test('a payment that takes days pays its order when it succeeds, and holds the units until then', async () => {
    const order = await checkout.ordered(productId);
    expect((await session('completed', order, { payment_status: 'unpaid' })).body).toEqual({
      result: 'ignored',
      order_id: null,
      order_status: null,
      stock_deducted: 0,
    });
    expect((await checkout.orderOf(order)).status).toBe('pending');
    expect(outcomeOf(await session('async_payment_succeeded', order))).toEqual(['processed', 'paid', 1]);
  });

  test.each([
    ['async_payment_failed', {}],
    ['expired', {}],
    ['expired', { payment_intent: null }],
  ])('%s ends the order and gives its units back: %o', async (name, fields) => {
    const product = await checkout.createProduct({ stock: 1 });
    const order = await checkout.ordered(product);
    const ended = await session(name, order, { payment_status: 'unpaid', ...fields });
    expect(outcomeOf(ended)).toEqual(['processed', 'failed', 0]);
    expect(await checkout.availableStock(product)).toBe(1);
  });

  test('an amount of a session that differs from the order is owed back by the intent', async () => {
    const order = await checkout.ordered(productId);
    const other = await session('completed', order, { amount_total: 9_000 });
    expect(other.body).toMatchObject({ result: 'amount_mismatch', order_status: 'pending' });
    expect((await checkout.orderOf(order)).refunds).toMatchObject([{ amount: 90, status: 'due' }]);
  });

  test('a session that was paid, without an amount, is refused with the field and what was expected', async () => {
    const order = await checkout.ordered(productId);
    const reply = await session('completed', order, { amount_total: null });
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [
        {
          field: 'data.object.amount_total',
          message: "expected an amount of USD of at least 1 in Stripe's smallest unit, got null",
        },
      ],
    ]);
    expect((await checkout.orderOf(order)).status).toBe('pending');
  });
});
