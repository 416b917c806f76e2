import { describe, expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';
import { signEvent, stripePath, stripeSecret } from '../../../test/support/signed-events.ts';
import { loadConfig } from '../../config/config.ts';
import { stripeModesOf } from '../../config/stripe-mode.ts';
import type { Outcome } from '../../domain/outcomes.ts';
import { stripeEvents } from '../../payments/stripe/stripe-events.ts';

const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  amount_received: 10_000,
  currency: 'usd',
  client_secret: 'pi_1_secret_hunter2',
  metadata: { flash_sale_order_id: '5', flash_sale_hold_id: '6' },
};
const paid = {
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  created: 1_795_770_000,
  livemode: true,
  data: { object: intent },
};
/** As Stripe sends it to an event destination with the payload style thin. */
const thin = {
  id: 'evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0',
  object: 'v2.core.event',
  type: 'v1.payment_intent.succeeded',
  livemode: false,
  created: '2026-11-27T09:00:00.000Z',
  related_object: { id: 'pi_1', type: 'payment_intent', url: '/v1/payment_intents/pi_1' },
};

const processed: Outcome = {
  kind: 'payment_event_answered',
  answer: { result: 'processed', orderId: 5, orderStatus: 'paid', stockDeducted: 2 },
  replayed: false,
};
const ignored = { result: 'ignored', order_id: null, order_status: null, stock_deducted: 0 };

/** A server with these settings, and how to send it signed events. */
async function endpoint(variables: Readonly<Record<string, string>>, outcome: Outcome = processed) {
  const modes = stripeModesOf(loadConfig(variables));
  const served = serverWith({
    decide: () => outcome,
    deps: { stripeEvents: await stripeEvents([stripeSecret], modes) },
  });
  const send = async (event: object) => {
    const payload = JSON.stringify(event);
    const headers = { 'content-type': 'application/json', ...(await signEvent(stripePath, payload)) };
    const response = await served.app.inject({ method: 'POST', url: stripePath, payload, headers });
    return { status: response.statusCode, body: response.json() };
  };
  return { ...served, send };
}

const liveKey = { STRIPE_API_KEY: 'sk_live_hunter2' };
const testKey = { STRIPE_API_KEY: 'sk_test_hunter2' };

describe('the mode of an event', () => {
  it.each([
    ['a live key', liveKey],
    ['a restricted live key', { STRIPE_API_KEY: 'rk_live_hunter2' }],
    ['production without a key', { NODE_ENV: 'production' }],
  ])('is checked with %s: a test event is ignored and leaves a line', async (_, variables) => {
    const { send, commands, warned } = await endpoint(variables);
    expect(await send({ ...paid, livemode: false })).toEqual({ status: 200, body: ignored });
    expect(commands).toEqual([]);
    expect(warned).toEqual([
      {
        message: 'Stripe event ignored',
        fields: {
          event_id: 'evt_1',
          type: 'payment_intent.succeeded',
          order_id: 5,
          hold_id: 6,
          refund_id: null,
          reason: expect.stringMatching(/^livemode is false/),
        },
      },
    ]);
    expect(JSON.stringify(warned)).not.toContain('hunter2');

    expect((await send(paid)).body.result).toBe('processed');
    expect(warned).toHaveLength(1);
  });

  it('is not checked with a test key: test events count, also in production', async () => {
    const { send, warned } = await endpoint({ ...testKey, NODE_ENV: 'production' });
    expect((await send({ ...paid, livemode: false })).body.result).toBe('processed');
    expect(warned).toEqual([]);
  });

  it('may be live with a test key: the payment counts, and one warning names the key', async () => {
    const { send, warned } = await endpoint(testKey);
    expect((await send(paid)).body.result).toBe('processed');
    expect((await send({ ...paid, id: 'evt_2' })).body.result).toBe('processed');
    expect(warned).toEqual([
      {
        message: expect.stringMatching(/STRIPE_API_KEY is a test key/),
        fields: { event_id: 'evt_1', type: 'payment_intent.succeeded' },
      },
    ]);
    expect(JSON.stringify(warned)).not.toContain('hunter2');
  });
});

