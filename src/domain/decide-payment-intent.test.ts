import { describe, expect, it } from 'vitest';
import {
  anEvent,
  anIntent,
  aPayment,
  applyEvent,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Rows } from '../../test/support/memory-world.ts';

const record = (reference = 'pi_1') =>
  ({
    kind: 'record_payment_intent',
    orderId: 500,
    provider: 'simulated',
    reference,
    clientSecret: `${reference}_secret`,
  }) as const;
const close = { kind: 'close_payment_intent', orderId: 500 } as const;

describe('the payment that a provider was asked for', () => {
  it('is recorded once for an order: who comes second is answered the first one', () => {
    const world = worldOf(orderedRows('pending'));
    const intent = anIntent({ createdAtMs: noonMs });
    const recorded = { kind: 'payment_intent_recorded', intent };
    expect(world.one(record(), noonMs)).toEqual(recorded);
    const again = world.batch([record(), record('pi_2')], noonMs + 1);
    expect(again.outcomes).toEqual([recorded, recorded]);
    expect(again.changes.paymentIntents).toEqual({ inserted: [], updated: [] });
    expect(world.one({ ...record(), orderId: 501 }, noonMs)).toEqual({
      kind: 'refused',
      code: 'order_not_found',
    });
  });

  it.each(['failed', 'cancelled', 'expired', 'paid'] as const)(
    'is open also when the order is %s by now, so that the provider is told to close it',
    (status) => {
      const world = worldOf(orderedRows(status));
      expect(world.one(record(), noonMs)).toMatchObject({ intent: { status: 'open' } });
    },
  );

  it('is closed once, and closing what is not there is a no-op', () => {
    const world = worldOf({ ...orderedRows('expired'), paymentIntents: [anIntent()] });
    const closed = { kind: 'payment_intent_closed', intent: anIntent({ status: 'closed' }) };
    expect(world.one(close, noonMs)).toEqual(closed);
    const again = world.batch([close], noonMs);
    expect(again.outcomes).toEqual([closed]);
    expect(again.changes.paymentIntents.updated).toEqual([]);
    for (const status of ['pending', 'paid'] as const) {
      expect(worldOf(orderedRows(status)).one(close, noonMs)).toMatchObject({ intent: null });
    }
    expect(world.one({ ...close, orderId: 9 }, noonMs)).toMatchObject({ intent: null });
  });
});

describe('an event that tells of the money of an intent', () => {
  it.each<[string, Rows, { amountMinor?: number }?]>([
    ['pays the order', orderedRows('pending')],
    ['pays an order that has ended', orderedRows('expired')],
    ['comes when the units are gone', orderedRows('expired', { stock: 0 })],
    ['is of another amount', orderedRows('pending'), { amountMinor: 1 }],
    ['comes second', { ...orderedRows('paid'), payments: [aPayment()] }],
  ])('closes it with what it decides: %s', (_case, rows, over = {}) => {
    const world = worldOf({ ...rows, paymentIntents: [anIntent()] });
    world.one(applyEvent(over), noonMs);
    expect(world.paymentIntents.get(500)?.status).toBe('closed');
  });

  it.each([
    ['other money paid the order', anEvent({ reference: 'pi_2' })],
    ['the payment has no reference', anEvent({ reference: null })],
    ['a card was declined', anEvent({ status: 'declined' })],
    ['the payment failed', anEvent({ status: 'failed' })],
  ] as const)('leaves it open when %s', (_case, event) => {
    const world = worldOf({ ...orderedRows('pending'), paymentIntents: [anIntent()] });
    world.one({ kind: 'apply_payment_event', event }, noonMs);
    expect(world.paymentIntents.get(500)?.status).toBe('open');
  });
});
