import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, type Checkout, checkoutForTest, type Reply, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { bothSecrets } from '../support/signed-events.ts';
import { until } from '../support/until.ts';

const { WEBHOOK_SECRETS, STRIPE_WEBHOOK_SECRETS } = bothSecrets;
const secretOf = (order: Body): string => order.payment?.client_secret ?? 'none';

describeEach(sharedDatabases)('simulated payments on $name', (database) => {
  let checkout: Checkout;
  let productId: number;
  beforeAll(async () => {
    checkout = await startCheckout({ database });
    productId = await checkout.createProduct({ stock: 10_000, name: 'Shoes & <laces>' });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  const act = (secret: string, action: string, more: object = {}, shop = checkout): Promise<Reply> =>
    shop.post(`/simulated-payments/${secret}`, { action, ...more });
  const orderOf = async ({ order_id }: Pick<Body, 'order_id'>, shop = checkout): Promise<Body> =>
    (await shop.get(`/api/v1/orders/${order_id}`)).body;
  const untilStatus = (order: Body, status: string, shop = checkout): Promise<Body> =>
    until(async () => {
      const now = await orderOf(order, shop);
      return now.status === status && now;
    });
  const eventsOf = async ({ order_id }: Body, shop = checkout): Promise<readonly Body[]> =>
    (await shop.admin('GET', `/payment-events?order_id=${order_id}`)).body.items;

  test('every answer of a pending order has the same payment, and no other answer has one', async () => {
    const hold = await checkout.hold(productId, 2);
    const key = { 'idempotency-key': randomUUID() };

    const order = await checkout.order(hold.body.hold_id, key);
    const again = await checkout.order(hold.body.hold_id, key);

    expect(order.body.payment).toEqual({
      provider: 'simulated',
      client_secret: expect.stringMatching(/^sim_\d+_secret$/),
    });
    expect(again.text).toBe(order.text);
    expect((await orderOf(order.body)).payment).toEqual(order.body.payment);
    expect((await checkout.cancel(order.body.order_id)).body.payment).toBeNull();
    expect((await orderOf(order.body)).payment).toBeNull();
    expect((await checkout.order(hold.body.hold_id, key)).text).toBe(order.text);
  });

  test('a payment that succeeds is told of by a signed event, and the order is paid', async () => {
    const order = await checkout.ordered(productId, 2);

    const reply = await act(secretOf(order), 'succeed');

    expect([reply.status, reply.body]).toEqual([200, { status: 'paid' }]);
    expect((await untilStatus(order, 'paid')).payment).toBeNull();
    expect(await eventsOf(order)).toMatchObject([
      { status: 'paid', amount: 200, currency: 'USD', result: 'processed', stock_deducted: 2 },
    ]);
  });

  test('a payment that fails ends the order', async () => {
    const order = await checkout.ordered(productId);
    expect((await act(secretOf(order), 'fail')).body.status).toBe('open');
    await untilStatus(order, 'failed');
  });

  test('a payment that is delayed comes later', async () => {
    const order = await checkout.ordered(productId);
    expect((await act(secretOf(order), 'delay', { delay_ms: 20 })).body.status).toBe('open');
    await untilStatus(order, 'paid');
  });

  test('a payment that is told of twice counts once', async () => {
    const order = await checkout.ordered(productId, 3);
    const before = (await checkout.product(productId)).body.stock;

    await act(secretOf(order), 'duplicate');

    await untilStatus(order, 'paid');
    const [event, ...others] = await eventsOf(order);
    expect(others).toEqual([]);
    const idempotency_key = event?.idempotency_key;
    await until(() => checkout.logged('Duplicate webhook detected', { idempotency_key }).length === 1);
    expect((await checkout.product(productId)).body.stock).toBe(before - 3);
  });

  test('a payment for a hold comes before its order, which is then paid from the start', async () => {
    const { hold_id } = (await checkout.hold(productId)).body;
    const events = async () => (await checkout.admin('GET', `/payment-events?hold_id=${hold_id}`)).body.items;

    await act(`sim_${hold_id}_secret`, 'early');
    await until(async () => (await events()).length === 1);
    const order = await checkout.order(hold_id);

    expect(order.body).toMatchObject({ status: 'paid', payment: null, refunds: [] });
    await act(`sim_${hold_id}_secret`, 'succeed');
    await until(async () => (await events()).length === 2);
    expect((await events()).map(({ result }) => result).toSorted()).toEqual(['ignored', 'processed']);
    expect((await orderOf(order.body)).refunds).toEqual([]);
  });

  test.each([
    ['another action', { action: 'steal' }, 422, 'invalid_request'],
    ['no action', {}, 422, 'invalid_request'],
    ['a field too many', { action: 'succeed', amount: 1 }, 422, 'invalid_request'],
    ['a negative delay', { action: 'delay', delay_ms: -1 }, 422, 'invalid_request'],
    ['a text for a delay', { action: 'delay', delay_ms: '5' }, 422, 'invalid_request'],
  ])('%s is refused', async (_, body, status, code) => {
    const order = await checkout.ordered(productId);
    const reply = await checkout.post(`/simulated-payments/${secretOf(order)}`, body);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect((await orderOf(order)).status).toBe('pending');
  });

  test.each(['sim_123_secret', 'sim_0_secret', 'sim_1', 'pi_1_secret_2', `sim_${'9'.repeat(30)}_secret`])(
    'nothing is paid with %s',
    async (secret) => {
      const replies = [await act(secret, 'succeed'), await checkout.get(`/simulated-payments/${secret}`)];
      expect(replies.map(({ status, body }) => [status, body.code])).toEqual([
        [404, 'hold_not_found'],
        [404, 'hold_not_found'],
      ]);
    },
  );

  describe('the page', () => {
    const form = (secret: string, fields: string): Promise<Reply> =>
      checkout.send('POST', `/simulated-payments/${secret}`, fields, {
        'content-type': 'application/x-www-form-urlencoded',
      });

    test('shows what is to be paid, runs nothing, and pays by a plain form', async () => {
      const order = await checkout.ordered(productId, 2);
      const path = `/simulated-payments/${secretOf(order)}`;

      const page = await checkout.get(path);
      const sent = await form(secretOf(order), 'action=succeed');

      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/,
      );
      expect(page.text).toContain('2 × Shoes &amp; &lt;laces>');
      expect(page.text).toContain('200 USD');
      expect(page.text).not.toMatch(/<script|style=|onclick/);
      expect(
        [...page.text.matchAll(/<button name="action" value="(\w+)">/g)].map(([, name]) => name),
      ).toEqual(['succeed', 'fail', 'delay', 'duplicate']);
      expect([sent.status, sent.headers.location]).toEqual([303, path]);
      await untilStatus(order, 'paid');
      expect((await checkout.get(path)).text).toContain('<dt>Status<dd>paid');
    });

    test('of a hold offers to pay before the order exists', async () => {
      const { hold_id } = (await checkout.hold(productId)).body;
      const page = await checkout.get(`/simulated-payments/sim_${hold_id}_secret`);
      expect(page.text).toContain('value="early"');
      expect((await form(`sim_${hold_id}_secret`, 'action=early&delay_ms=0')).status).toBe(303);
      await until(
        async () =>
          (await checkout.admin('GET', `/payment-events?hold_id=${hold_id}`)).body.items.length === 1,
      );
    });

    test('says what is wrong with a form', async () => {
      const order = await checkout.ordered(productId);
      expect((await form(secretOf(order), 'action=delay&delay_ms=soon')).status).toBe(422);
      expect((await form(secretOf(order), '')).status).toBe(422);
    });
  });

  test('only the provider itself may use its endpoint; the unsigned one stays as it is', async () => {
    const order = await checkout.ordered(productId);
    const event = { idempotency_key: randomUUID(), order_id: order.order_id, status: 'paid' };

    const stranger = await checkout.post('/api/v1/payments/webhook/simulated', event);
    expect([stranger.status, stranger.body.code]).toEqual([401, 'invalid_signature']);
    expect((await checkout.pay(event)).body.result).toBe('processed');
  });

  test.each([
    ['in production', { NODE_ENV: 'production', WEBHOOK_SECRETS }],
    ['where payment events are signed', { WEBHOOK_SECRETS }],
    ['where Stripe sends events', { STRIPE_WEBHOOK_SECRETS }],
    ['behind a proxy', { WEBHOOK_SECRETS, TRUST_PROXY: '127.0.0.1' }],
    ['when they are switched off', { SIMULATED_PAYMENTS: 'false' }],
  ])('%s nothing is simulated', async (_, variables) => {
    const shop = await checkoutForTest({ database, variables });
    const order = await shop.ordered(await shop.createProduct());
    const secret = `sim_${order.hold_id}_secret`;

    expect(order.payment).toBeNull();
    expect((await shop.get(`/api/v1/orders/${order.order_id}`)).body.payment).toBeNull();
    const replies = await Promise.all([
      act(secret, 'succeed', {}, shop),
      shop.get(`/simulated-payments/${secret}`),
      shop.post('/api/v1/payments/webhook/simulated', {}),
    ]);
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(
      Array(3).fill([404, 'route_not_found']),
    );
    expect((await shop.get('/api/openapi.json')).text).not.toContain('simulatePayment');
  });
});

describeEach(sharedDatabases)('simulated payments after the deadline on $name', (database) => {
  test('are fulfilled while units are free; otherwise the money goes back by itself', async () => {
    const shop = await checkoutForTest({ database, variables: { PAYMENT_SECONDS: '1' } });
    const [free, gone] = [await shop.createProduct({ stock: 2 }), await shop.createProduct({ stock: 2 })];
    const [lucky, unlucky] = [await shop.ordered(free, 2), await shop.ordered(gone, 2)];
    const status = async ({ order_id }: Body) => (await shop.get(`/api/v1/orders/${order_id}`)).body;

    for (const order of [lucky, unlucky]) {
      await shop.post(`/simulated-payments/${secretOf(order)}`, { action: 'delay' });
    }
    await until(async () => (await shop.availableStock(gone)) === 2);
    await shop.hold(gone);

    await until(async () => (await status(lucky)).status === 'paid');
    await until(async () => (await status(unlucky)).status === 'refunded');
    expect((await status(unlucky)).refunds).toMatchObject([
      { amount: 200, currency: 'USD', status: 'succeeded', reason: 'late_payment' },
    ]);
    expect((await status(lucky)).refunds).toEqual([]);
    expect(await shop.auditDifferences()).toEqual([]);
  });
});
