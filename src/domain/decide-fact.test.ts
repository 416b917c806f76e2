import { describe, expect, it } from 'vitest';
import {
  aHold,
  aPayment,
  aProduct,
  applyEvent,
  aRefund,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import type { MemoryWorld } from '../../test/support/memory-world.ts';
import { audit } from '../../test/support/world-auditor.ts';
import type { IncomingPaymentEvent } from './payment.ts';

const total = 239_998;

/** A sum that was returned so far, by default all, at a number of seconds after noon. */
const returned = (amountMinor: number | null, second = 0, over: Partial<IncomingPaymentEvent> = {}) =>
  reportFact('refunded', {
    ...{ amountMinor, currency: amountMinor === null ? null : 'USD', occurredAtMs: noonMs + second * 1000 },
    ...over,
  });

const statusOf = (world: MemoryWorld) => world.orders.get(500)?.status;
const settlementOf = (world: MemoryWorld, name = 'ref:pi_first') => world.payments.get(name)?.settlement;

describe('a refund of money that is owed', () => {
  it('settles it when all went back', () => {
    const world = worldOf(orderedRows('refund_due'));
    const told = world.batch([returned(total)], noonMs);
    const refund = aRefund({ status: 'succeeded', returnedMinor: total });
    const answer = { result: 'processed', orderId: 500, orderStatus: 'refunded', stockDeducted: 0 };
    expect(told.outcomes).toEqual([{ kind: 'payment_event_answered', answer, replayed: false }]);
    expect(told.happened).toMatchObject([
      { kind: 'refund_succeeded', refund },
      { kind: 'payment_event_processed', answer },
    ]);
    expect([...world.refunds.values()]).toEqual([refund]);
    expect(world.one(returned(total), noonMs)).toMatchObject({ answer: { result: 'ignored' } });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('settles it also without an order', () => {
    const world = worldOf({
      products: [aProduct()],
      holds: [aHold({ status: 'released' })],
      payments: [aPayment({ orderId: null, decision: 'owed', settlement: 'refunded' })],
      refunds: [aRefund({ orderId: null, reason: 'hold_ended' })],
    });
    expect(world.one(returned(total, 0, { orderId: null }), noonMs)).toMatchObject({
      answer: { result: 'processed', orderId: null, orderStatus: null },
    });
    expect(world.refunds.get(1)).toMatchObject({ status: 'succeeded', returnedMinor: total });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('settles it in the batch that makes it due, when the provider reports it together with the payment', () => {
    const world = worldOf(orderedRows('pending'));
    const event = applyEvent({ amountMinor: total + 1, reference: 'pi_first' });
    const { outcomes } = world.batch([event, returned(total + 1)], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'amount_mismatch' } },
      { answer: { result: 'processed', orderStatus: 'pending' } },
    ]);
    expect([...world.refunds.values()]).toMatchObject([{ reason: 'amount_mismatch', status: 'succeeded' }]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('leaves the rest due when a part went back', () => {
    const world = worldOf(orderedRows('refund_due'));
    expect(world.one(returned(4000), noonMs)).toMatchObject({
      answer: { result: 'processed', orderStatus: 'refund_due' },
    });
    expect([...world.refunds.values()]).toEqual([aRefund({ returnedMinor: 4000 })]);
  });
});

describe('a refund of money that bought an order', () => {
  it('makes the order refunded when all went back; the units stay sold', () => {
    const world = worldOf(orderedRows('paid'));
    const told = world.batch([returned(null)], noonMs);
    const refund = aRefund({ status: 'succeeded', reason: 'returned', createdAtMs: noonMs });
    expect(told.outcomes).toMatchObject([{ answer: { result: 'processed', orderStatus: 'refunded' } }]);
    expect(told.happened[0]).toEqual({ kind: 'refund_succeeded', refund });
    expect(settlementOf(world)).toBe('refunded');
    expect(world.holds.get(70)?.status).toBe('consumed');
    expect(world.products.get(1)).toMatchObject({ stock: 10, held: 0 });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('counts by the latest sum, in whatever order and however often the sums are reported', () => {
    const world = worldOf(orderedRows('paid'));
    for (const [sum, second, result, amountMinor] of [
      [1000, 1, 'processed', 1000],
      [1000, 1, 'ignored', 1000],
      [3000, 3, 'processed', 3000],
      [2000, 2, 'ignored', 3000],
      [500, 3, 'ignored', 3000],
      [2500, 4, 'processed', 2500],
    ] as const) {
      expect(world.one(returned(sum, second), noonMs)).toMatchObject({
        answer: { result, orderStatus: 'paid' },
      });
      expect([...world.refunds.values()]).toMatchObject([
        { amountMinor, returnedMinor: amountMinor, status: 'succeeded', reason: 'returned_in_part' },
      ]);
      expect(audit(world, noonMs)).toEqual([]);
    }
    expect(settlementOf(world)).toBe('fulfilled');

    expect(world.one(returned(total, 5), noonMs)).toMatchObject({ answer: { result: 'processed' } });
    expect([...world.refunds.values()]).toMatchObject([{ amountMinor: total, reason: 'returned' }]);
    expect(statusOf(world)).toBe('refunded');
    expect(world.one(returned(3000, 4), noonMs)).toMatchObject({ answer: { result: 'ignored' } });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('restores the order when the refund fails', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(returned(null, 1), noonMs);
    const failed = reportFact('refund_failed', { factId: 're_1', occurredAtMs: noonMs + 2000 });
    expect(world.one(failed, noonMs)).toMatchObject({ answer: { result: 'processed', orderStatus: 'paid' } });
    expect([...world.refunds.values()]).toMatchObject([{ amountMinor: 0, status: 'succeeded' }]);
    expect(settlementOf(world)).toBe('fulfilled');
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('may come in one batch with the payment', () => {
    const world = worldOf(orderedRows('pending'));
    const [paid, back] = world.submit([applyEvent({ reference: 'pi_first' }), returned(total)], noonMs);
    expect(paid).toMatchObject({ answer: { result: 'processed', orderStatus: 'paid' } });
    expect(back).toMatchObject({ answer: { result: 'processed', orderStatus: 'refunded' } });
    expect(audit(world, noonMs)).toEqual([]);
  });
});

describe('a refund of money that was flagged', () => {
  const flagged = () => {
    const world = worldOf({ ...orderedRows('paid'), payments: [aPayment({ name: 'key:evt_0' })] });
    expect(world.one(applyEvent(), noonMs)).toMatchObject({ answer: { result: 'possible_second_payment' } });
    return world;
  };

  it('settles it when all went back; its order was paid with other money', () => {
    const world = flagged();
    expect(world.one(returned(total, 0, { reference: 'pi_1' }), noonMs)).toMatchObject({
      answer: { result: 'processed', orderStatus: 'paid' },
    });
    expect([...world.refunds.values()]).toMatchObject([{ reason: 'returned', status: 'succeeded' }]);
    expect(settlementOf(world, 'ref:pi_1')).toBe('refunded');
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is recorded when a part went back, and the payment still waits for an operator', () => {
    const world = flagged();
    world.one(returned(1, 0, { reference: 'pi_1' }), noonMs);
    expect(settlementOf(world, 'ref:pi_1')).toBe('flagged');
    expect([...world.refunds.values()]).toMatchObject([{ reason: 'returned_in_part', amountMinor: 1 }]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('flags it again when the refund fails', () => {
    const world = flagged();
    world.one(returned(total, 0, { reference: 'pi_1' }), noonMs);
    world.one(reportFact('refund_failed', { reference: 'pi_1', factId: 're_1' }), noonMs);
    expect(settlementOf(world, 'ref:pi_1')).toBe('flagged');
    expect(audit(world, noonMs)).toEqual([]);
  });
});

describe('a fact that says nothing new', () => {
  const won = reportFact('dispute_won', { factId: 'dp_1' });

  it.each([
    ['an amount in another currency', reportFact('refunded', { amountMinor: 5, currency: 'EUR' }), null],
    ['that nothing was returned', returned(0), null],
    ['that an unknown refund failed', reportFact('refund_failed', { factId: 're_1' }), null],
    ['a dispute that has ended', reportFact('disputed', { factId: 'dp_1', occurredAtMs: noonMs + 1 }), won],
    ['the end of a dispute once more', reportFact('dispute_won', { factId: 'dp_1' }), won],
    ['a sum once more', returned(total), returned(null)],
  ] as const)('is ignored and kept: %s', (_case, event, earlier) => {
    const world = worldOf(orderedRows('paid'));
    if (earlier !== null) {
      world.one(earlier, noonMs);
    }
    const told = world.batch([event], noonMs);
    expect(told.outcomes).toMatchObject([{ answer: { result: 'ignored', orderId: 500 } }]);
    const { refunds, disputes, payments, orders } = told.changes;
    for (const rows of [refunds, disputes, payments, orders]) {
      expect(rows).toEqual({ inserted: [], updated: [] });
    }
    expect(world.events.get(event.event.key)).toMatchObject({ result: 'ignored', holdId: 70, productId: 1 });
  });
});

describe('a fact without a reference', () => {
  const unnamed = { reference: null } as const;

  it.each([
    ['bought it', 'paid', 'refunded'],
    ['came too late for it', 'refund_due', 'refunded'],
  ] as const)('is about the payment of the order that %s', (_case, status, expected) => {
    for (const named of [{ orderId: 500 }, { orderId: null, holdId: 70 }, { orderId: 500, holdId: 70 }]) {
      const world = worldOf(orderedRows(status));
      expect(world.one(returned(null, 0, { ...unnamed, ...named }), noonMs)).toMatchObject({
        answer: { result: 'processed', orderStatus: expected },
      });
      expect(audit(world, noonMs)).toEqual([]);
    }
  });

  it('is not about other money of the order', () => {
    const second = { name: 'ref:pi_second', decision: 'owed', settlement: 'refunded' } as const;
    const refund = aRefund({ paymentName: 'ref:pi_second', reason: 'second_payment' });
    const rows = orderedRows('paid');
    const world = worldOf({ ...rows, payments: [...rows.payments, aPayment(second)], refunds: [refund] });
    world.one(returned(null, 0, unnamed), noonMs);
    expect(world.refunds.get(1)).toEqual(refund);
    expect(settlementOf(world)).toBe('refunded');
  });

  it('counts together with those that name the reference', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(returned(1000, 1), noonMs);
    world.one(returned(3000, 3, unnamed), noonMs);
    world.one(returned(2000, 2), noonMs);
    expect([...world.refunds.values()]).toMatchObject([{ amountMinor: 3000 }]);
  });
});

describe('a fact with a reference', () => {
  it('is about that payment, whatever else it names, and is the same when it comes again', () => {
    const world = worldOf(orderedRows('paid'));
    const event = returned(null, 0, { orderId: 777 });
    const first = world.one(event, noonMs);
    expect(first).toMatchObject({ answer: { result: 'processed', orderId: 500, orderStatus: 'refunded' } });
    expect(world.one(event, noonMs)).toEqual({ ...first, replayed: true });
  });

  it('is about that payment also when it names nothing else', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(returned(null, 0, { orderId: null }), noonMs);
    expect(statusOf(world)).toBe('refunded');
  });

  it('is refused when it names an order and a hold that do not belong together', () => {
    const world = worldOf(orderedRows('paid'));
    const refused = world.batch([returned(null, 0, { holdId: 71 })], noonMs);
    expect(refused.outcomes).toEqual([
      {
        ...{ kind: 'refused', code: 'invalid_request', field: 'hold_id' },
        message: 'expected the hold of order 500, got 71',
      },
    ]);
    expect(refused.changes.events).toEqual({ inserted: [], updated: [] });
  });

  it('is decided in the next batch when the payment came between the look for it and the lock', () => {
    const world = worldOf(orderedRows('paid'));
    const event = returned(total);
    const located = {
      ...world.load([event], noonMs),
      ...{ products: new Map(), holds: new Map(), orders: new Map() },
    };
    const decision = world.decide(located, [event]);
    expect(decision.outcomes).toEqual([{ kind: 'deferred' }]);
    expect(decision.changes.events).toEqual({ inserted: [], updated: [] });
  });
});
