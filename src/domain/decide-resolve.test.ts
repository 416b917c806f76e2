import { describe, expect, it } from 'vitest';
import {
  anEvent,
  aParkedEvent,
  aProduct,
  applyEvent,
  noonMs,
  orderedRows,
  resolveEvent,
  toldWorldOf,
  worldOf,
} from '../../test/support/domain-state.ts';
import { wrongEvents } from '../../test/support/world-auditor.ts';
import type { IncomingPaymentEvent, PaymentEvent } from './payment.ts';

/** Paid with a reference, and reported once more without one, so that the same money may have come twice. */
function flaggedWorld(over: Partial<IncomingPaymentEvent> = {}) {
  const world = worldOf(orderedRows('paid'));
  const event = anEvent({ key: 'evt_second', reference: null, ...over });
  world.one({ kind: 'apply_payment_event', event }, noonMs);
  return { world, event };
}

/** Paid without a reference, so that an event with one may report the same money. */
function paidByKey() {
  const rows = orderedRows('paid');
  return worldOf({
    ...rows,
    payments: rows.payments.map((payment) => ({ ...payment, name: 'key:evt_first' })),
  });
}

/** An event for an order that stayed unknown. */
function unmatchedRow(over: Partial<PaymentEvent> = {}): PaymentEvent {
  return aParkedEvent({
    key: 'evt_unknown',
    orderId: 999,
    holdId: null,
    productId: null,
    result: 'unmatched',
    ...over,
  });
}

describe('a possible second payment', () => {
  it('goes back when an operator decides so', () => {
    const { world, event } = flaggedWorld();
    const { outcomes, happened } = world.batch([resolveEvent(event, 'refund')], noonMs);
    expect(outcomes).toMatchObject([
      {
        kind: 'payment_event_resolved',
        event: { key: 'evt_second', result: 'refund_due', answer: { result: 'possible_second_payment' } },
        resolution: { id: 970, choice: 'refund', eventKey: 'evt_second', amountMinor: 239_998 },
      },
    ]);
    expect(happened.map(({ kind }) => kind)).toEqual(['refund_due', 'operator_decided']);
    expect(world.payments.get('key:evt_second')).toMatchObject({ decision: 'owed', settlement: 'refunded' });
    expect([...world.refunds.values()]).toMatchObject([
      { paymentName: 'key:evt_second', reason: 'second_payment', status: 'due', owedMinor: 239_998 },
    ]);
    expect(world.orders.get(500)?.status).toBe('paid');
  });

  it('needs nothing more when an operator decides so', () => {
    const { world, event } = flaggedWorld();
    expect(world.one(resolveEvent(event, 'nothing_due'), noonMs)).toMatchObject({
      event: { result: 'ignored' },
      resolution: { choice: 'nothing_due', amountMinor: null, reason: 'looked up' },
    });
    expect(world.payments.get('key:evt_second')).toMatchObject({ decision: 'nothing_due' });
    expect(world.refunds.size).toBe(0);
  });

  it.each(['refund', 'nothing_due'] as const)(
    'is decided once: %s again changes nothing, the other decision is refused',
    (choice) => {
      const { world, event } = flaggedWorld();
      const first = world.one(resolveEvent(event, choice), noonMs);
      const again = world.batch([resolveEvent(event, choice, { decisionId: 971 })], noonMs + 5);
      expect(again.outcomes).toEqual([first]);
      expect(again.happened).toEqual([]);
      const other = choice === 'refund' ? 'nothing_due' : 'refund';
      expect(world.one(resolveEvent(event, other, { decisionId: 972 }), noonMs)).toEqual({
        kind: 'refused',
        code: 'payment_event_resolved',
        choice,
      });
      expect(world.operatorDecisions.size).toBe(1);
    },
  );

  it('that two events report is decided for both', () => {
    const keyed = paidByKey();
    for (const key of ['evt_a', 'evt_b']) {
      keyed.one(applyEvent({ key, reference: 'pi_maybe' }), noonMs);
    }
    const event = keyed.events.get('evt_a') ?? expect.fail();
    keyed.one(resolveEvent(event, 'refund'), noonMs);
    expect([...keyed.events.values()].map(({ result }) => result)).toEqual(['refund_due', 'refund_due']);
    expect([...keyed.refunds.values()]).toHaveLength(1);
    const other = keyed.events.get('evt_b') ?? expect.fail();
    expect(keyed.one(resolveEvent(other, 'refund', { decisionId: 971 }), noonMs)).toMatchObject({
      kind: 'payment_event_resolved',
    });
    expect([...keyed.refunds.values()]).toHaveLength(1);
  });

  it('is decided when its payment is reported once more after the decision', () => {
    const keyed = paidByKey();
    keyed.one(applyEvent({ key: 'evt_a', reference: 'pi_maybe' }), noonMs);
    keyed.one(resolveEvent(keyed.events.get('evt_a') ?? expect.fail(), 'nothing_due'), noonMs);
    const again = keyed.one(applyEvent({ key: 'evt_b', reference: 'pi_maybe' }), noonMs);
    expect(again).toMatchObject({ answer: { result: 'ignored' } });
    expect(keyed.payments.get('ref:pi_maybe')).toMatchObject({
      decision: 'nothing_due',
      settlement: 'flagged',
    });
    expect(wrongEvents(keyed)).toEqual([]);
  });

  it('waits again under its first event when its refund fails, whatever else reported it meanwhile', () => {
    const keyed = paidByKey();
    const report = (key: string, status: 'paid' | 'refunded' | 'refund_failed') =>
      keyed.one(applyEvent({ key, reference: 'pi_maybe', status }), noonMs);
    report('evt_a', 'paid');
    report('evt_r', 'refunded');
    expect(report('evt_b', 'paid')).toMatchObject({ answer: { result: 'ignored' } });
    report('evt_f', 'refund_failed');
    expect(keyed.payments.get('ref:pi_maybe')).toMatchObject({ decision: 'flagged', settlement: 'flagged' });
    expect(wrongEvents(keyed)).toEqual([]);
    expect(
      keyed.one(resolveEvent(keyed.events.get('evt_a') ?? expect.fail(), 'refund'), noonMs),
    ).toMatchObject({
      kind: 'payment_event_resolved',
    });
  });

  it('waits no longer when the provider has returned it', () => {
    const keyed = paidByKey();
    keyed.one(applyEvent({ key: 'evt_a', reference: 'pi_maybe' }), noonMs);
    keyed.one(applyEvent({ key: 'evt_r', reference: 'pi_maybe', status: 'refunded' }), noonMs);
    const event = keyed.events.get('evt_a') ?? expect.fail();
    expect(keyed.one(resolveEvent(event, 'refund'), noonMs)).toEqual({
      kind: 'refused',
      code: 'payment_event_not_waiting',
      result: 'possible_second_payment',
    });
  });
});

