import { beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../../test/support/stripe-ledger.ts';
import { type StripeServer, stripeForTest } from '../../../test/support/stripe-server.ts';
import { until } from '../../../test/support/until.ts';
import type { PaymentProvider, RefundRequest } from '../payment-provider.ts';
import { stripeProvider } from './stripe-provider.ts';

const order = {
  orderId: 6_120_948_351_207_743,
  holdId: 4_738_201_964_413_057,
  amountMinor: 239_998,
  currency: 'USD',
};
const signal = new AbortController().signal;

let stripe: StripeServer;
let provider: PaymentProvider;

beforeEach(async () => {
  stripe = await stripeForTest();
  provider = stripeProvider({ apiKey: 'sk_test_1', apiUrl: stripe.url });
});

/** A paid intent, and the request to send its money back. */
async function owed(): Promise<RefundRequest> {
  const { reference } = await provider.createIntent(order, signal);
  stripe.ledger.pay(reference);
  const { amountMinor, currency } = order;
  return {
    refundId: 77,
    paymentReference: reference,
    amountMinor,
    owedMinor: amountMinor,
    knownReferences: [],
    currency,
    mayBeForgotten: false,
  };
}

const keysOf = (path: string) =>
  stripe.requests.filter((each) => each.method === 'POST' && each.path === path).map(({ key }) => key);

describe('the payment of an order', () => {
  it('is an intent with its amount, its ids and its key', async () => {
    const intent = await provider.createIntent(order, signal);

    expect(stripe.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/payment_intents',
        key: String(order.orderId),
        authorization: 'Bearer sk_test_1',
        form: {
          fields: { amount: '239998', currency: 'usd', 'automatic_payment_methods[enabled]': 'true' },
          metadata: {
            flash_sale_order_id: String(order.orderId),
            flash_sale_hold_id: String(order.holdId),
          },
        },
      },
    ]);
    expect(intent).toEqual({
      reference: expect.stringMatching(/^pi_/),
      clientSecret: stripe.ledger.intents.get(intent.reference)?.client_secret,
    });
  });

  it('is one, however often it is asked for, also when its answer was lost', async () => {
    stripe.failNext({ kind: 'hang-up', done: true });
    await expect(provider.createIntent(order, signal)).rejects.toMatchObject({ kind: 'unavailable' });

    const intents = [await provider.createIntent(order, signal), await provider.createIntent(order, signal)];

    expect(intents[1]).toEqual(intents[0]);
    expect(stripe.ledger.intents.size).toBe(1);
  });

  it('can be made also when Stripe keeps a failure under its key', async () => {
    stripe.failNext({ kind: 'failure', done: false, kept: true });
    await expect(provider.createIntent(order, signal)).rejects.toMatchObject({ kind: 'unavailable' });

    const intent = await provider.createIntent(order, signal);

    expect(await provider.createIntent(order, signal)).toEqual(intent);
    expect(stripe.ledger.intents.size).toBe(1);
  });

  it('is refused in a currency and an amount that Stripe does not have, and nothing is sent', async () => {
    const odd = { ...order, amountMinor: 5124, currency: 'KWD' };
    await expect(provider.createIntent(odd, signal)).rejects.toMatchObject({
      kind: 'refused',
      isAboutAmount: true,
    });
    expect(stripe.requests).toEqual([]);
  });

  it.each([
    ['amount_too_small', { amountMinor: 10 }],
    ['amount_too_large', { amountMinor: 1_000_000_000_000 }],
    [undefined, { currency: 'SYP' }],
  ])('is refused for its amount or currency by Stripe: %s', async (code, over) => {
    stripe.ledger.otherCurrencies.add('syp');
    await expect(provider.createIntent({ ...order, ...over }, signal)).rejects.toMatchObject({
      kind: 'refused',
      isAboutAmount: true,
      cause: { code },
    });
  });

  it.each([
    ['authentication', refusal(401, 'invalid_request_error', 'Invalid API Key provided'), 'unavailable'],
    ['permission', refusal(403, 'invalid_request_error', 'Not for this key', 'x', 'amount'), 'unavailable'],
    ['the rate', refusal(429, 'invalid_request_error', 'Too many requests', 'rate_limit'), 'unavailable'],
    [
      'a busy object',
      refusal(400, 'invalid_request_error', 'Locked', 'lock_timeout', 'amount'),
      'unavailable',
    ],
    ['a key', refusal(400, 'idempotency_error', 'Other parameters', undefined, 'amount'), 'refused'],
    ['a parameter', refusal(400, 'invalid_request_error', 'Unknown', 'parameter_unknown', 'foo'), 'refused'],
    ['Stripe itself', refusal(500, 'api_error', 'Something went wrong', undefined, 'amount'), 'unavailable'],
  ] as const)('is not refused for its amount by an answer about %s', async (_about, answer, kind) => {
    stripe.failNext({ kind: 'answer', answer });
    await expect(provider.createIntent(order, signal)).rejects.toMatchObject({ kind, isAboutAmount: false });
  });

  it('tells whether it was paid, with what', async () => {
    const { reference } = await provider.createIntent({ ...order, amountMinor: 5, currency: 'ISK' }, signal);
    expect(await provider.lookUpIntent(reference, signal)).toEqual({ status: 'open' });

    stripe.ledger.pay(reference, { amount: 400 });

    expect(await provider.lookUpIntent(reference, signal)).toEqual({
      status: 'paid',
      amountMinor: 4,
      currency: 'ISK',
    });
  });

  it('that is ended is closed, now and when it is ended again', async () => {
    const { reference } = await provider.createIntent(order, signal);
    expect(await provider.cancelIntent(reference, signal)).toEqual({ status: 'closed' });
    expect(await provider.cancelIntent(reference, signal)).toEqual({ status: 'closed' });
    expect(await provider.lookUpIntent(reference, signal)).toEqual({ status: 'closed' });
  });

  it('that was paid just before it is ended is paid', async () => {
    const { reference } = await provider.createIntent(order, signal);
    stripe.ledger.pay(reference);
    expect(await provider.cancelIntent(reference, signal)).toEqual({
      status: 'paid',
      amountMinor: order.amountMinor,
      currency: 'USD',
    });
  });

  it('that is under way cannot be ended and stays open', async () => {
    const { reference } = await provider.createIntent(order, signal);
    const intent = stripe.ledger.intents.get(reference);
    Object.assign(intent ?? {}, { status: 'processing' });
    expect(await provider.cancelIntent(reference, signal)).toEqual({ status: 'open' });
  });
});

