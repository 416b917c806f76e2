import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { type Body, type Checkout, startCheckout } from '../support/checkout.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import { until } from '../support/until.ts';

const keyed = (key: string) => ({ 'idempotency-key': key });
const unknownOrder = 4_503_599_627_370;

describeEach(sharedDatabases)('money that operators decide about on $name', (kind) => {
  let database: OpenDatabase;
  let checkout: Checkout;

  beforeAll(async () => {
    database = await kind.take();
    checkout = await startCheckout({
      database,
      variables: {
        PARKED_SECONDS: '1',
        EVENT_WEBHOOK_URLS: 'http://127.0.0.1:9/events',
        EVENT_WEBHOOK_SECRETS: 'whsec_b25l',
      },
    });
    (await ApiDescription.of(checkout)).watch(checkout);
  });
  afterEach(async () => expect(await checkout.auditDifferences()).toEqual([]));
  afterAll(async () => {
    await checkout.stop();
    await database.close();
  });

  const ordered = async (fields: Readonly<Record<string, unknown>> = {}, qty = 1) =>
    checkout.ordered(await checkout.createProduct(fields), qty);
  const paid = async (fields: Readonly<Record<string, unknown>> = {}, qty = 1) => {
    const order = await ordered(fields, qty);
    const reference = `pi_${order.order_id}`;
    await checkout.pay({
      idempotency_key: `paid ${order.order_id}`,
      order_id: order.order_id,
      payment_reference: reference,
    });
    return { ...order, reference };
  };
  const refund = (order_id: number, body: object = {}, headers = {}) =>
    checkout.admin('POST', `/orders/${order_id}/refund`, { reason: 'arrived broken', ...body }, headers);
  const payBy = ({ order_id, total }: Body, reference: string, body: object = {}, headers = {}) =>
    checkout.admin(
      'POST',
      `/orders/${order_id}/pay`,
      { amount: total, currency: 'USD', reference, reason: 'paid by transfer', ...body },
      headers,
    );
  const resolve = (idempotency_key: string, decision: string, headers = {}) =>
    checkout.admin(
      'POST',
      '/payment-events/resolve',
      { idempotency_key, decision, reason: 'looked up' },
      headers,
    );
  const eventOf = async (key: string) =>
    (await checkout.admin('GET', `/payment-events?idempotency_key=${encodeURIComponent(key)}`)).body.items[0];
  const decisionsOf = async (order_id: number) =>
    (await checkout.admin('GET', `/decisions?order_id=${order_id}`)).body.items;

  describe('a refund', () => {
    test('of a part, then of the rest with its units, reaches the order, the lists and the log', async () => {
      const order = await paid({ stock: 10 }, 2);
      const part = await refund(order.order_id, { amount: 40 });
      expect([part.status, part.body]).toMatchObject([
        200,
        { status: 'paid', refunds: [{ amount: 40, status: 'due', reason: 'requested' }] },
      ]);
      const rest = await refund(order.order_id, { restock: true });
      expect(rest.body).toMatchObject({ status: 'paid', refunds: [{ amount: 200, status: 'due' }] });
      expect((await checkout.product(order.product_id)).body.stock).toBe(10);
      const [due] = await checkout.refundsOf(order);
      await checkout.admin('POST', `/refunds/${due?.refund_id}/settle`);
      expect((await checkout.orderOf(order)).status).toBe('refunded');
      // Both may be of the same millisecond.
      const decisions = (await decisionsOf(order.order_id)).toSorted((one, two) => one.amount - two.amount);
      expect(decisions).toMatchObject([
        { decision: 'refund', amount: 40, restocked: 0, payment: `ref:${order.reference}` },
        { decision: 'refund', amount: 160, restocked: 2, reason: 'arrived broken' },
      ]);
      const lines = () => checkout.logged('Operator decided', { order_id: order.order_id, amount: 160 });
      await until(() => lines().length === 1);
    });

    test('under one key goes back once, in parallel too', async () => {
      const order = await paid();
      const replies = await Promise.all(
        Array.from({ length: 5 }, () => refund(order.order_id, { amount: 40 }, keyed(`r${order.order_id}`))),
      );
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
      expect(await checkout.refundsOf(order)).toMatchObject([{ amount: 40 }]);
      const other = await refund(order.order_id, { amount: 41 }, keyed(`r${order.order_id}`));
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    });

    test.each([
      [{ amount: 100.01 }, 'amount'],
      [{ amount: 0 }, 'amount'],
      [{ amount: -1 }, 'amount'],
      [{ amount: 1.005 }, 'amount'],
      [{ amount: '1' }, 'amount'],
      [{ amount: 40, restock: true }, 'restock'],
      [{ restock: 'yes' }, 'restock'],
      [{ reason: '' }, 'reason'],
      [{ reason: 'x'.repeat(201) }, 'reason'],
      [{ currency: 'USD' }, 'currency'],
    ])('of %o is refused', async (body, field) => {
      const order = await paid();
      const { status, body: answer } = await refund(order.order_id, body);
      expect([status, answer.errors.map((error) => error.field)]).toEqual([422, [field]]);
      expect(await checkout.refundsOf(order)).toEqual([]);
    });

    test('of an order that is not paid, or that is nowhere, is refused', async () => {
      const order = await ordered();
      const refused = await refund(order.order_id);
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { code: 'order_not_refundable', order_status: 'pending' },
      ]);
      expect((await refund(unknownOrder)).body.code).toBe('order_not_found');
    });

    test('keeps the longest reason, beside the order that it is about', async () => {
      const order = await paid();
      const reason = '因'.repeat(200);
      expect((await refund(order.order_id, { reason, restock: true })).status).toBe(200);
      expect(await decisionsOf(order.order_id)).toMatchObject([{ reason }]);
    });
  });

  describe('a payment', () => {
    test('buys an order and is told like any other payment', async () => {
      const order = await ordered({ stock: 10 }, 2);
      const reply = await payBy(order, `t_${order.order_id}`);
      expect([reply.status, reply.body]).toMatchObject([200, { status: 'paid', refunds: [] }]);
      expect((await checkout.product(order.product_id)).body).toMatchObject({ stock: 8, held_stock: 0 });
      const events = await checkout.admin('GET', `/events?order_id=${order.order_id}&type=order.paid`);
      expect(events.body.items).toHaveLength(1);
      expect((await checkout.admin('GET', `/payment-events?order_id=${order.order_id}`)).body.items).toEqual(
        [],
      );
      expect(await decisionsOf(order.order_id)).toMatchObject([
        { decision: 'pay', amount: 200, currency: 'USD', payment: `ref:t_${order.order_id}` },
      ]);
      const late = await checkout.pay({
        idempotency_key: `late ${order.order_id}`,
        order_id: order.order_id,
        payment_reference: `t_${order.order_id}`,
      });
      expect(late.body.result).toBe('ignored');
    });

    test('buys a cancelled order while its units are there, and is refused once they are gone', async () => {
      const order = await ordered({ stock: 1 });
      await checkout.cancel(order.order_id);
      const { hold_id } = (await checkout.hold(order.product_id)).body;
      const refused = await payBy(order, `t_${order.order_id}`);
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { code: 'insufficient_stock', available_stock: 0, requested: 1 },
      ]);
      expect(refused.body.next_release_at).not.toBeNull();
      expect(await decisionsOf(order.order_id)).toEqual([]);
      await checkout.release(hold_id);
      expect((await payBy(order, `t_${order.order_id}`)).body.status).toBe('paid');
    });

    test('under one key buys once, and other values under it are refused', async () => {
      const order = await ordered();
      const pay = (reference: string) => payBy(order, reference, {}, keyed(`p${order.order_id}`));
      const replies = await Promise.all(['t', 't', 't'].map((name) => pay(`${name}_${order.order_id}`)));
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
      expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(2);
      expect((await pay('another')).body.code).toBe('idempotency_key_reused');
    });

    test('whose reference was settled before is refused with the order that it bought', async () => {
      const bought = await paid();
      const order = await ordered();
      const refused = await payBy(order, bought.reference);
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { code: 'payment_already_settled', order_id: bought.order_id },
      ]);
      expect((await checkout.orderOf(order)).status).toBe('pending');
    });

    test.each([
      [{ amount: 99.99 }, 'amount'],
      [{ currency: 'EUR' }, 'currency'],
      [{ currency: 'XXY' }, 'currency'],
      [{ reference: '' }, 'reference'],
      [{ reference: 'x'.repeat(256) }, 'reference'],
      [{ reason: undefined }, 'reason'],
    ])('with %o is refused', async (body, field) => {
      const order = await ordered();
      const { status, body: answer } = await payBy(order, 'transfer', body);
      expect([status, answer.errors.map((error) => error.field)]).toEqual([422, [field]]);
    });

    test('of an order that is paid already is refused', async () => {
      const order = await paid();
      const refused = await payBy(order, 'another transfer');
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { code: 'order_not_payable', order_status: 'paid' },
      ]);
    });
  });

  describe('a payment event that waits for an operator', () => {
    const flagged = async () => {
      const order = await paid();
      const key = `flagged ${order.order_id}`;
      await checkout.pay({ idempotency_key: key, order_id: order.order_id });
      return { order, key };
    };
    const unmatched = async (event: object = {}) => {
      const key = `unmatched ${performance.now()}`;
      const fields = { amount: 5, currency: 'USD', payment_reference: key, ...event };
      await checkout.pay({ idempotency_key: key, order_id: unknownOrder, ...fields });
      const { orderId, holdId, reference, status } =
        (await database.store.paymentEvents({ key }, { limit: 1, cursor: null })).items[0] ?? expect.fail();
      const named = { key, orderId, holdId, reference, status };
      await engine().submit({ kind: 'abandon_parked_event', event: named });
      return key;
    };
    let sale: Sale | undefined;
    const engine = () => {
      sale ??= new Sale(database.store);
      return sale.engine;
    };
    const attention = async () => {
      const { unmatchedEvents, possibleSecondPayments } = await database.store.backlog();
      return [unmatchedEvents, possibleSecondPayments];
    };

    test.each(['refund', 'nothing_due'] as const)(
      'leaves the alert when the decision about a second payment is %s',
      async (decision) => {
        const before = await attention();
        const { order, key } = await flagged();
        expect(await attention()).toEqual([before[0], (before[1] ?? 0) + 1]);
        const resolved = await resolve(key, decision);
        expect([resolved.status, resolved.body]).toMatchObject([
          200,
          {
            result: decision === 'refund' ? 'refund_due' : 'ignored',
            resolution: { decision, reason: 'looked up' },
          },
        ]);
        expect(await attention()).toEqual(before);
        expect((await eventOf(key))?.resolution).toEqual(resolved.body.resolution);
        expect(await checkout.refundsOf(order)).toMatchObject(
          decision === 'refund' ? [{ amount: 100, status: 'due', reason: 'second_payment' }] : [],
        );
        expect((await resolve(key, decision)).text).toBe(resolved.text);
        const other = await resolve(key, decision === 'refund' ? 'nothing_due' : 'refund');
        expect([other.status, other.body]).toMatchObject([409, { code: 'payment_event_resolved', decision }]);
      },
    );

    test.each(['refund', 'nothing_due'] as const)(
      'leaves the alert when the decision about an unmatched payment is %s',
      async (decision) => {
        const before = await attention();
        const key = await unmatched();
        expect(await attention()).toEqual([(before[0] ?? 0) + 1, before[1]]);
        const resolved = await resolve(key, decision);
        expect([resolved.status, resolved.body.result]).toEqual([
          200,
          decision === 'refund' ? 'refund_due' : 'ignored',
        ]);
        expect(await attention()).toEqual(before);
        const due = (await checkout.items('/refunds')).filter(
          ({ payment }) => String(payment) === `ref:${key}`,
        );
        expect(due).toMatchObject(
          decision === 'refund'
            ? [{ amount: 5, status: 'due', reason: 'requested', hold_id: null, product_id: null }]
            : [],
        );
        if (decision === 'refund') {
          const settled = await checkout.admin('POST', `/refunds/${due[0]?.refund_id}/settle`);
          expect(settled.body.status).toBe('succeeded');
        }
      },
    );

    test('that reports no amount cannot go back, and needs nothing more', async () => {
      const key = await unmatched({ amount: undefined, currency: undefined });
      const refused = await resolve(key, 'refund');
      expect([refused.status, refused.body.code]).toEqual([409, 'nothing_to_refund']);
      expect((await resolve(key, 'nothing_due')).status).toBe(200);
    });

    test('is resolved once by five requests at once, with one key and without', async () => {
      for (const headers of [keyed('resolved at once'), {}]) {
        const { order, key } = await flagged();
        const own = 'idempotency-key' in headers ? keyed(`${headers['idempotency-key']} ${key}`) : headers;
        const replies = await Promise.all(Array.from({ length: 5 }, () => resolve(key, 'refund', own)));
        expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
        expect(await checkout.refundsOf(order)).toHaveLength(1);
      }
    });

    test('is the only kind that can be resolved', async () => {
      const order = await paid();
      const refused = await resolve(`paid ${order.order_id}`, 'nothing_due');
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { code: 'payment_event_not_waiting', result: 'processed' },
      ]);
      expect((await resolve('nowhere', 'refund')).body.code).toBe('payment_event_not_found');
      expect((await resolve('nowhere', 'pay')).body.code).toBe('invalid_request');
    });

    test('a refund without an order is sent by one of two workers at a time', async () => {
      const key = await unmatched();
      await resolve(key, 'refund');
      const due = (await checkout.items('/refunds')).find(({ payment }) => String(payment) === `ref:${key}`);
      const refundId = due?.refund_id ?? expect.fail();
      const other = new Sale(database.store);
      const begun = await Promise.all(
        [engine(), other.engine, engine(), other.engine].map((each) =>
          each.submit({ kind: 'begin_refund', refundId, leaseSeconds: 60 }),
        ),
      );
      expect(begun.map(({ outcome }) => outcome.kind).toSorted()).toEqual([
        'refund_begun',
        'refund_not_to_send',
        'refund_not_to_send',
        'refund_not_to_send',
      ]);
      const settle = await checkout.admin('POST', `/refunds/${refundId}/settle`);
      expect([settle.status, settle.body.code]).toEqual([409, 'refund_in_progress']);
      expect(Date.parse(settle.body.retry_at)).toBeGreaterThan(Date.now() + 30_000);
      await engine().submit({ kind: 'postpone_refund', refundId, error: 'timed out', delayMs: 60_000 });
      const settled = await checkout.admin('POST', `/refunds/${refundId}/settle`);
      expect([settled.status, settled.body.status]).toEqual([200, 'succeeded']);
      await other.engine.close();
    });
  });
});
