import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import type { Body, Reply } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { sendStripeEvent, stripeIntent, stripeSecret } from '../support/signed-events.ts';
import { atOnce } from '../support/tally.ts';

describeEach(sharedDatabases)('events of Stripe on $name', (database) => {
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
  function send(type: string, object: object, id = ''): Promise<Reply> {
    sent += 1;
    return sendStripeEvent(checkout, { id: id === '' ? `evt_${sent}` : id, type, object });
  }
  /** 100 USD a unit. */
  const paidWith = (order: Body, fields: Readonly<Record<string, unknown>> = {}) =>
    stripeIntent(order, { amount_received: order.total * 100, currency: 'usd', ...fields });
  const pay = (order: Body, fields: Readonly<Record<string, unknown>> = {}) =>
    send('payment_intent.succeeded', paidWith(order, fields));
  /** @param created when Stripe says that it happened, in seconds since 1970 */
  const refunded = (order: Body, amount: number, created: number) =>
    sendStripeEvent(checkout, {
      id: `evt_refunded_${order.order_id}_${amount}_${created}`,
      type: 'charge.refunded',
      created,
      object: {
        id: `ch_${order.order_id}`,
        payment_intent: `pi_${order.order_id}`,
        amount_refunded: amount * 100,
        currency: 'usd',
      },
    });
  const noon = Date.UTC(2026, 10, 27, 12) / 1000;
  const stock = async (id = productId): Promise<number> => (await checkout.product(id)).body.stock;
  const eventsOf = async ({ order_id }: Body): Promise<readonly Body[]> =>
    (await checkout.admin('GET', `/payment-events?order_id=${order_id}`)).body.items;
  /** An order whose money came too late: the units belong to somebody else by now. */
  async function owed(): Promise<Body> {
    const product = await checkout.createProduct({ stock: 1 });
    const order = await checkout.ordered(product);
    await checkout.cancel(order.order_id);
    await checkout.hold(product);
    expect((await pay(order)).body.result).toBe('refund_due');
    return order;
  }

  test('a payment that succeeded pays its order, once, however often it is told of', async () => {
    const order = await checkout.ordered(productId, 2);
    const before = await stock();
    const event = ['payment_intent.succeeded', paidWith(order), `evt_paid_${order.order_id}`] as const;

    const replies = await atOnce(10, () => send(...event));
    const inOtherWords = await pay(order);

    expect(replies[0]?.body).toEqual({
      result: 'processed',
      order_id: order.order_id,
      order_status: 'paid',
      stock_deducted: 2,
    });
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(9);
    expect(inOtherWords.body).toMatchObject({ result: 'ignored', order_status: 'paid', stock_deducted: 0 });
    expect(await stock()).toBe(before - 2);
  });

  test('the key of an event is its id: the same id with other content is refused', async () => {
    const order = await checkout.ordered(productId);
    await send('payment_intent.canceled', paidWith(order), `evt_${order.order_id}`);
    const other = await send('payment_intent.succeeded', paidWith(order), `evt_${order.order_id}`);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await checkout.orderOf(order)).status).toBe('failed');
  });

  test('a declined card and then another that works end in a paid order; the units are held in between', async () => {
    const product = await checkout.createProduct({ stock: 2 });
    const order = await checkout.ordered(product, 2);

    const declined = await send('payment_intent.payment_failed', paidWith(order));
    expect(declined.body).toEqual({
      result: 'ignored',
      order_id: order.order_id,
      order_status: 'pending',
      stock_deducted: 0,
    });
    expect((await checkout.hold(product)).body.code).toBe('insufficient_stock');
    expect((await checkout.orderOf(order)).status).toBe('pending');

    const paid = await pay(order);
    expect(paid.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 2 });
    expect((await checkout.product(product)).body).toMatchObject({ stock: 0, held_stock: 0 });
    expect((await eventsOf(order)).map(({ status, result }) => [status, result]).toSorted()).toEqual([
      ['declined', 'ignored'],
      ['paid', 'processed'],
    ]);
  });

  test('a card that is declined after the payment, or for nothing that is known, changes nothing', async () => {
    const order = await checkout.ordered(productId);
    await pay(order);
    const late = await send('payment_intent.payment_failed', paidWith(order));
    expect(late.body).toMatchObject({ result: 'ignored', order_status: 'paid' });

    const hold = (await checkout.hold(productId)).body;
    const early = await send('payment_intent.payment_failed', stripeIntent(hold));
    expect([early.status, early.body]).toEqual([
      200,
      { result: 'ignored', order_id: null, order_status: null, stock_deducted: 0 },
    ]);
    expect((await checkout.order(hold.hold_id)).body.status).toBe('pending');
  });

  test('a payment that was cancelled ends its order and gives the units back', async () => {
    const product = await checkout.createProduct({ stock: 1 });
    const order = await checkout.ordered(product);
    const cancelled = await send('payment_intent.canceled', paidWith(order));
    expect(cancelled.body).toMatchObject({ result: 'processed', order_status: 'failed' });
    expect(await checkout.availableStock(product)).toBe(1);
  });

  test('a payment of a hold waits for the order', async () => {
    const hold = (await checkout.hold(productId)).body;
    const early = await send(
      'payment_intent.succeeded',
      stripeIntent(hold, { amount: 10_000, currency: 'usd' }),
    );
    expect([early.status, early.text]).toEqual([202, '{"result":"parked"}']);
    expect((await checkout.order(hold.hold_id)).body.status).toBe('paid');
  });

  test('what was received counts, and not what was asked for', async () => {
    const order = await checkout.ordered(productId);
    const less = await pay(order, { amount: 10_000, amount_received: 9_999 });
    expect(less.body).toMatchObject({ result: 'amount_mismatch', order_status: 'pending' });
    expect((await checkout.orderOf(order)).refunds).toMatchObject([{ amount: 99.99, status: 'due' }]);
  });

  test('a charge that was refunded settles the refund that was due, also when a later event repeats the sum', async () => {
    const order = await owed();

    const part = await refunded(order, 50, noon);
    expect(part.body).toMatchObject({ result: 'processed', order_status: 'refund_due' });
    const confirmed = await refunded(order, 100, noon + 1);
    const again = await refunded(order, 100, noon + 2);

    expect(confirmed.body).toEqual({
      result: 'processed',
      order_id: order.order_id,
      order_status: 'refunded',
      stock_deducted: 0,
    });
    expect(again.body).toMatchObject({ result: 'ignored', order_status: 'refunded' });
    expect((await checkout.orderOf(order)).refunds).toMatchObject([{ amount: 100, status: 'succeeded' }]);
  });

  test('a refund that fails afterwards is due again, also when an older sum arrives late', async () => {
    const order = await owed();
    await refunded(order, 100, noon + 1);
    const refundId = (await checkout.orderOf(order)).refunds[0]?.refund_id;
    const failed = (type: string) =>
      sendStripeEvent(checkout, {
        id: `evt_${type}_${order.order_id}`,
        type,
        created: noon + 2,
        object: {
          id: `re_${order.order_id}`,
          status: 'failed',
          failure_reason: 'lost_or_stolen_card',
          payment_intent: `pi_${order.order_id}`,
          amount: 10_000,
          currency: 'usd',
          metadata: { flash_sale_refund_id: String(refundId) },
        },
      });
    const due = { status: 'refund_due', refunds: [{ status: 'due' }] };

    expect((await failed('refund.failed')).body.result).toBe('processed');
    expect(await checkout.orderOf(order)).toMatchObject(due);

    // The failure is reported by several events, and the sum of before the failure arrives once more.
    expect((await failed('refund.updated')).body.result).toBe('ignored');
    expect((await refunded(order, 100, noon)).body.result).toBe('ignored');
    expect(await checkout.orderOf(order)).toMatchObject(due);

    await checkout.admin('POST', `/refunds/${refundId}/settle`);
    const settled = { status: 'refunded', refunds: [{ status: 'succeeded' }] };
    expect(await checkout.orderOf(order)).toMatchObject(settled);
    expect((await failed('charge.refund.updated')).body.result).toBe('ignored');
    expect(await checkout.orderOf(order)).toMatchObject(settled);
  });

  test('a paid order that is refunded in full is refunded; its units stay sold', async () => {
    const order = await checkout.ordered(productId, 2);
    await pay(order);
    const before = await stock();

    const part = await refunded(order, 50, noon);
    expect(part.body).toMatchObject({ result: 'processed', order_status: 'paid' });
    expect(await checkout.orderOf(order)).toMatchObject({
      status: 'paid',
      refunds: [{ amount: 50, status: 'succeeded', reason: 'returned_in_part' }],
    });

    const all = await refunded(order, 200, noon + 1);
    const late = await refunded(order, 60, noon);

    expect(all.body).toMatchObject({ result: 'processed', order_status: 'refunded' });
    expect(late.body).toMatchObject({ result: 'ignored', order_status: 'refunded' });
    expect(await checkout.orderOf(order)).toMatchObject({
      status: 'refunded',
      refunds: [{ amount: 200, status: 'succeeded', reason: 'returned' }],
    });
    expect(await stock()).toBe(before);
  });

  test.each([
    ['another type', 'customer.created', {}],
    ['a type that is new', 'payment_intent.something', { metadata: { flash_sale_order_id: '5' } }],
    ['a payment of another shop', 'payment_intent.succeeded', { id: 'pi_other', metadata: {} }],
    [
      'a refund of a charge without an intent',
      'charge.refunded',
      { payment_intent: null, amount_refunded: 1, currency: 'usd' },
    ],
    ['a refund on its way', 'refund.updated', { id: 're_3', status: 'pending' }],
  ])('%s is taken and not kept', async (_, type, object) => {
    const kept = async () => (await checkout.admin('GET', '/payment-events?limit=200')).body.items.length;
    const before = await kept();
    const reply = await send(type, object);
    expect([reply.status, reply.body]).toEqual([
      200,
      { result: 'ignored', order_id: null, order_status: null, stock_deducted: 0 },
    ]);
    expect(await kept()).toBe(before);
  });

  test.each([
    ['charge.refunded', { id: 'ch_2', amount_refunded: 1 }],
    ['refund.failed', { id: 're_2', amount: 1, status: 'failed' }],
    ['charge.dispute.created', { id: 'dp_2', amount: 1, status: 'needs_response' }],
    ['charge.dispute.closed', { id: 'dp_2', amount: 1, status: 'lost' }],
  ])('%s of an unknown payment waits for it', async (type, fields) => {
    const reply = await send(type, { payment_intent: 'pi_other', currency: 'usd', ...fields });
    expect([reply.status, reply.text]).toEqual([202, '{"result":"parked"}']);
  });

  test('an event that is not as Stripe sends them is refused with what was expected', async () => {
    const order = await checkout.ordered(productId);
    const reply = await pay(order, { amount_received: '10000' });
    expect([reply.status, reply.body.errors.map(({ field }) => field)]).toEqual([
      422,
      ['data.object.amount_received'],
    ]);
    expect((await checkout.orderOf(order)).status).toBe('pending');
  });
});
