import { describe, expect, it } from 'vitest';
import { readStripeEvent, type StripeObject } from './read-stripe-event.ts';

const metadata = { flash_sale_order_id: '6120948351207743', flash_sale_hold_id: '4738201964413057' };
const intent = { id: 'pi_1', amount: 239_998, amount_received: 239_998, currency: 'usd', metadata };
const charge = { id: 'ch_1', payment_intent: 'pi_1', amount_refunded: 100, currency: 'usd' };
const refund = { id: 're_1', status: 'failed', metadata: { flash_sale_refund_id: '77' } };

const read = (type: string, object: StripeObject) => readStripeEvent({ id: 'evt_1', type, data: { object } });

describe('a payment', () => {
  it.each([
    ['payment_intent.succeeded', { status: 'paid', amountMinor: 239_998, currency: 'USD' }],
    ['payment_intent.canceled', { status: 'failed', amountMinor: null, currency: null }],
    ['payment_intent.payment_failed', { status: 'declined', amountMinor: null, currency: null }],
  ])('%s is one of our events, under the id of its own', (type, said) => {
    expect(read(type, intent)).toEqual({
      kind: 'command',
      command: {
        kind: 'apply_payment_event',
        event: {
          key: 'evt_1',
          orderId: 6_120_948_351_207_743,
          holdId: 4_738_201_964_413_057,
          reference: 'pi_1',
          ...said,
        },
      },
    });
  });

  it('counts what was received, in our minor units', () => {
    const less = { ...intent, amount_received: 400, currency: 'isk' };
    expect(read('payment_intent.succeeded', less)).toMatchObject({
      command: { event: { amountMinor: 4, currency: 'ISK' } },
    });
  });

  it('may name its order or its hold alone', () => {
    const byHold = { ...intent, metadata: { flash_sale_hold_id: '5' } };
    expect(read('payment_intent.succeeded', byHold)).toMatchObject({
      command: { event: { orderId: null, holdId: 5 } },
    });
  });

  it.each([
    ['no metadata', undefined],
    ['metadata of somebody else', { order_id: '5' }],
    ['an id that is no number', { flash_sale_order_id: 'five' }],
    ['an id beyond all numbers', { flash_sale_order_id: '9999999999999999' }],
    ['an id of nothing', { flash_sale_order_id: '0' }],
    ['an id that is no text', { flash_sale_order_id: 5 }],
    ['an id that every object has', 'flash_sale_order_id'],
  ])('with %s is somebody else’s', (_, changed) => {
    expect(read('payment_intent.succeeded', { ...intent, metadata: changed })).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['no id', { id: undefined }, 'data.object.id'],
    ['an amount as text', { amount_received: '1' }, 'data.object.amount_received'],
    ['a part of a cent', { amount_received: 1.5 }, 'data.object.amount_received'],
    ['no money', { amount_received: 0 }, 'data.object.amount_received'],
    ['a part of a krona', { amount_received: 450, currency: 'isk' }, 'data.object.amount_received'],
    ['no currency', { currency: undefined }, 'data.object.currency'],
    ['an unknown currency', { currency: 'xyw' }, 'data.object.currency'],
  ])('with %s is malformed', (_, changed, field) => {
    expect(read('payment_intent.succeeded', { ...intent, ...changed })).toMatchObject({
      kind: 'malformed',
      errors: [{ field }],
    });
  });
});

describe('a refund', () => {
  it('is confirmed by its charge, with all that went back of it', () => {
    expect(read('charge.refunded', charge)).toEqual({
      kind: 'command',
      command: {
        kind: 'apply_provider_refund',
        reference: 'pi_1',
        refundedMinor: 100,
        currency: 'USD',
        providerReference: null,
      },
    });
  });

  it('of a charge without an intent is somebody else’s', () => {
    expect(read('charge.refunded', { ...charge, payment_intent: null })).toEqual({ kind: 'nothing' });
  });

  it.each([{ amount_refunded: undefined }, { amount_refunded: -1 }, { currency: 'xyw' }])(
    'with %o is malformed',
    (changed) => {
      expect(read('charge.refunded', { ...charge, ...changed })).toMatchObject({ kind: 'malformed' });
    },
  );

  it.each([
    ['refund.failed', 'failed'],
    ['refund.updated', 'failed'],
    ['charge.refund.updated', 'failed'],
    ['refund.updated', 'canceled'],
  ])('of ours that failed is open again: %s with the status %s', (type, status) => {
    expect(read(type, { ...refund, status })).toMatchObject({
      command: {
        kind: 'reopen_refund',
        refundId: 77,
        providerReference: 're_1',
        error: expect.stringContaining(status),
      },
    });
  });

  it.each([
    ['has not failed', { status: 'succeeded' }],
    ['is still on its way', { status: 'pending' }],
    ['is none of ours', { metadata: {} }],
    ['has no name', { id: undefined }],
  ])('that %s is left as it is', (_, changed) => {
    expect(read('refund.updated', { ...refund, ...changed })).toEqual({ kind: 'nothing' });
  });
});

it.each(['customer.created', 'payment_intent.created', 'charge.succeeded', 'refund.created', 'toString'])(
  '%s is of no concern',
  (type) => {
    expect(read(type, intent)).toEqual({ kind: 'nothing' });
  },
);
