import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import type { Body, Reply } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { signEvent, webhookSecret } from '../support/signed-events.ts';

const setUps = sharedDatabases.flatMap((database) =>
  [false, true].map((isSigned) => ({
    name: `${database.name}, ${isSigned ? 'signed with Standard Webhooks' : 'unsigned'}`,
    missing: database.missing,
    database,
    isSigned,
  })),
);

const facts = ['refunded', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost'] as const;

describeEach(setUps)('refunds and disputes of any provider on $name', ({ database, isSigned }) => {
  let checkout: Checkout;
  let productId: number;
  beforeAll(async () => {
    checkout = await startCheckout({
      database,
      variables: isSigned ? { WEBHOOK_SECRETS: webhookSecret } : {},
    });
    checkout.sign = isSigned ? signEvent : null;
    productId = await checkout.createProduct({ stock: 1000, price: 189 });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  const stock = async () => (await checkout.product(productId)).body.stock;
  const referenceOf = ({ hold_id }: Pick<Body, 'hold_id'>) => `pi_${hold_id}`;

  /** Reports about the payment of an order, each with a key of its own. */
  function report(order: Body, status: string, fields: object = {}): Promise<Reply> {
    return checkout.pay({
      ...{ idempotency_key: randomUUID(), order_id: order.order_id, status },
      ...{ payment_reference: referenceOf(order), ...fields },
    });
  }
  const dollars = (amount: number) => ({ amount, currency: 'USD' });

  async function paidOrder(): Promise<Body> {
    const order = await checkout.ordered(productId);
    expect((await report(order, 'paid')).body).toMatchObject({ order_status: 'paid' });
    return order;
  }

  /** All that an order's answer has besides what was there before its payment. */
  async function expectEnd(order: Body, end: object): Promise<void> {
    expect(await checkout.orderOf(order)).toEqual({ ...order, payment: null, refunds: [], ...end });
  }
  const refund = (fields: object) => ({
    refund_id: expect.any(Number),
    currency: 'USD',
    status: 'succeeded',
    ...fields,
  });
  const dispute = (fields: object) => ({ dispute_id: 'dp_1', ...dollars(189), ...fields });
  const parked = { status: 202, text: '{"result":"parked"}' };

  test('a refund of 189.00 that arrives before its payment keeps the order from being fulfilled', async () => {
    const order = await checkout.ordered(productId);
    const before = await stock();

    expect(await report(order, 'refunded', dollars(189))).toMatchObject(parked);
    const { body } = await report(order, 'paid', dollars(189));

    const { order_id } = order;
    expect(body).toEqual({ result: 'processed', order_id, order_status: 'refunded', stock_deducted: 0 });
    expect(await stock()).toBe(before);
    await expectEnd(order, { status: 'refunded', refunds: [refund({ amount: 189, reason: 'returned' })] });
    expect((await checkout.product(productId)).body.held_stock).toBe(0);
  });

  test('a part of 40.00 that arrives before its payment is shown with the paid order', async () => {
    const order = await checkout.ordered(productId);
    expect(await report(order, 'refunded', dollars(40))).toMatchObject(parked);
    expect((await report(order, 'paid')).body).toMatchObject({ order_status: 'paid', stock_deducted: 1 });
    await expectEnd(order, {
      status: 'paid',
      refunds: [refund({ amount: 40, reason: 'returned_in_part' })],
    });
  });

  const refundThatFails = {
    paid: {},
    refunded: { ...dollars(189), occurred_at: '2026-11-27T10:00:00Z' },
    refund_failed: { ...dollars(189), refund_id: 're_1', occurred_at: '2026-11-27T10:00:01Z' },
  } as const;
  test.each<(keyof typeof refundThatFails)[][]>([
    [['paid', 'refunded', 'refund_failed']],
    [['refunded', 'paid', 'refund_failed']],
    [['refunded', 'refund_failed', 'paid']],
    [['refund_failed', 'refunded', 'paid']],
    [['refund_failed', 'paid', 'refunded']],
    [['paid', 'refund_failed', 'refunded']],
  ])(
    'a refund that fails afterwards leaves the order paid when the events arrive as %s',
    async (statuses) => {
      const order = await checkout.ordered(productId);
      const before = await stock();
      for (const status of statuses) {
        expect((await report(order, status, refundThatFails[status])).status).toBeLessThan(300);
      }
      await expectEnd(order, { status: 'paid' });
      expect(await stock()).toBe(before - 1);
    },
  );

  test('a refund of a parked payment ends the order as refunded when it comes', async () => {
    const { hold_id } = (await checkout.hold(productId)).body;
    const about = { order_id: undefined, hold_id };
    const hold = { hold_id } as Body;
    expect(await report(hold, 'paid', about)).toMatchObject(parked);
    expect(await report(hold, 'refunded', { ...about, ...dollars(189) })).toMatchObject(parked);

    const { status, body } = await checkout.order(hold_id);

    const refunds = [refund({ amount: 189, reason: 'returned' })];
    expect([status, body]).toMatchObject([201, { status: 'refunded', payment: null, refunds }]);
    await expectEnd(body, { status: 'refunded', refunds });
  });

  test.each(facts)('%s of an unknown payment waits for it, with and without an amount', async (status) => {
    const unknown = { order_id: 4_503_599_627_370, hold_id: 1 } as Body;
    for (const amount of [{}, dollars(40)]) {
      const about = { hold_id: undefined, payment_reference: randomUUID(), ...amount };
      expect(await report(unknown, status, about)).toMatchObject(parked);
    }
  });

  const returned = (amount: number, reason: string) => ({ refunds: [refund({ amount, reason })] });
  test.each<[(typeof facts)[number], object, string, object]>([
    ['refunded', {}, 'refunded', returned(189, 'returned')],
    ['refunded', dollars(40), 'paid', returned(40, 'returned_in_part')],
    ['disputed', {}, 'paid', { disputes: [dispute({ status: 'open' })] }],
    ['disputed', dollars(40), 'paid', { disputes: [dispute({ amount: 40, status: 'open' })] }],
    ['dispute_won', {}, 'paid', { disputes: [dispute({ status: 'won' })] }],
    ['dispute_won', dollars(40), 'paid', { disputes: [dispute({ amount: 40, status: 'won' })] }],
    ['dispute_lost', {}, 'refunded', { disputes: [dispute({ status: 'lost' })] }],
    ['dispute_lost', dollars(40), 'paid', { disputes: [dispute({ amount: 40, status: 'lost' })] }],
  ])('%s with %o of a known payment leaves the order %s', async (status, amount, orderStatus, end) => {
    const order = await paidOrder();
    const before = await stock();
    const event = { ...amount, idempotency_key: randomUUID(), dispute_id: 'dp_1' };

    const first = await report(order, status, event);
    const again = await report(order, status, event);
    const inOtherWords = await report(order, status, { ...event, idempotency_key: randomUUID() });

    const { order_id } = order;
    const answer = { order_id, order_status: orderStatus, stock_deducted: 0 };
    expect([first.status, first.body]).toEqual([200, { result: 'processed', ...answer }]);
    expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
    expect([inOtherWords.status, inOtherWords.body]).toEqual([200, { result: 'ignored', ...answer }]);
    await expectEnd(order, { status: orderStatus, ...end });
    expect(await stock()).toBe(before);
  });

  test.each([
    [{}, [200, 'processed', 'paid'], []],
    [dollars(140), [200, 'processed', 'paid'], [49]],
  ])('refund_failed with %o is subtracted once by its refund_id', async (amount, answer, left) => {
    const order = await paidOrder();
    await report(order, 'refunded');
    const failed = { ...amount, refund_id: 're_1' };

    const first = await report(order, 'refund_failed', failed);
    const again = await report(order, 'refund_failed', failed);

    expect([first.status, first.body.result, first.body.order_status]).toEqual(answer);
    expect(again.body).toMatchObject({ result: 'ignored', order_status: 'paid' });
    await expectEnd(order, {
      status: 'paid',
      refunds: left.map((each) => refund({ amount: each, reason: 'returned_in_part' })),
    });
    if (left.length > 0) {
      const other = await report(order, 'refund_failed', { ...dollars(9), refund_id: 're_2' });
      expect(other.body.result).toBe('processed');
      await expectEnd(order, { status: 'paid', ...returned(40, 'returned_in_part') });
    }
  });

  test('the sum of the latest occurred_at counts, and 0 takes all of it back', async () => {
    const order = await paidOrder();
    const at = (time: string, amount: number) =>
      report(order, 'refunded', { ...dollars(amount), occurred_at: `2026-11-27T${time}` });

    const results = [
      await at('10:00:00Z', 189),
      await at('09:59:59Z', 40),
      await at('11:00:00+01:00', 100),
      await at('10:00:01Z', 60),
      await at('10:00:02.5Z', 0),
      await at('10:00:02Z', 189),
    ];

    expect(results.map(({ body }) => [body.result, body.order_status])).toEqual([
      ['processed', 'refunded'],
      ['ignored', 'refunded'],
      ['ignored', 'refunded'],
      ['processed', 'paid'],
      ['processed', 'paid'],
      ['ignored', 'paid'],
    ]);
    await expectEnd(order, { status: 'paid' });
  });

  test('each dispute_id has a state of its own, and between won and lost the later occurred_at counts', async () => {
    const order = await paidOrder();
    const at = (hour: number, status: string, dispute_id: string, amount: number) =>
      report(order, status, {
        ...dollars(amount),
        ...{ dispute_id, occurred_at: `2026-11-27T${String(hour).padStart(2, '0')}:00:00Z` },
      });

    const results = [
      await at(11, 'dispute_lost', 'dp_1', 100),
      await at(10, 'dispute_won', 'dp_1', 100),
      await at(12, 'disputed', 'dp_1', 100),
      await at(10, 'disputed', 'dp_2', 89),
      await at(12, 'dispute_lost', 'dp_2', 89),
      await at(13, 'dispute_won', 'dp_2', 89),
    ];

    expect(results.map(({ body }) => [body.result, body.order_status])).toEqual([
      ['processed', 'paid'],
      ['ignored', 'paid'],
      ['ignored', 'paid'],
      ['processed', 'paid'],
      ['processed', 'refunded'],
      ['processed', 'paid'],
    ]);
    await expectEnd(order, {
      status: 'paid',
      disputes: [
        dispute({ amount: 100, status: 'lost' }),
        dispute({ dispute_id: 'dp_2', amount: 89, status: 'won' }),
      ],
    });
  });

  test('without a payment_reference the event is about the payment that bought the order', async () => {
    const order = await checkout.ordered(productId);
    const unnamed = { payment_reference: undefined };
    expect(await report(order, 'disputed', { ...unnamed, dispute_id: 'dp_1' })).toMatchObject(parked);
    expect((await report(order, 'paid')).body.order_status).toBe('paid');
    expect((await report(order, 'paid', { payment_reference: randomUUID() })).body.result).toBe('refund_due');

    const { body } = await report(order, 'refunded', { ...unnamed, ...dollars(40) });

    expect(body).toMatchObject({ result: 'processed', order_status: 'paid' });
    const { refunds, disputes } = await checkout.orderOf(order);
    expect(refunds.map(({ amount, reason, status }) => [amount, reason, status])).toEqual([
      [189, 'second_payment', 'due'],
      [40, 'returned_in_part', 'succeeded'],
    ]);
    expect(disputes).toEqual([dispute({ status: 'open' })]);
  });

  test('a part of a due refund that went back at the provider is its returned sum', async () => {
    const order = await paidOrder();
    const second = { payment_reference: randomUUID() };
    await report(order, 'paid', second);

    await report(order, 'refunded', { ...second, ...dollars(40) });

    const due = refund({ amount: 189, status: 'due', reason: 'second_payment' });
    await expectEnd(order, { status: 'paid', refunds: [{ ...due, returned: 40 }] });
    await report(order, 'refunded', { ...second, ...dollars(189) });
    await expectEnd(order, {
      status: 'paid',
      refunds: [{ ...due, status: 'succeeded', returned: 189 }],
    });
  });
});
