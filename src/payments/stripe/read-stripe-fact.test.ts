import { describe, expect, it } from 'vitest';
import { readStripeEvent } from './read-stripe-event.ts';
import type { StripeObject } from './stripe-fields.ts';

const created = 1_795_770_000;
const charge = { id: 'ch_1', payment_intent: 'pi_1', amount_refunded: 18_900, currency: 'usd', metadata: {} };
const refund = { id: 're_1', payment_intent: 'pi_1', amount: 900, currency: 'usd', status: 'failed' };
const dispute = { id: 'dp_1', payment_intent: 'pi_1', amount: 18_900, currency: 'usd', metadata: {} };

const read = (type: string, object: StripeObject, at: number | undefined = created) =>
  readStripeEvent(
    { id: 'evt_1', type, ...(at === undefined ? {} : { created: at }), data: { object } },
    { testEventsIgnored: null, hasTestKey: false },
  );

/** The command that states a fact about the payment `pi_1`, which names neither order nor hold. */
const fact = (event: object) => ({
  kind: 'command',
  command: {
    kind: 'apply_payment_event',
    event: {
      key: 'evt_1',
      orderId: null,
      holdId: null,
      reference: 'pi_1',
      currency: 'USD',
      occurredAtMs: created * 1000,
      ...event,
    },
  },
});

const malformedAt = (field: string) => ({ kind: 'malformed', errors: [{ field }] });

describe('charge.refunded', () => {
  const returned = { status: 'refunded', amountMinor: 18_900, factId: null };

  it('states the sum that went back so far, at the time of the event', () => {
    expect(read('charge.refunded', charge)).toEqual(fact(returned));
  });

  it('names the order where the charge carries our ids', () => {
    const ours = { ...charge, metadata: { flash_sale_order_id: '5', flash_sale_hold_id: '6' } };
    expect(read('charge.refunded', ours)).toEqual(fact({ ...returned, orderId: 5, holdId: 6 }));
  });

  it('may state that nothing is back, in our minor units', () => {
    const none = { ...charge, amount_refunded: 0, currency: 'isk' };
    expect(read('charge.refunded', none)).toEqual(fact({ ...returned, amountMinor: 0, currency: 'ISK' }));
  });

  it('without a time counts from its arrival', () => {
    const event = { id: 'evt_1', type: 'charge.refunded', data: { object: charge } };
    expect(readStripeEvent(event, { testEventsIgnored: null, hasTestKey: false })).toEqual(
      fact({ ...returned, occurredAtMs: null }),
    );
  });

  it('of a charge without an intent is ignored, with a warning where it carries our ids', () => {
    const direct = { ...charge, payment_intent: null };
    expect(read('charge.refunded', direct)).toEqual({ kind: 'nothing' });
    expect(read('charge.refunded', { ...direct, metadata: { flash_sale_order_id: '5' } })).toMatchObject({
      kind: 'nothing',
      ignored: { ids: { orderId: 5 }, level: 'act' },
    });
  });

  it.each([
    ['an amount', { amount_refunded: undefined }, 'data.object.amount_refunded'],
    ['an amount of at least 0', { amount_refunded: -1 }, 'data.object.amount_refunded'],
    ['a known currency', { currency: 'xyw' }, 'data.object.currency'],
  ])('without %s is malformed', (_, changed, field) => {
    expect(read('charge.refunded', { ...charge, ...changed })).toMatchObject(malformedAt(field));
  });
});

