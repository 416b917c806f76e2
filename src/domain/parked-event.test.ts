import { describe, expect, it } from 'vitest';
import {
  aHold,
  aParkedEvent,
  aPayment,
  aProduct,
  applyEarlyEvent,
  applyEvent,
  createHold,
  createOrder,
  noonMs,
  noonSecondMs,
  orderedRows,
  rules,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { MemoryWorld } from '../../test/support/memory-world.ts';
import type { IncomingPaymentEvent } from './payment.ts';

const secondsLater = (seconds: number) => noonMs + seconds * 1000;
const parked = { kind: 'payment_event_answered', answer: { result: 'parked' }, replayed: false };
const active = () => worldOf({ products: [aProduct()], holds: [aHold()] });
const results = (world: MemoryWorld) => [...world.events.values()].map((event) => event.result);

describe('an event for a hold without an order', () => {
  it('waits under an active hold and re-arms it, rounded up, to its arrival and the time of a payment', () => {
    const world = active();
    expect(world.one(applyEarlyEvent(), noonMs)).toEqual(parked);
    expect(world.holds.get(70)).toMatchObject({
      status: 'held',
      parked: 'paid',
      expiresAtMs: noonSecondMs + 1000 + rules.paymentSeconds * 1000,
    });
    expect(world.availability(1, noonMs).nextReleaseAtMs).toBe(world.holds.get(70)?.expiresAtMs);
  });

  it.each([
    ['the second paid', ['paid', 'paid'], 0],
    ['a failed after a paid', ['paid', 'failed'], 0],
    ['a failed', ['failed'], null],
    ['the first paid after a failed', ['failed', 'paid'], 1],
  ] as const)('counts the deadline once: %s', (_case, statuses, rearmedBy) => {
    const world = active();
    for (const [index, status] of statuses.entries()) {
      world.one(
        applyEarlyEvent({ key: `evt_${index}`, reference: `pi_${index}`, status }),
        secondsLater(index * 10),
      );
    }
    expect(world.holds.get(70)?.expiresAtMs).toBe(
      rearmedBy === null
        ? aHold().expiresAtMs
        : noonSecondMs + 1000 + (rearmedBy * 10 + rules.paymentSeconds) * 1000,
    );
  });

  it('never brings a deadline nearer', () => {
    const expiresAtMs = noonSecondMs + 2 * rules.paymentSeconds * 1000;
    const world = worldOf({ products: [aProduct()], holds: [aHold({ expiresAtMs })] });
    world.one(applyEarlyEvent(), noonMs);
    expect(world.holds.get(70)?.expiresAtMs).toBe(expiresAtMs);
  });

  it.each([
    ['is overdue', aHold({ expiresAtMs: noonSecondMs })],
    ['ran out', aHold({ status: 'released' })],
    ['was let go', aHold({ status: 'released', releaseReason: 'released' })],
  ] as const)('is answered as parked, and its money owed back at once, when the hold %s', (_case, hold) => {
    const world = worldOf({ products: [aProduct()], holds: [hold] });
    expect(world.one(applyEarlyEvent({ amountMinor: 7, currency: 'EUR' }), noonMs)).toEqual(parked);
    expect(results(world)).toEqual(['refund_due']);
    expect(world.holds.get(70)?.status).toBe('released');
    expect([...world.refunds.values()]).toMatchObject([
      { reason: 'hold_ended', status: 'due', amountMinor: 7, currency: 'EUR', orderId: null, holdId: 70 },
    ]);
  });

  it('owes the price at the time of the hold when the event named no amount', () => {
    const world = worldOf({
      products: [aProduct({ priceMinor: 1 })],
      holds: [aHold({ status: 'released' })],
    });
    world.one(applyEarlyEvent({ amountMinor: null, currency: null }), noonMs);
    expect([...world.refunds.values()]).toMatchObject([{ amountMinor: 239_998, currency: 'USD' }]);
  });

  it.each([
    ['failed', { status: 'failed' }, [], ['ignored'], 0],
    ['a payment that was settled elsewhere', { reference: 'pi_first' }, [aPayment()], ['ignored'], 0],
    [
      'money without a reference behind settled money',
      { reference: null },
      [aPayment({ name: 'key:evt_0', orderId: null, settlement: 'refunded' })],
      ['possible_second_payment'],
      0,
    ],
    [
      'a second reference behind a settled one',
      {},
      [aPayment({ orderId: null, settlement: 'refunded' })],
      ['refund_due'],
      1,
    ],
  ] as const)('after the hold ended owes nothing twice: %s', (_case, event, payments, expected, refunds) => {
    const world = worldOf({ products: [aProduct()], holds: [aHold({ status: 'released' })], payments });
    world.one(applyEarlyEvent(event), noonMs);
    expect(results(world)).toEqual(expected);
    expect(world.refunds.size).toBe(refunds);
  });

  it('gets the same answer again, before and after it was decided', () => {
    const world = active();
    world.one(applyEarlyEvent(), noonMs);
    const again = { ...parked, replayed: true };
    expect(world.one(applyEarlyEvent(), noonMs)).toEqual(again);
    world.one(createOrder(), noonMs);
    expect(results(world)).toEqual(['processed']);
    expect(world.one(applyEarlyEvent(), noonMs)).toEqual(again);
    expect(world.one(applyEarlyEvent({ amountMinor: 1 }), noonMs)).toEqual({
      kind: 'refused',
      code: 'idempotency_key_reused',
    });
  });
});

describe('events that wait under a hold', () => {
  type Ending = readonly [string, Partial<IncomingPaymentEvent>[], string, string[], number];
  const endings: readonly Ending[] = [
    ['paid pays it', [{}], 'paid', ['processed'], 0],
    ['failed ends it', [{ status: 'failed' }], 'failed', ['processed'], 0],
    ['failed, then paid, pays it', [{ status: 'failed' }, {}], 'paid', ['processed', 'processed'], 0],
    [
      'paid, then failed, pays it',
      [{}, { status: 'failed', reference: 'pi_9' }],
      'paid',
      ['processed', 'ignored'],
      0,
    ],
    ['two reports of one payment pay it once', [{}, {}], 'paid', ['processed', 'ignored'], 0],
    [
      'the second of two payments is owed back',
      [{}, { reference: 'pi_2' }],
      'paid',
      ['processed', 'refund_due'],
      1,
    ],
    ['a wrong amount is owed back', [{ amountMinor: 1 }], 'pending', ['amount_mismatch'], 1],
    [
      'a wrong amount, then the right one',
      [{ amountMinor: 1 }, { reference: 'pi_2' }],
      'paid',
      ['amount_mismatch', 'processed'],
      1,
    ],
    [
      'money told of without a reference',
      [{ reference: null }, { reference: null }],
      'paid',
      ['processed', 'possible_second_payment'],
      0,
    ],
  ];

  it.each(endings)(
    'are applied to its order in order of arrival: %s',
    (_case, events, status, expected, refunds) => {
      const world = active();
      for (const [index, event] of events.entries()) {
        world.one(applyEarlyEvent({ key: `evt_${index}`, ...event }), noonMs + index);
      }
      const created = world.one(createOrder({ idempotencyKey: 'once' }), secondsLater(30));
      expect(created).toMatchObject({ kind: 'order_created', order: { status }, replayed: false });
      expect(created.kind === 'order_created' && created.refunds).toHaveLength(refunds);
      expect(results(world)).toEqual(expected);
      expect(world.one(createOrder({ orderId: 501, idempotencyKey: 'once' }), secondsLater(40))).toEqual({
        ...created,
        replayed: true,
      });
    },
  );

  it('keep the units for the order long after the hold alone would have run out', () => {
    const world = active();
    world.one(applyEarlyEvent(), noonMs);
    expect(world.one(createHold({ quantity: 9 }), secondsLater(300))).toMatchObject({
      code: 'insufficient_stock',
      availableStock: 8,
    });
    expect(world.one(createOrder(), secondsLater(300))).toMatchObject({ order: { status: 'paid' } });
  });

  it.each([
    [
      'its buyer lets go',
      (world: MemoryWorld) => world.one({ kind: 'release_hold', holdId: 70 }, secondsLater(1)),
    ],
    [
      'the worker finds it overdue',
      (world: MemoryWorld) => world.one({ kind: 'expire_holds', productId: 1, limit: 9 }, secondsLater(700)),
    ],
    [
      'the next buyer needs its units',
      (world: MemoryWorld) => world.one(createHold({ quantity: 10 }), secondsLater(700)),
    ],
    [
      'an operator takes the units',
      (world: MemoryWorld) =>
        world.one(
          { kind: 'change_stock', stockChangeId: 9, productId: 1, change: -10, reason: 'broken' },
          secondsLater(700),
        ),
    ],
  ] as const)('are owed back in the transaction that ends the hold: %s', (_case, end) => {
    const world = active();
    world.one(applyEarlyEvent(), noonMs);
    world.one(applyEarlyEvent({ key: 'evt_2', status: 'failed' }), noonMs);
    world.one(applyEarlyEvent({ key: 'evt_3', reference: 'pi_3' }), noonMs);
    expect(end(world).kind).not.toBe('refused');
    expect(results(world)).toEqual(['refund_due', 'ignored', 'refund_due']);
    expect([...world.refunds.values()].map((refund) => refund.paymentName)).toEqual(['ref:pi_1', 'ref:pi_3']);
  });

  it('do not owe a payment back that an order of another hold was paid with', () => {
    const rows = orderedRows('paid');
    const world = worldOf({
      ...rows,
      holds: [...rows.holds, aHold({ id: 72, parked: 'paid' })],
      events: [aParkedEvent({ holdId: 72, reference: 'pi_first' })],
    });
    world.one({ kind: 'release_hold', holdId: 72 }, noonMs);
    expect(results(world)).toEqual(['ignored']);
    expect(world.refunds.size).toBe(0);
  });

  it('wait for the order that is created in the same batch', () => {
    const world = active();
    const outcomes = world.submit([createOrder(), applyEarlyEvent()], noonMs);
    expect(outcomes).toMatchObject([{ order: { status: 'paid' } }, parked]);
  });
});

describe('an event for an unknown order or hold', () => {
  it.each([
    ['order', { orderId: 999, holdId: null }],
    ['hold', { orderId: null, holdId: 999 }],
    ['order and hold', { orderId: 998, holdId: 999 }],
  ])('is parked and counted: %s', (_case, named) => {
    const world = active();
    expect(world.one(applyEvent(named), noonMs)).toEqual(parked);
    expect(world.events.get('evt_1')).toMatchObject({ ...named, productId: null, result: 'parked' });
    expect(world.parkedUnknown()).toBe(1);
    expect([world.payments.size, world.refunds.size]).toEqual([0, 0]);
  });

  it('is refused beyond the bound, also inside one batch, while known ones and replays are not', () => {
    const world = active();
    const flood = [1, 2, 3, 4].map((n) => applyEvent({ key: `evt_${n}`, orderId: 900 + n }));
    expect(world.submit(flood, noonMs)).toMatchObject([
      parked,
      parked,
      parked,
      { kind: 'refused', code: 'overloaded' },
    ]);
    expect(world.one(applyEvent({ key: 'evt_5', orderId: 905 }), noonMs)).toEqual({
      kind: 'refused',
      code: 'overloaded',
    });
    expect(world.one(applyEvent({ key: 'evt_1', orderId: 901 }), noonMs)).toEqual({
      ...parked,
      replayed: true,
    });
    expect(world.one(applyEarlyEvent({ key: 'evt_6' }), noonMs)).toEqual(parked);
    expect(world.events.size).toBe(4);
  });
});