describe('a call', () => {
  it.each([
    ['is not answered 200', { kind: 'failure', done: false, kept: false }],
    ['is one too many', { kind: 'busy' }],
    ['loses its connection', { kind: 'hang-up', done: false }],
  ] as const)('that %s is sent once and says that nobody knows', async (_, fault) => {
    const { reference } = await provider.createIntent(order, signal);
    stripe.failNext(fault);
    await expect(provider.lookUpIntent(reference, signal)).rejects.toMatchObject({
      name: 'ProviderError',
      kind: 'unavailable',
    });
    expect(stripe.requests).toHaveLength(2);
  });

  it('ends when its signal says so, and its connection with it', async () => {
    stripe.failNext({ kind: 'silence', done: false });
    const ending = new AbortController();
    const asked = provider.createIntent(order, ending.signal);
    await until(() => stripe.requests.length === 1);

    ending.abort();

    await expect(asked).rejects.toMatchObject({ name: 'ProviderError', kind: 'unavailable' });
    await until(() => stripe.openConnections === 0);
  });

  it('about what Stripe does not know is refused', async () => {
    await expect(provider.lookUpIntent('pi_nobody', signal)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('pi_nobody'),
    });
  });

  it('while Stripe is away says that nobody knows', async () => {
    stripe.isDown = true;
    await expect(provider.createIntent(order, signal)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('a refund', () => {
  it('is sent with its own key and carries its id', async () => {
    const refund = await owed();

    const sent = await provider.sendRefund(refund, signal);

    const [made] = stripe.ledger.refunds;
    expect(sent).toEqual({
      status: 'succeeded',
      reference: made?.id,
      amountMinor: 239_998,
      createdAtMs: (made?.created ?? 0) * 1000,
    });
    expect(keysOf('/v1/refunds')).toEqual(['refund_77_239998_239998']);
    expect(stripe.ledger.refunds).toMatchObject([
      { amount: 239_998, payment_intent: refund.paymentReference, metadata: { flash_sale_refund_id: '77' } },
    ]);
  });

  it.each([
    ['its answer was lost', { kind: 'hang-up', done: true }],
    ['Stripe failed after it', { kind: 'failure', done: true, kept: false }],
    ['Stripe keeps its failure', { kind: 'failure', done: false, kept: true }],
    ['it took effect, and Stripe keeps a failure', { kind: 'failure', done: true, kept: true }],
  ] as const)('is one, also when %s', async (_, fault) => {
    const refund = await owed();
    stripe.failNext(fault);
    await expect(provider.sendRefund(refund, signal)).rejects.toMatchObject({ kind: 'unavailable' });

    const again = await provider.sendRefund(refund, signal);

    expect(again.status).toBe('succeeded');
    expect(stripe.ledger.refunds).toHaveLength(1);
  });

  it('whose key may be forgotten is looked for first', async () => {
    const refund = await owed();
    const sent = await provider.sendRefund(refund, signal);
    stripe.forgetKeys();

    expect(await provider.sendRefund({ ...refund, mayBeForgotten: true }, signal)).toEqual(sent);

    expect(keysOf('/v1/refunds')).toHaveLength(1);
    expect(stripe.ledger.refunds).toHaveLength(1);
  });

  it('whose key may be forgotten and that never came through is sent', async () => {
    const refund = await owed();
    const { amountMinor } = order;
    stripe.ledger.refundByHand(refund.paymentReference, 1);
    const rest = { ...refund, amountMinor: amountMinor - 1, mayBeForgotten: true };
    expect(await provider.sendRefund(rest, signal)).toMatchObject({ status: 'succeeded' });
    expect(stripe.ledger.refunds).toHaveLength(2);
  });

  it('that the bank takes its time for is pending, and told of when it is asked again', async () => {
    const refund = await owed();
    stripe.ledger.newRefundIs = 'pending';
    expect(await provider.sendRefund(refund, signal)).toMatchObject({ status: 'pending' });

    Object.assign(stripe.ledger.refunds[0] ?? {}, { status: 'succeeded' });

    expect(await provider.sendRefund(refund, signal)).toMatchObject({ status: 'succeeded' });
    expect(stripe.ledger.refunds).toHaveLength(1);
  });

  it.each([false, true])(
    'that failed afterwards is sent once more; key forgotten: %s',
    async (mayBeForgotten) => {
      const refund = await owed();
      const failed = await provider.sendRefund(refund, signal);
      stripe.ledger.failRefund(failed.reference);

      const sent = await provider.sendRefund({ ...refund, mayBeForgotten }, signal);

      expect(sent).toMatchObject({ status: 'succeeded' });
      expect(sent.reference).not.toBe(failed.reference);
      expect(await provider.sendRefund({ ...refund, mayBeForgotten }, signal)).toEqual(sent);
      expect(stripe.ledger.refunds).toHaveLength(2);
    },
  );

  it.each([
    ['in full', 239_998],
    ['in part', 4_000],
  ])(
    'of a payment that was refunded %s by hand is refused, and the returned sum can be looked up',
    async (_, byHand) => {
      const refund = await owed();
      stripe.ledger.refundByHand(refund.paymentReference, byHand);

      await expect(provider.sendRefund(refund, signal)).rejects.toMatchObject({ kind: 'refused' });

      expect(await provider.lookUpReturned(refund.paymentReference, signal)).toEqual({
        minor: byHand,
        currency: 'USD',
        atMs: expect.any(Number),
      });
    },
  );

  it('of what is left after a part was refunded by hand is sent', async () => {
    const refund = await owed();
    stripe.ledger.refundByHand(refund.paymentReference, 4_000);

    const rest = { ...refund, amountMinor: refund.amountMinor - 4_000 };
    expect(await provider.sendRefund(rest, signal)).toMatchObject({
      status: 'succeeded',
      amountMinor: 235_998,
    });
    expect(keysOf('/v1/refunds')).toEqual(['refund_77_239998_235998']);
  });

  it('is another one than those that are recorded', async () => {
    const refund = { ...(await owed()), amountMinor: 10_000, owedMinor: 10_000 };
    const first = await provider.sendRefund(refund, signal);

    const more = { ...refund, owedMinor: 20_000, knownReferences: [first.reference], mayBeForgotten: true };
    const second = await provider.sendRefund(more, signal);

    expect(second.reference).not.toBe(first.reference);
    expect(stripe.ledger.refunds).toHaveLength(2);
  });

  it.each([false, true])(
    'of the same sum as a recorded one is another one; key forgotten: %s',
    async (mayBeForgotten) => {
      const refund = await owed();
      // 199,998 were returned by hand, our refund sent the rest, and then the larger part failed and a smaller one was returned.
      const byHand = stripe.ledger.refundByHand(refund.paymentReference, 199_998);
      const rest = { ...refund, amountMinor: 40_000 };
      const first = await provider.sendRefund(rest, signal);
      stripe.ledger.failRefund(byHand.id);
      stripe.ledger.refundByHand(refund.paymentReference, 159_998);

      const again = { ...rest, knownReferences: [first.reference], mayBeForgotten };
      const second = await provider.sendRefund(again, signal);

      expect(second).toMatchObject({ status: 'succeeded', amountMinor: 40_000 });
      expect(second.reference).not.toBe(first.reference);
      expect(await provider.lookUpReturned(refund.paymentReference, signal)).toMatchObject({
        minor: order.amountMinor,
      });
    },
  );

  it.each([
    ['failed', { kind: 'failure', done: true, kept: true }],
    ['was cut', { kind: 'hang-up', done: true }],
  ] as const)('of a part is one, also when its request took effect and %s', async (_, fault) => {
    const refund = { ...(await owed()), amountMinor: 4_000, owedMinor: 4_000 };
    stripe.failNext(fault);
    await expect(provider.sendRefund(refund, signal)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(await provider.sendRefund(refund, signal)).toMatchObject({ amountMinor: 4_000 });

    expect(stripe.ledger.refunds).toHaveLength(1);
  });

  it('of another sum than an attempt that took effect without an answer is that attempt', async () => {
    const refund = { ...(await owed()), amountMinor: 4_000, owedMinor: 4_000 };
    stripe.failNext({ kind: 'hang-up', done: true });
    await expect(provider.sendRefund(refund, signal)).rejects.toMatchObject({ kind: 'unavailable' });

    const more = { ...refund, amountMinor: 10_000, owedMinor: 10_000, mayBeForgotten: true };

    expect(await provider.sendRefund(more, signal)).toMatchObject({ amountMinor: 4_000 });
    expect(stripe.ledger.refunds).toHaveLength(1);
  });

  it('of more than is left is the one that took effect under a forgotten key', async () => {
    const refund = { ...(await owed()), amountMinor: 200_000, owedMinor: 200_000 };
    const sent = await provider.sendRefund(refund, signal);
    stripe.forgetKeys();

    expect(await provider.sendRefund(refund, signal)).toEqual(sent);
    expect(stripe.ledger.refunds).toHaveLength(1);
  });

  it('of a payment that Stripe does not know, or has not so much of, is refused', async () => {
    const refund = await owed();
    const unknown = { ...refund, paymentReference: 'pi_nobody' };
    await expect(provider.sendRefund(unknown, signal)).rejects.toMatchObject({ kind: 'refused' });
    const tooMuch = { ...refund, refundId: 78, amountMinor: order.amountMinor + 1 };
    await expect(provider.sendRefund(tooMuch, signal)).rejects.toMatchObject({ kind: 'refused' });
  });
});