describe('a refund', () => {
  const failure = fact({ status: 'refund_failed', amountMinor: 900, factId: 're_1' });

  it.each([
    ['refund.failed', 'failed'],
    ['refund.failed', undefined],
    ['refund.updated', 'failed'],
    ['refund.updated', 'canceled'],
    ['charge.refund.updated', 'failed'],
    ['charge.refund.updated', 'canceled'],
  ])('that failed is a fact without our metadata: %s with the status %s', (type, status) => {
    expect(read(type, { ...refund, status })).toEqual(failure);
  });

  it.each(['succeeded', 'pending', 'requires_action', undefined])(
    'with the status %s is ignored, with a note where it carries our id',
    (status) => {
      expect(read('refund.updated', { ...refund, status })).toEqual({ kind: 'nothing' });
      const ours = { ...refund, status, metadata: { flash_sale_refund_id: '77' } };
      expect(read('refund.updated', ours)).toMatchObject({
        kind: 'nothing',
        ignored: { ids: { refundId: 77 }, level: 'note' },
      });
    },
  );

  it.each([
    ['id', 'data.object.id'],
    ['amount', 'data.object.amount'],
    ['currency', 'data.object.currency'],
  ])('that failed, without its %s, is malformed', (name, field) => {
    expect(read('refund.failed', { ...refund, [name]: undefined })).toMatchObject(malformedAt(field));
  });

  it('that failed, of a charge without an intent, is ignored', () => {
    expect(read('refund.failed', { ...refund, payment_intent: null })).toEqual({ kind: 'nothing' });
  });
});

describe('a dispute', () => {
  const stated = (status: string) => fact({ status, amountMinor: 18_900, factId: 'dp_1' });

  it.each([
    ['charge.dispute.created', 'needs_response', 'disputed'],
    ['charge.dispute.created', 'warning_needs_response', 'disputed'],
    ['charge.dispute.created', undefined, 'disputed'],
    ['charge.dispute.created', 'lost', 'dispute_lost'],
    ['charge.dispute.created', 'prevented', 'dispute_won'],
    ['charge.dispute.funds_withdrawn', 'needs_response', 'disputed'],
    ['charge.dispute.funds_withdrawn', 'under_review', 'disputed'],
    ['charge.dispute.updated', 'won', 'dispute_won'],
    ['charge.dispute.funds_reinstated', 'won', 'dispute_won'],
    ['charge.dispute.funds_reinstated', 'lost', 'dispute_lost'],
    ['charge.dispute.closed', 'won', 'dispute_won'],
    ['charge.dispute.closed', 'warning_closed', 'dispute_won'],
    ['charge.dispute.closed', 'charge_refunded', 'dispute_won'],
    ['charge.dispute.closed', 'prevented', 'dispute_won'],
    ['charge.dispute.closed', 'lost', 'dispute_lost'],
  ])('%s with the status %s states %s', (type, status, expected) => {
    expect(read(type, { ...dispute, status })).toEqual(stated(expected));
  });

  it.each([
    ['withdrawn', [{ amount: -18_900 }], 'dispute_lost'],
    ['withdrawn and reinstated', [{ amount: -18_900 }, { amount: 18_900 }], 'dispute_won'],
    ['not listed', [], 'dispute_won'],
    ['not readable', [null, 'txn_1', { amount: '1' }], 'dispute_won'],
  ])('that was prevented, with its money %s, states %s', (_, balance_transactions, expected) => {
    const prevented = { ...dispute, status: 'prevented', balance_transactions };
    expect(read('charge.dispute.created', prevented)).toEqual(stated(expected));
  });

  it.each(['charge.dispute.updated', 'charge.dispute.funds_reinstated'])(
    'that is still open is not changed by %s',
    (type) => {
      expect(read(type, { ...dispute, status: 'under_review' })).toEqual({ kind: 'nothing' });
    },
  );

  it.each([
    ['its id', { id: undefined }, 'data.object.id'],
    ['an amount above 0', { amount: 0 }, 'data.object.amount'],
    ['a currency', { currency: null }, 'data.object.currency'],
    ['a status that ends it', { status: 'under_review' }, 'data.object.status'],
  ])('that is closed, without %s, is malformed', (_, changed, field) => {
    expect(read('charge.dispute.closed', { ...dispute, status: 'won', ...changed })).toMatchObject(
      malformedAt(field),
    );
  });
});