describe('a thin event', () => {
  it('is 200 ignored, and the first one is a warning that names the setting', async () => {
    const { send, commands, warned } = await endpoint(liveKey);
    expect(await send(thin)).toEqual({ status: 200, body: ignored });
    expect(await send({ ...thin, id: 'evt_2' })).toEqual({ status: 200, body: ignored });
    expect(commands).toEqual([]);
    expect(warned).toEqual([
      {
        message: expect.stringMatching(/thin events.+payload style 'snapshot'/),
        fields: { event_id: thin.id, type: thin.type },
      },
    ]);
  });
});

describe('an event that is ignored and carries our ids', () => {
  it.each([
    ['of a connected account', { account: 'acct_other' }, 'warned', /connected account "acct_other"/],
    ['of another type', { type: 'payment_intent.created' }, 'noted', /type/],
  ] as const)('leaves one line: %s', async (_, fields, level, reason) => {
    const served = await endpoint(liveKey);
    expect(await served.send({ ...paid, ...fields })).toEqual({ status: 200, body: ignored });
    expect(served.commands).toEqual([]);
    expect([...served.warned, ...served.noted]).toEqual(served[level]);
    expect(served[level]).toMatchObject([
      {
        message: 'Stripe event ignored',
        fields: { event_id: 'evt_1', order_id: 5, hold_id: 6, reason: expect.stringMatching(reason) },
      },
    ]);
    expect(JSON.stringify(served[level])).not.toContain('hunter2');
  });

  it('leaves one line also where its order is unknown and the event has no effect later', async () => {
    const { send, noted } = await endpoint(liveKey, { kind: 'payment_event_ignored' });
    expect((await send({ ...paid, type: 'payment_intent.payment_failed' })).body).toEqual(ignored);
    expect(noted).toMatchObject([
      { message: 'Stripe event ignored', fields: { event_id: 'evt_1', order_id: 5, hold_id: 6 } },
    ]);
  });

  it('leaves nothing where the ids are not ours', async () => {
    const { send, warned, noted } = await endpoint(liveKey);
    const data = { object: { ...intent, metadata: { order_id: '5' } } };
    for (const fields of [{}, { livemode: false }, { account: 'acct_other' }, { type: 'charge.succeeded' }]) {
      expect(await send({ ...paid, ...fields, data })).toEqual({ status: 200, body: ignored });
    }
    expect([...warned, ...noted]).toEqual([]);
  });
});

describe('an event that is not as Stripe sends them', () => {
  it.each<[string, object, string, string]>([
    ['without data', { data: undefined }, 'data.object', 'the object that the event is about, got nothing'],
    ['with text for data', { data: 'pi_1' }, 'data', 'an object with object, got "pi_1"'],
    ['without an object', { data: {} }, 'data.object', 'the object that the event is about, got nothing'],
    ['with a time as text', { created: 'now' }, 'created', 'a time in whole seconds since 1970, got "now"'],
    ['with a part of a second', { created: 1.5 }, 'created', 'a time in whole seconds since 1970, got 1.5'],
    ['with text for its mode', { livemode: 'true' }, 'livemode', 'true or false, got "true"'],
    [
      'with a number for its account',
      { account: 5 },
      'account',
      'a text of 0 to 255 characters or null, got 5',
    ],
    ['without an id', { id: undefined }, 'id', '1 to 255 printable ASCII characters, got nothing'],
    [
      'that is paid, without an amount',
      { data: { object: { ...intent, amount_received: undefined } } },
      'data.object.amount_received',
      "an amount of USD of at least 1 in Stripe's smallest unit, got nothing",
    ],
  ])('is 422 with the field and what was expected: %s', async (_, fields, field, expected) => {
    const { send, commands } = await endpoint(liveKey);
    const { status, body } = await send({ ...paid, ...fields });
    expect([status, body.code, body.errors]).toEqual([
      422,
      'invalid_request',
      [{ field, message: `expected ${expected}` }],
    ]);
    expect(commands).toEqual([]);
  });
});
