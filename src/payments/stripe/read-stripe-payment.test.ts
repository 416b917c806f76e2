import { describe, expect, it } from 'vitest';
import { readStripeEvent } from './read-stripe-event.ts';
import type { StripeObject } from './stripe-fields.ts';

const metadata = { flash_sale_order_id: '6120948351207743', flash_sale_hold_id: '4738201964413057' };
const intent = { id: 'pi_1', amount: 239_998, amount_received: 239_998, currency: 'usd', metadata };
const session = {
  id: 'cs_1',
  payment_intent: 'pi_1',
  payment_status: 'paid',
  amount_total: 239_998,
  currency: 'usd',
  metadata,
};
const paid = { status: 'paid', amountMinor: 239_998, currency: 'USD' };
const failed = { status: 'failed', amountMinor: null, currency: null };

const read = (type: string, object: StripeObject) =>
  readStripeEvent(
    { id: 'evt_1', type, data: { object } },
    { testEventsIgnored: 'live events only', hasTestKey: false },
  );

/** The command that pays or fails the order of `metadata`. */
const commandWith = (event: object) => ({
  kind: 'command',
  command: {
    kind: 'apply_payment_event',
    event: {
      key: 'evt_1',
      orderId: 6_120_948_351_207_743,
      holdId: 4_738_201_964_413_057,
      reference: 'pi_1',
      ...event,
    },
  },
});

/** Our names in metadata, without an id that names an order or a hold. */
const unreadable: readonly (readonly [string, unknown])[] = [
  ['an id that is not a number', { flash_sale_order_id: 'five' }],
  ['an id beyond all numbers', { flash_sale_order_id: '9999999999999999' }],
  ['the id 0', { flash_sale_order_id: '0' }],
  ['an id that is not text', { flash_sale_order_id: 5 }],
  ['the id of a refund alone', { flash_sale_refund_id: '5' }],
];

const foreign: readonly (readonly [string, unknown])[] = [
  ['without metadata', undefined],
  ['with metadata null', null],
  ['with metadata of another shop', { order_id: '5' }],
  ['with text for metadata', 'flash_sale_order_id'],
];

describe('a payment intent', () => {
  it.each([
    ['payment_intent.succeeded', paid],
    ['payment_intent.canceled', failed],
    ['payment_intent.payment_failed', { ...failed, status: 'declined' }],
  ])('%s is a payment event with the id of the event as its key', (type, said) => {
    expect(read(type, intent)).toEqual(commandWith(said));
  });

  it('counts what was received, in our minor units', () => {
    const less = { ...intent, amount_received: 400, currency: 'isk' };
    expect(read('payment_intent.succeeded', less)).toEqual(
      commandWith({ ...paid, amountMinor: 4, currency: 'ISK' }),
    );
  });

  it('may name its order or its hold alone', () => {
    const byHold = { ...intent, metadata: { flash_sale_hold_id: '5' } };
    expect(read('payment_intent.succeeded', byHold)).toMatchObject({
      command: { event: { orderId: null, holdId: 5 } },
    });
  });

  it.each(foreign)('%s belongs to another shop and leaves nothing', (_, changed) => {
    expect(read('payment_intent.succeeded', { ...intent, metadata: changed })).toEqual({ kind: 'nothing' });
  });

  it.each(unreadable)('with %s is ignored and leaves a warning', (_, changed) => {
    expect(read('payment_intent.succeeded', { ...intent, metadata: changed })).toMatchObject({
      kind: 'nothing',
      ignored: { ids: { orderId: null, holdId: null }, level: 'act' },
    });
  });

  it.each([
    ['without an id', { id: undefined }, 'data.object.id', 'got nothing'],
    [
      'without an amount',
      { amount: undefined, amount_received: undefined },
      'data.object.amount_received',
      'got nothing',
    ],
    ['with the amount null', { amount_received: null }, 'data.object.amount_received', 'got null'],
    ['with an amount as text', { amount_received: '1' }, 'data.object.amount_received', 'got "1"'],
    ['with a part of a cent', { amount_received: 1.5 }, 'data.object.amount_received', 'got 1.5'],
    ['with the amount 0', { amount_received: 0 }, 'data.object.amount_received', 'got 0'],
    [
      'with a part of a krona',
      { amount_received: 450, currency: 'isk' },
      'data.object.amount_received',
      'got 450',
    ],
    ['without a currency', { currency: undefined }, 'data.object.currency', 'got nothing'],
    ['with an unknown currency', { currency: 'xyw' }, 'data.object.currency', 'got "xyw"'],
  ])('that was paid, %s, is malformed', (_, changed, field, got) => {
    expect(read('payment_intent.succeeded', { ...intent, ...changed })).toEqual({
      kind: 'malformed',
      errors: [{ field, message: expect.stringMatching(new RegExp(`^expected .+, ${got}$`)) }],
    });
  });
});

describe('a Checkout Session', () => {
  it.each([
    ['checkout.session.completed', {}, paid],
    ['checkout.session.async_payment_succeeded', {}, paid],
    ['checkout.session.async_payment_failed', { payment_status: 'unpaid' }, failed],
    ['checkout.session.expired', { payment_status: 'unpaid' }, failed],
  ])('%s names the payment by its intent', (type, changed, said) => {
    expect(read(type, { ...session, ...changed })).toEqual(commandWith(said));
  });

  it('that expired before a buyer tried to pay has no intent', () => {
    const expired = { ...session, payment_intent: null, payment_status: 'unpaid' };
    expect(read('checkout.session.expired', expired)).toEqual(commandWith({ ...failed, reference: null }));
  });

  it('counts its total in our minor units', () => {
    const total = { ...session, amount_total: 500, currency: 'mga' };
    expect(read('checkout.session.completed', total)).toEqual(
      commandWith({ ...paid, amountMinor: 50_000, currency: 'MGA' }),
    );
  });

  it.each([
    ['unpaid', 'note'],
    ['no_payment_required', 'act'],
  ])('that is completed with payment_status %s is ignored and leaves a line', (payment_status, level) => {
    expect(read('checkout.session.completed', { ...session, payment_status })).toMatchObject({
      kind: 'nothing',
      ignored: {
        ids: { orderId: 6_120_948_351_207_743 },
        reason: expect.stringContaining(payment_status),
        level,
      },
    });
  });

  it.each(foreign)('%s belongs to another shop and leaves nothing', (_, changed) => {
    for (const type of ['completed', 'async_payment_succeeded', 'async_payment_failed', 'expired']) {
      const changedSession = { ...session, metadata: changed };
      expect(read(`checkout.session.${type}`, changedSession)).toEqual({ kind: 'nothing' });
    }
  });

  it.each([
    ['without an amount', { amount_total: null }, 'data.object.amount_total', 'got null'],
    ['with an amount of 0', { amount_total: 0 }, 'data.object.amount_total', 'got 0'],
    ['without an intent', { payment_intent: null }, 'data.object.payment_intent', 'got null'],
    ['without a status', { payment_status: undefined }, 'data.object.payment_status', 'got nothing'],
    ['with a new status', { payment_status: 'maybe' }, 'data.object.payment_status', 'got "maybe"'],
  ])('that is completed, %s, is malformed', (_, changed, field, got) => {
    expect(read('checkout.session.completed', { ...session, ...changed })).toEqual({
      kind: 'malformed',
      errors: [{ field, message: expect.stringMatching(new RegExp(`^expected .+, ${got}$`)) }],
    });
  });
});
