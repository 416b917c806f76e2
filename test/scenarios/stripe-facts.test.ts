import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import type { Body, Reply } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { signEvent, stripeIntent, stripePath, stripeSecret } from '../support/signed-events.ts';

describeEach(sharedDatabases)('refunds and disputes at Stripe on $name', (database) => {
  let checkout: Checkout;
  let productId: number;
  beforeAll(async () => {
    checkout = await startCheckout({ database, variables: { STRIPE_WEBHOOK_SECRETS: stripeSecret } });
    productId = await checkout.createProduct({ stock: 1000, price: 189 });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  /** Each event is a second later than the one before, in the order in which Stripe made them. */
  let second = 1_795_770_000;
  function eventOf(type: string, object: object) {
    second += 1;
    return { id: `evt_${second}`, object: 'event', type, created: second, livemode: false, data: { object } };
  }
  async function post(event: object): Promise<Reply> {
    const body = JSON.stringify(event);
    return checkout.post(stripePath, body, await signEvent(stripePath, body));
  }
  const send = (type: string, object: object) => post(eventOf(type, object));

  const intentOf = (order: Body) => `pi_${order.order_id}`;
  const paid = (order: Body) => ({
    ...stripeIntent(order),
    amount_received: 18_900,
    currency: 'usd',
  });
  /** None of them carries our metadata. */
  const charge = (order: Body, amount_refunded: number) => ({
    id: `ch_${order.order_id}`,
    object: 'charge',
    payment_intent: intentOf(order),
    amount: 18_900,
    amount_refunded,
    refunded: amount_refunded === 18_900,
    currency: 'usd',
    metadata: {},
  });
  const failedRefund = (order: Body, amount: number) => ({
    id: `re_${order.order_id}`,
    object: 'refund',
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
    payment_intent: intentOf(order),
    amount,
    currency: 'usd',
    metadata: {},
  });
  const dispute = (order: Body, status: string) => ({
    id: `dp_${order.order_id}`,
    object: 'dispute',
    payment_intent: intentOf(order),
    amount: 18_900,
    currency: 'usd',
    status,
    metadata: {},
  });
  const parked = { status: 202, body: { result: 'parked' } };

  test('a refund that arrives before its payment keeps the order from being fulfilled', async () => {
    const order = await checkout.ordered(productId);
    const before = (await checkout.product(productId)).body.stock;

    expect(await send('charge.refunded', charge(order, 18_900))).toMatchObject(parked);
    const late = await send('payment_intent.succeeded', paid(order));

    expect(late.body).toMatchObject({ order_status: 'refunded', stock_deducted: 0 });
    expect(await checkout.orderOf(order)).toMatchObject({ status: 'refunded' });
    expect((await checkout.product(productId)).body.stock).toBe(before);
  });

  test('a part that arrives before its payment is shown, and the order is paid', async () => {
    const order = await checkout.ordered(productId);
    expect(await send('charge.refunded', charge(order, 900))).toMatchObject(parked);
    expect((await send('payment_intent.succeeded', paid(order))).body.order_status).toBe('paid');
    expect(await checkout.orderOf(order)).toMatchObject({
      status: 'paid',
      refunds: [{ amount: 9, status: 'succeeded', reason: 'returned_in_part' }],
    });
  });

  test('a refund that fails afterwards, without our metadata, makes its order paid again', async () => {
    const order = await checkout.ordered(productId);
    await send('payment_intent.succeeded', paid(order));
    expect((await send('charge.refunded', charge(order, 18_900))).body.order_status).toBe('refunded');

    const failed = await send('refund.failed', failedRefund(order, 18_900));
    const inOtherWords = await send('charge.refund.updated', failedRefund(order, 18_900));

    expect(failed.body).toMatchObject({ result: 'processed', order_status: 'paid' });
    expect(inOtherWords.body).toMatchObject({ result: 'ignored', order_status: 'paid' });
    expect(await checkout.orderOf(order)).toMatchObject({ status: 'paid', refunds: [] });
  });

  test.each([
    ['won', 'won', 'paid'],
    ['warning_closed', 'won', 'paid'],
    ['lost', 'lost', 'refunded'],
  ])('a dispute that is closed as %s is %s, and its order %s', async (closed, status, orderStatus) => {
    const order = await checkout.ordered(productId);
    await send('payment_intent.succeeded', paid(order));

    const opened = await send('charge.dispute.created', dispute(order, 'needs_response'));
    expect(opened.body).toMatchObject({ result: 'processed', order_status: 'paid' });
    const shown = { dispute_id: `dp_${order.order_id}`, amount: 189, currency: 'USD', status: 'open' };
    expect(await checkout.orderOf(order)).toMatchObject({ disputes: [shown] });
    const withdrawn = await send('charge.dispute.funds_withdrawn', dispute(order, 'needs_response'));
    expect(withdrawn.body.result).toBe('ignored');

    await send('charge.dispute.closed', dispute(order, closed));
    expect(await checkout.orderOf(order)).toMatchObject({ status: orderStatus, disputes: [{ status }] });
  });

  test('a dispute whose end arrives first stays closed', async () => {
    const order = await checkout.ordered(productId);
    const succeeded = eventOf('payment_intent.succeeded', paid(order));
    const created = eventOf('charge.dispute.created', dispute(order, 'needs_response'));
    const closed = eventOf('charge.dispute.closed', dispute(order, 'lost'));

    for (const event of [closed, created]) {
      expect(await post(event)).toMatchObject(parked);
    }
    expect((await post(succeeded)).body.order_status).toBe('refunded');
    expect(await checkout.orderOf(order)).toMatchObject({
      status: 'refunded',
      disputes: [{ dispute_id: `dp_${order.order_id}`, status: 'lost' }],
    });
  });

  test('a payment that only its Checkout Session names is known to its refunds and disputes', async () => {
    const order = await checkout.ordered(productId);
    await send('checkout.session.completed', {
      ...stripeIntent(order),
      id: 'cs_1',
      payment_intent: intentOf(order),
      payment_status: 'paid',
      amount_total: 18_900,
      currency: 'usd',
    });
    await send('charge.dispute.created', dispute(order, 'needs_response'));
    expect((await send('charge.refunded', charge(order, 18_900))).body).toMatchObject({
      order_id: order.order_id,
      order_status: 'refunded',
    });
    expect(await checkout.orderOf(order)).toMatchObject({ disputes: [{ status: 'open' }] });
  });
});
