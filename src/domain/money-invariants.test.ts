import { describe, expect, it } from 'vitest';
import {
  anOrder,
  aPayment,
  applyEvent,
  aRefund,
  noonMs,
  orderedRows,
  toldWorldOf,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';
import { Defect } from './defect.ts';
import { checkChanges } from './invariants.ts';
import type { Order } from './order.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import type { Changes, State } from './state.ts';

type Decided = { readonly state: State; readonly changes: Changes };

const returning = (refundedMinor: number): Command => ({
  kind: 'apply_provider_refund',
  reference: 'pi_first',
  refundedMinor,
  currency: 'USD',
  providerReference: null,
});

function decided(rows: Parameters<typeof worldOf>[0], command: Command): Decided {
  const world = worldOf(rows);
  const state = world.load([command], noonMs);
  return { state, changes: world.decide(state, [command]).changes };
}

const part = () => decided(orderedRows('paid'), returning(1000));
const grown = () => {
  const before = aRefund({ reason: 'returned_in_part', status: 'succeeded', amountMinor: 1000 });
  return decided({ ...orderedRows('paid'), refunds: [before] }, returning(2000));
};
const whole = () => decided(orderedRows('paid'), returning(239_998));
const settled = () => decided(orderedRows('refund_due'), { kind: 'settle_refund', refundId: 1 });
const reopened = () =>
  decided(orderedRows('refunded'), {
    kind: 'reopen_refund',
    refundId: 1,
    providerReference: 're_1',
    error: 'card closed',
  });

/** The same with every row of a table changed. */
function but(
  { state, changes }: Decided,
  table: 'refunds' | 'payments' | 'orders',
  over: Partial<Refund> | Partial<Payment> | Partial<Order>,
): Decided {
  const replaced = (rows: readonly object[]) => rows.map((row) => ({ ...row, ...over }));
  const { inserted, updated } = changes[table];
  return {
    state,
    changes: { ...changes, [table]: { inserted: replaced(inserted), updated: replaced(updated) } },
  };
}

function without({ state, changes }: Decided, table: 'payments' | 'orders'): Decided {
  return { state, changes: { ...changes, [table]: { inserted: [], updated: [] } } };
}

describe('money that is about to be written', () => {
  it.each([
    ['a part that was returned', part],
    ['a larger part', grown],
    ['all of it', whole],
    ['a refund that was settled', settled],
    ['one that failed afterwards', reopened],
    [
      'an owed refund that the provider reports in the same batch',
      () => but(decided(orderedRows('paid'), applyEvent()), 'refunds', { status: 'succeeded' }),
    ],
  ])('is accepted for %s', (_case, given) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).not.toThrow();
  });

  it.each<[string, () => Decided, string]>([
    [
      'a part is the whole',
      () => but(part(), 'refunds', { amountMinor: 239_998 }),
      'refund 1 is of 239998 of 239998 USD',
    ],
    [
      'a part is more than the whole',
      () => but(grown(), 'refunds', { amountMinor: 239_999 }),
      'refund 1 is of 239999 of 239998 USD',
    ],
    [
      'a part is of another currency',
      () => but(part(), 'refunds', { currency: 'EUR' }),
      'refund 1 is of 1000 of 239998 USD',
    ],
    [
      'a part is still due',
      () => but(part(), 'refunds', { status: 'due' }),
      'refund 1 for returned_in_part began as due',
    ],
    [
      'a part is of a payment that nobody knows',
      () => but(part(), 'refunds', { paymentName: 'ref:pi_9' }),
      'refund 1 is of no payment',
    ],
    ['a part shrinks', () => but(grown(), 'refunds', { amountMinor: 999 }), 'refund 1: 999 after 1000'],
    [
      'a part becomes due',
      () => but(grown(), 'refunds', { status: 'due' }),
      'refund 1 was returned and is due',
    ],
    [
      'a part becomes money that we owe',
      () => but(grown(), 'refunds', { reason: 'second_payment' }),
      'refund 1: second_payment after returned_in_part',
    ],
    [
      'a refund changes its payment',
      () => but(settled(), 'refunds', { paymentName: 'ref:pi_9' }),
      'refund 1: payment and currency never change',
    ],
    [
      'a refund changes its amount',
      () => but(settled(), 'refunds', { amountMinor: 1 }),
      'refund 1: 1 after 239998',
    ],
    [
      'a refund changes its reason',
      () => but(settled(), 'refunds', { reason: 'hold_ended' }),
      'refund 1: hold_ended after late_payment',
    ],
    [
      'a refund changes its currency',
      () => but(reopened(), 'refunds', { currency: 'EUR' }),
      'refund 1: payment and currency never change',
    ],
    [
      'less than all goes back of a payment',
      () => but(whole(), 'refunds', { amountMinor: 239_997 }),
      'refund 1 is of 239997 of 239998 USD',
    ],
    [
      'a payment stays fulfilled that went back',
      () => but(whole(), 'payments', { settlement: 'fulfilled' }),
      'refund 1 is returned, its payment fulfilled',
    ],
    [
      'a payment is not told that it went back',
      () => without(whole(), 'payments'),
      'refund 1 is returned, its payment fulfilled',
    ],
    [
      'an order stays paid whose payment went back',
      () => without(whole(), 'orders'),
      'payment ref:pi_first went back, its order 500 stays',
    ],
    [
      'an order leaves paid and its payment stays',
      () => ({ ...part(), changes: { ...part().changes, orders: whole().changes.orders } }),
      'orders 500 left paid, their payments stay',
    ],
    [
      'an order leaves paid for another end than refunded',
      () => but(whole(), 'orders', { status: 'refund_due' }),
      'order 500 is refund_due, its hold consumed',
    ],
    [
      'a payment is fulfilled again',
      () => ({
        ...whole(),
        changes: {
          ...part().changes,
          refunds: { inserted: [], updated: [] },
          payments: { inserted: [], updated: [aPayment()] },
        },
      }),
      'payment ref:pi_first was settled before',
    ],
  ])('is refused, and the log says why, when %s', (_case, given, message) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).toThrow(new Defect(message));
  });
});

describe('what others are told', () => {
  const told = (): Decided => {
    const world = toldWorldOf(orderedRows('pending'));
    const state = world.load([applyEvent()], noonMs);
    return { state, changes: world.decide(state, [applyEvent()]).changes };
  };

  it('is accepted with a delivery for each event', () => {
    const { state, changes } = told();
    expect(changes.outgoingEvents).toHaveLength(1);
    expect(() => checkChanges(state, changes)).not.toThrow();
  });

  it('is refused when it goes nowhere, or when nothing goes there', () => {
    const { state, changes } = told();
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
  const { state, changes } = whole();
  expect(changes.orders.updated).toEqual([anOrder({ status: 'refunded' })]);
  expect(state.holds.get(70)?.status).toBe('consumed');
});
