import { beforeEach, expect, test } from 'vitest';
import type { Refund } from '../../src/domain/refund.ts';
import type { PaymentProvider } from '../../src/payments/payment-provider.ts';
import { readStripeEvent } from '../../src/payments/stripe/read-stripe-event.ts';
import { stripeProvider } from '../../src/payments/stripe/stripe-provider.ts';
import { refundRound } from '../../src/workers/refund-worker.ts';
import { emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import type { StripeIntent, StripeRefund } from '../support/stripe-ledger.ts';
import { type StripeRequest, type StripeServer, stripeForTest } from '../support/stripe-server.ts';
import { until } from '../support/until.ts';

/** Of a payment of 100.00 that is owed in full, 40.00 are returned in the pages of Stripe. */
const paidMinor = 10_000;
const byHandMinor = 4_000;
const signal = new AbortController().signal;

describeEach(sharedDatabases)('a due refund of which a part was returned by hand on $name', (kind) => {
  const database = emptyDatabase(kind);
  let stripe: StripeServer;
  let provider: PaymentProvider;
  let sale: Sale;
  let refund: Refund;
  let intent: string;
  /** How many events of Stripe were delivered or lost. */
  let delivered = 0;
  beforeEach(async () => {
    delivered = 0;
    stripe = await stripeForTest();
    provider = stripeProvider({ apiKey: 'sk_test_1', apiUrl: stripe.url });
    // Each event of a payment is in a second of its own, as in reality.
    let seconds = 1_795_770_000;
    stripe.ledger.nowMs = () => {
      seconds += 1;
      return seconds * 1000;
    };
    sale = new Sale(database.store);
    const order = await sale.order((await sale.hold(await sale.product({ stock: 5 }))).id);
    intent = await paidIntent(order.id);
    refund = await refundNow();
    expect(refund).toMatchObject({ status: 'due', owedMinor: paidMinor, reason: 'amount_mismatch' });
  });

  /** A payment that does not have the amount of its order. */
  async function paidIntent(orderId: number): Promise<string> {
    const { body } = stripe.ledger.answer('POST', '/v1/payment_intents', {
      fields: { amount: String(paidMinor), currency: 'usd' },
      metadata: { flash_sale_order_id: String(orderId) },
    });
    const { id } = body as StripeIntent;
    stripe.ledger.pay(id);
    await deliver();
    return id;
  }

  /** Hands the events of Stripe that were not delivered yet to the engine. */
  async function deliver(isLost: (type: string) => boolean = () => false): Promise<void> {
    const events = stripe.ledger.events.slice(delivered);
    delivered = stripe.ledger.events.length;
    for (const event of events.filter(({ type }) => !isLost(type))) {
      const meaning = readStripeEvent(event, { testEventsIgnored: null, hasTestKey: true });
      if (meaning.kind === 'command') {
        const { outcome } = await sale.engine.submit(meaning.command);
        expect(outcome.kind).toBe('payment_event_answered');
      }
    }
  }
  const loseEvents = () => deliver(() => true);

  const round = (by = sale, reader = database.store) =>
    refundRound({ reader, engine: by.engine, provider, stopping: signal })();
  /** Pauses and leases are over. */
  const waitForPauses = () => database.run('update refunds set next_attempt_at = null, leased_until = null');
  async function rounds(count = 1): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await waitForPauses();
      await round();
    }
  }
  async function refundNow(): Promise<Refund> {
    const { items } = await database.store.refunds({}, { limit: 2, cursor: null });
    expect(items).toHaveLength(1);
    return items[0] ?? expect.fail('there is no refund');
  }
  const settle = async () =>
    (await sale.engine.submit({ kind: 'settle_refund', refundId: refund.id })).outcome;
  const returnByHand = (minor = byHandMinor) => stripe.ledger.refundByHand(intent, minor);

  const isAttempt = ({ method, path }: StripeRequest) => method === 'POST' && path === '/v1/refunds';
  const attempts = () => stripe.requests.filter(isAttempt).map(({ form }) => Number(form.fields.amount));
  const sumOf = (refunds: readonly StripeRefund[]) => refunds.reduce((sum, { amount }) => sum + amount, 0);
  const standing = () => stripe.ledger.refunds.filter(({ status }) => status !== 'failed');

  /** All of the payment went back, less what a dispute took, and the service agrees with Stripe. */
  async function expectWhole({ lostMinor = 0 } = {}): Promise<void> {
    const requests = stripe.requests.length;
    expect(sumOf(standing())).toBe(paidMinor - lostMinor);
    expect(await refundNow()).toMatchObject({
      status: 'succeeded',
      owedMinor: paidMinor,
      amountMinor: paidMinor,
    });
    await rounds();
    await deliver();
    await rounds();
    expect(await refundNow()).toMatchObject({ status: 'succeeded' });
    expect(stripe.requests).toHaveLength(requests);
    expect(await database.store.audit()).toMatchObject({ ok: true });
  }

  test('sends the difference when the notification arrives before the attempt', async () => {
    returnByHand();
    await deliver();
    expect(await refundNow()).toMatchObject({ status: 'due', returnedMinor: byHandMinor });

    await round();

    expect(attempts()).toEqual([6_000]);
    expect(stripe.requests.find(isAttempt)?.key).toBe(`refund_${refund.id}_10000_6000`);
    expect(await refundNow()).toMatchObject({ returnedMinor: byHandMinor, sentMinor: 6_000 });
    await expectWhole();
  });

  test('sends the difference when the notification arrives after a refusal', async () => {
    returnByHand();
    // The sum cannot be looked up.
    stripe.faultOf = ({ method }) => (method === 'GET' ? { kind: 'hang-up', done: false } : null);
    await round();
    expect(attempts()).toEqual([10_000]);
    expect(await refundNow()).toMatchObject({ status: 'due', returnedMinor: 0 });
    stripe.faultOf = () => null;

    await deliver();
    await round();

    expect(attempts()).toEqual([10_000, 6_000]);
    await expectWhole();
  });

  test('sends the difference when the notification never arrives', async () => {
    returnByHand();
    await loseEvents();

    await round();
    expect(await refundNow()).toMatchObject({
      status: 'due',
      returnedMinor: byHandMinor,
      lastError: expect.stringContaining('greater than unrefunded amount'),
    });
    // At once: the refusal was about another sum.
    await round();

    expect(attempts()).toEqual([10_000, 6_000]);
    await expectWhole();
  });

  test('sends the difference when the part goes back while the request is on its way', async () => {
    stripe.faultOf = (request) => {
      if (isAttempt(request)) {
        stripe.faultOf = () => null;
        returnByHand();
      }
      return null;
    };
    await round();
    await deliver();
    await rounds();

    expect(attempts()).toEqual([10_000, 6_000]);
    await expectWhole();
  });

  test.each([
    ['with', deliver],
    ['without', loseEvents],
  ])('sends nothing after all of it was returned by hand, %s a notification', async (_, events) => {
    returnByHand(paidMinor);
    await events();
    await rounds(2);

    expect(sumOf(standing())).toBe(paidMinor);
    await expectWhole();
  });

  test('sends the difference after several parts, whichever of their notifications is lost', async () => {
    returnByHand(1_000);
    await loseEvents();
    returnByHand(3_000);
    await deliver();
    returnByHand(500);
    await loseEvents();

    await rounds(3);

    expect(attempts()).toEqual([6_000, 5_500]);
    await expectWhole();
  });

  test('refuses that an operator settles it while a worker is sending it', async () => {
    returnByHand();
    await deliver();
    const answers: Promise<unknown>[] = [];
    stripe.faultOf = (request) => {
      if (isAttempt(request)) {
        answers.push(settle());
      }
      return null;
    };
    await round();

    expect(await Promise.all(answers)).toEqual([
      { kind: 'refused', code: 'refund_in_progress', untilMs: expect.any(Number) },
    ]);
    expect(await settle()).toMatchObject({ kind: 'refund_settled', refund: { sentMinor: 6_000 } });
    await expectWhole();
  });

  test('counts what an operator settles as the difference, and sends nothing', async () => {
    returnByHand();
    await deliver();

    expect(await settle()).toMatchObject({
      kind: 'refund_settled',
      refund: { status: 'succeeded', returnedMinor: byHandMinor, sentMinor: 6_000, amountMinor: paidMinor },
    });
    await rounds();

    expect(attempts()).toEqual([]);
    expect(sumOf(standing())).toBe(byHandMinor);
    expect(await database.store.audit()).toMatchObject({ ok: true });
  });

  test('sends the difference once when two workers work at once', async () => {
    returnByHand();
    const other = database.another();
    const both = () => Promise.all([round(), round(new Sale(other), other)]);

    await both();
    await deliver();
    await waitForPauses();
    await both();

    expect(attempts()).toEqual([10_000, 6_000]);
    await expectWhole();
  });

  test.each([
    ['before the request', false],
    ['before the answer is stored', true],
  ])('sends the difference once when a worker stops %s', async (_, isSent) => {
    returnByHand();
    await deliver();
    const { outcome } = await sale.engine.submit({
      kind: 'begin_refund',
      refundId: refund.id,
      leaseSeconds: 1,
    });
    expect(outcome).toMatchObject({ kind: 'refund_begun', refund: { attemptMinor: 6_000 } });
    if (isSent) {
      const request = {
        refundId: refund.id,
        paymentReference: intent,
        amountMinor: 6_000,
        owedMinor: paidMinor,
        currency: 'USD',
        knownReferences: [],
        mayBeForgotten: false,
      };
      await provider.sendRefund(request, signal);
      await loseEvents();
    }
    await round();
    expect(attempts()).toHaveLength(isSent ? 1 : 0);

    await until(async () => {
      await round();
      return (await refundNow()).status === 'succeeded';
    });

    expect(standing().map(({ amount }) => amount)).toEqual([6_000, 4_000]);
    await expectWhole();
  });

  test('looks through the refunds at Stripe before it sends another sum than an attempt without an answer', async () => {
    stripe.failNext({ kind: 'hang-up', done: false });
    await round();
    returnByHand();
    await deliver();
    const before = stripe.requests.length;

    await rounds();

    expect(stripe.requests.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/refunds',
      'POST /v1/refunds',
    ]);
    await expectWhole();
  });

  test('counts an attempt that took effect without an answer before it sends another sum', async () => {
    const byHand = returnByHand();
    await deliver();
    stripe.failNext({ kind: 'hang-up', done: true });
    await round();
    await loseEvents();
    // Now 100.00 seem to be left.
    stripe.ledger.failRefund(byHand.id);
    await deliver();
    expect(await refundNow()).toMatchObject({ status: 'due', returnedMinor: 0, sentMinor: 0 });

    await rounds();
    expect(await refundNow()).toMatchObject({ status: 'due', sentMinor: 6_000 });
    await rounds();

    expect(attempts()).toEqual([6_000, 4_000]);
    await expectWhole();
  });

  test.each([
    ['its own part', 6_000],
    ['the part that was returned by hand', 4_000],
  ])('sends %s again after it failed, and no more', async (_, amount) => {
    returnByHand();
    await deliver();
    await round();
    await deliver();
    await expectWhole();

    stripe.ledger.failRefund(standing().find((each) => each.amount === amount)?.id ?? '');
    await deliver();
    expect(await refundNow()).toMatchObject({ status: 'due', owedMinor: paidMinor });
    await rounds();

    expect(attempts().slice(1)).toContain(amount);
    await expectWhole();
  });

  test('sends its part again in another second of Stripe than the failure, so that their order is known', async () => {
    stripe.ledger.nowMs = Date.now;
    returnByHand();
    await deliver();
    await round();
    await deliver();

    stripe.ledger.failRefund(standing()[0]?.id ?? '');
    await deliver();
    await until(async () => {
      await round();
      return (await refundNow()).status === 'succeeded';
    });
    await deliver();

    // The second request is answered with the refund that failed, and the third has the next key.
    expect(attempts()).toEqual([6_000, 6_000, 6_000]);
    await expectWhole();
  });

  test('sends a part of the same sum again after an earlier part of that sum went through', async () => {
    const first = returnByHand(6_000);
    await deliver();
    await round();
    stripe.ledger.failRefund(first.id);
    returnByHand(2_000);
    await deliver();

    await rounds();

    expect(new Set(standing().map(({ amount }) => amount))).toEqual(new Set([4_000, 2_000]));
    await expectWhole();
  });

  test('waits while a dispute is open, and sends the difference after it is won', async () => {
    returnByHand();
    const dispute = stripe.ledger.dispute(intent, 6_000);
    await deliver();
    await rounds(2);
    // A worker may have read the refund before the dispute was opened.
    const { outcome } = await sale.engine.submit({
      kind: 'begin_refund',
      refundId: refund.id,
      leaseSeconds: 60,
    });
    expect(outcome.kind).toBe('refund_not_to_send');
    expect(attempts()).toEqual([]);

    stripe.ledger.closeDispute(dispute, 'won');
    await deliver();
    await rounds();

    expect(attempts()).toEqual([6_000]);
    await expectWhole();
  });

  test.each([
    ['nothing after a lost dispute took the rest', 6_000, []],
    ['what a lost dispute left', 2_500, [3_500]],
  ])('sends %s', async (_, lostMinor, sent) => {
    returnByHand();
    const dispute = stripe.ledger.dispute(intent, lostMinor);
    await deliver();
    stripe.ledger.closeDispute(dispute, 'lost');
    await deliver();

    await rounds();

    expect(attempts()).toEqual(sent);
    await expectWhole({ lostMinor });
  });

  test('sends what a dispute took after the dispute is won at last', async () => {
    returnByHand();
    const dispute = stripe.ledger.dispute(intent, 6_000);
    stripe.ledger.closeDispute(dispute, 'lost');
    await deliver();
    await rounds();
    expect(attempts()).toEqual([]);

    stripe.ledger.closeDispute(dispute, 'won');
    await deliver();
    await rounds();

    expect(attempts()).toEqual([6_000]);
    await expectWhole();
  });

  test('is refused during a dispute whose notification is late, and is sent after the dispute', async () => {
    const dispute = stripe.ledger.dispute(intent, paidMinor);
    await round();
    expect(await refundNow()).toMatchObject({
      status: 'due',
      lastError: expect.stringContaining('charged back'),
    });
    await deliver();
    await rounds(2);
    expect(attempts()).toEqual([10_000]);

    stripe.ledger.closeDispute(dispute, 'won');
    await deliver();
    await rounds();

    await expectWhole();
  });
});