describe('an unmatched payment', () => {
  it('goes back although its order is unknown: its reference is all that a refund needs', () => {
    const event = unmatchedRow();
    const world = toldWorldOf({ products: [aProduct()], events: [event] });
    const { outcomes, changes } = world.batch([resolveEvent(event, 'refund')], noonMs);
    expect(outcomes).toMatchObject([
      { event: { result: 'refund_due' }, resolution: { amountMinor: 239_998, productId: null } },
    ]);
    expect(world.payments.get('ref:pi_1')).toMatchObject({ decision: 'owed', productId: 0, holdId: 0 });
    const [refund] = [...world.refunds.values()];
    expect(refund).toMatchObject({ status: 'due', reason: 'requested', owedMinor: 239_998 });
    expect(changes.outgoingEvents).toMatchObject([
      { type: 'refund.due', productId: null, holdId: null, orderId: null },
    ]);
    expect(changes.deliveries.map(({ chain }) => chain)).toEqual([null]);

    const begun = world.one({ kind: 'begin_refund', refundId: refund?.id ?? 0, leaseSeconds: 60 }, noonMs);
    expect(begun).toMatchObject({ kind: 'refund_begun', refund: { attemptMinor: 239_998 } });
    const sent = { reference: 're_1', amountMinor: 239_998, atMs: noonMs };
    const settled = world.one({ kind: 'settle_refund', refundId: refund?.id ?? 0, sent }, noonMs);
    expect(settled).toMatchObject({ refund: { status: 'succeeded' } });
  });

  it('takes in what its provider reports of it later', () => {
    const event = unmatchedRow({ orderId: null, holdId: 77 });
    const world = worldOf({ products: [aProduct()], events: [event] });
    world.one(resolveEvent(event, 'refund'), noonMs);
    const returned = anEvent({ key: 'evt_r', orderId: null, status: 'refunded' });
    expect(world.one({ kind: 'apply_payment_event', event: returned }, noonMs)).toMatchObject({
      answer: { result: 'processed' },
    });
    expect([...world.refunds.values()]).toMatchObject([{ status: 'succeeded', returnedMinor: 239_998 }]);
    expect(world.events.get('evt_r')).toMatchObject({ productId: null, holdId: null });
  });

  it('needs nothing more when an operator decides so, whatever it reports', () => {
    for (const over of [{}, { status: 'failed' }, { status: 'refunded' }, { amountMinor: null }] as const) {
      const event = unmatchedRow(over);
      const world = worldOf({ products: [aProduct()], events: [event] });
      expect(world.one(resolveEvent(event, 'nothing_due'), noonMs)).toMatchObject({
        event: { result: 'ignored' },
      });
      expect([world.payments.size, world.refunds.size]).toEqual([0, 0]);
    }
  });

  it.each([
    ['reports no money', { status: 'failed' }],
    ['is about money that came back', { status: 'refunded' }],
    ['does not say how much', { amountMinor: null, currency: null }],
  ] as const)('cannot go back when it %s', (_case, over) => {
    const event = unmatchedRow(over);
    const world = worldOf({ products: [aProduct()], events: [event] });
    expect(world.one(resolveEvent(event, 'refund'), noonMs)).toEqual({
      kind: 'refused',
      code: 'nothing_to_refund',
    });
    expect(world.events.get('evt_unknown')?.result).toBe('unmatched');
  });

  it('cannot go back when its payment has bought an order by now', () => {
    const event = unmatchedRow({ reference: 'pi_first' });
    const world = worldOf({ ...orderedRows('paid'), events: [event] });
    const command = { ...resolveEvent(event, 'refund') };
    expect(world.one(command, noonMs)).toEqual({
      kind: 'refused',
      code: 'payment_already_settled',
      orderId: 500,
    });
    expect(world.one(resolveEvent(event, 'nothing_due'), noonMs)).toMatchObject({
      event: { result: 'ignored' },
    });
  });
});

it.each(['processed', 'ignored', 'parked', 'refund_due', 'amount_mismatch'] as const)(
  'an event with the result %s waits for no operator',
  (result) => {
    const event = unmatchedRow({ result });
    const world = worldOf({ products: [aProduct()], events: [event] });
    expect(world.one(resolveEvent(event, 'nothing_due'), noonMs)).toEqual({
      kind: 'refused',
      code: 'payment_event_not_waiting',
      result,
    });
  },
);

it('an event that is unknown is refused', () => {
  const world = worldOf({ products: [aProduct()] });
  expect(world.one(resolveEvent(unmatchedRow(), 'refund'), noonMs)).toEqual({
    kind: 'refused',
    code: 'payment_event_not_found',
  });
});
