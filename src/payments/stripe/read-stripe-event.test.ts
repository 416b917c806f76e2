import { describe, expect, it } from 'vitest';
import type { StripeModes } from '../../config/stripe-mode.ts';
import { readStripeEvent } from './read-stripe-event.ts';

const metadata = { flash_sale_order_id: '6120948351207743', flash_sale_hold_id: '4738201964413057' };
const ids = { orderId: 6_120_948_351_207_743, holdId: 4_738_201_964_413_057, refundId: null };
const intent = { id: 'pi_1', amount_received: 239_998, currency: 'usd', metadata };
const paid = { id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', data: { object: intent } };
const all: StripeModes = { testEventsIgnored: null, hasTestKey: true };
const liveOnly: StripeModes = { testEventsIgnored: 'livemode is false', hasTestKey: false };

/** Some fields are there as undefined: the parser of JSON never makes those, and they count as missing. */
const read = (fields: object, modes = all) => readStripeEvent({ ...paid, ...fields }, modes);

describe('an event of the test mode', () => {
  it('is ignored where live events count alone, and leaves its ids and the reason', () => {
    expect(read({ livemode: false }, liveOnly)).toEqual({
      kind: 'nothing',
      ignored: { ids, reason: 'livemode is false', level: 'act' },
    });
  });

  it.each([
    ['with a test key', false, all],
    ['of the live mode, with a test key', true, all],
    ['of the live mode', true, liveOnly],
    ['that does not name its mode', undefined, liveOnly],
  ])('counts %s', (_, livemode, modes) => {
    expect(read({ livemode }, modes)).toMatchObject({ kind: 'command' });
  });
});

describe('an event of a connected account', () => {
  it('is ignored, and leaves its ids and the account', () => {
    expect(read({ account: 'acct_other' })).toMatchObject({
      kind: 'nothing',
      ignored: { ids, reason: expect.stringContaining('connected account "acct_other"'), level: 'act' },
    });
  });

  it('without our ids leaves nothing', () => {
    const data = { object: { ...intent, metadata: {} } };
    expect(read({ account: 'acct_other', data })).toEqual({ kind: 'nothing' });
    expect(read({ livemode: false, data }, liveOnly)).toEqual({ kind: 'nothing' });
  });

  it.each([undefined, null])('is none with the account %s', (account) => {
    expect(read({ account })).toMatchObject({ kind: 'command' });
  });
});

it('a thin event is known by its object, and has neither data nor a numeric time', () => {
  const thin = {
    object: 'v2.core.event',
    type: 'v1.payment_intent.succeeded',
    created: '2026-11-27T09:00:00Z',
    data: undefined,
  };
  expect(read({ ...thin, related_object: { id: 'pi_1', type: 'payment_intent' } })).toEqual({
    kind: 'thin',
  });
});

it.each([
  ['without data', { data: undefined }, 'data.object', 'got nothing'],
  ['without an object', { data: {} }, 'data.object', 'got nothing'],
  ['with an id for an object', { data: { object: 'pi_1' } }, 'data.object', 'got "pi_1"'],
  ['with a list for an object', { data: { object: [] } }, 'data.object', 'got an array'],
  ['with a time as text', { created: '2026-11-27\u202e' }, 'created', 'got "2026-11-27?"'],
])('an event %s is malformed', (_, fields, field, got) => {
  const message = expect.stringMatching(new RegExp(`^expected .+, ${got.replace('?', '\\?')}$`));
  expect(read(fields)).toEqual({ kind: 'malformed', errors: [{ field, message }] });
});

describe('an event of a type without an effect', () => {
  it.each(['customer.created', 'payment_intent.created', 'charge.succeeded', 'refund.created', 'toString'])(
    'leaves a note where it carries our ids: %s',
    (type) => {
      const ignored = { ids, reason: 'events of this type have no effect', level: 'note' };
      expect(read({ type })).toEqual({ kind: 'nothing', ignored });
    },
  );

  it('leaves nothing without our ids', () => {
    expect(read({ type: 'customer.created', data: { object: { id: 'cus_1' } } })).toEqual({
      kind: 'nothing',
    });
  });
});
