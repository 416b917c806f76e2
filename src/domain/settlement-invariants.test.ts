import { describe, expect, it } from 'vitest';
import {
  anOrder,
  aPayment,
  applyEvent,
  noonMs,
  orderedRows,
  toldWorldOf,
} from '../../test/support/domain-state.ts';
import {
  but,
  type Decided,
  disputed,
  fulfilled,
  lost,
  owed,
  reopened,
  returned,
  returnedEarly,
  returnedFlagged,
  returnedInPart,
  settled,
  withLoaded,
  without,
} from '../../test/support/money-changes.ts';
import { Defect } from './defect.ts';
import { checkChanges } from './invariants.ts';

describe('what is about to be written of a payment whose money went back', () => {
  it.each<[string, () => Decided, string]>([
    [
      'a dispute is of a payment that is not there',
      () => but(disputed(), 'disputes', { paymentName: 'ref:pi_9' }),
      'a refund or a dispute is of no payment',
    ],
    [
      'a fulfilled payment is flagged',
      () => but(fulfilled(), 'payments', { settlement: 'flagged' }),
      'payment ref:pi_1 is fulfilled and flagged',
    ],
    [
      'an owed payment counts as fulfilled',
      () => but(owed(), 'payments', { settlement: 'fulfilled' }),
      'payment ref:pi_1 is owed and fulfilled',
    ],
    [
      'less than all goes back of a payment',
      () => but(returned(), 'refunds', { amountMinor: 239_997, returnedMinor: 239_997 }),
      'payment ref:pi_first is refunded, gone: false',
    ],
    [
      'a payment stays fulfilled that went back',
      () => but(returned(), 'payments', { settlement: 'fulfilled' }),
      'payment ref:pi_first is fulfilled, gone: true',
    ],
    [
      'a payment stays fulfilled that a dispute took',
      () => without(lost(), 'payments'),
      'payment ref:pi_first is fulfilled, gone: true',
    ],
    [
      'an open dispute takes a payment',
      () => but(lost(), 'disputes', { status: 'open' }),
      'payment ref:pi_first is refunded, gone: false',
    ],
    [
      'a flagged payment stays flagged that went back',
      () => but(returnedFlagged(), 'payments', { settlement: 'flagged' }),
      'payment ref:pi_first is flagged, gone: true',
    ],
    [
      'a payment that was returned before it came is here',
      () => but(returnedEarly(), 'refunds', { amountMinor: 1000, returnedMinor: 1000 }),
      'payment ref:pi_first was returned and is here',
    ],
    [
      'an order is bought twice',
      () => withLoaded(returned(), aPayment({ name: 'ref:pi_9' })),
      'order 500 was bought twice',
    ],
    [
      'an order is paid and its payment is missing',
      () => without(fulfilled(), 'payments'),
      'order 500 was pending and is paid, a payment that bought it is missing',
    ],
    [
      'an order leaves paid and its payment is missing',
      () => {
        const { state, changes } = without(without(returned(), 'payments'), 'refunds');
        return { state: { ...state, payments: new Map() }, changes };
      },
      'order 500 was paid and is refunded, a payment that bought it is missing',
    ],
    [
      'an order stays paid whose payment went back',
      () => without(returned(), 'orders'),
      'order 500 is paid, the payment that bought it is refunded',
    ],
    [
      'an order leaves paid and its payment stays',
      () => ({
        ...returnedInPart(),
        changes: { ...returnedInPart().changes, orders: returned().changes.orders },
      }),
      'order 500 is refunded, the payment that bought it is fulfilled',
    ],
    [
      'an order leaves paid for another end than refunded',
      () => but(returned(), 'orders', { status: 'refund_due' }),
      'order 500 is refund_due, its hold consumed',
    ],
    [
      'an order stays owed whose money went back',
      () => without(settled(), 'orders'),
      'order 500 is refund_due, the refund of its late payment is succeeded',
    ],
    [
      'an order stays refunded whose refund is due again',
      () => without(reopened(), 'orders'),
      'order 500 is refunded, the refund of its late payment is due',
    ],
  ])('is refused, and the log says why, when %s', (_case, given, message) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).toThrow(new Defect(message));
  });
});

describe('the outgoing events of a batch', () => {
  const paid = (): Decided => {
    const world = toldWorldOf(orderedRows('pending'));
    const state = world.load([applyEvent()], noonMs);
    return { state, changes: world.decide(state, [applyEvent()]).changes };
  };

  it('are accepted with a delivery for each event', () => {
    const { state, changes } = paid();
    expect(changes.outgoingEvents).toHaveLength(1);
    expect(() => checkChanges(state, changes)).not.toThrow();
  });

  it('are refused with an event without a delivery, or a delivery without an event', () => {
    const { state, changes } = paid();
    expect(() => checkChanges(state, { ...changes, deliveries: [] })).toThrow(
      new Defect('1 events for others, deliveries of 0'),
    );
    expect(() => checkChanges(state, { ...changes, outgoingEvents: [] })).toThrow(
      new Defect('0 events for others, deliveries of 1'),
    );
    const elsewhere = changes.deliveries.map((delivery) => ({ ...delivery, eventId: 999 }));
    expect(() => checkChanges(state, { ...changes, deliveries: elsewhere })).toThrow(
      new Defect('1 events for others, deliveries of 1'),
    );
  });
});

it('counts an order whose money was returned as one whose units are sold', () => {
  const { state, changes } = returned();
  expect(changes.orders.updated).toEqual([anOrder({ status: 'refunded' })]);
  expect(state.holds.get(70)?.status).toBe('consumed');
});
