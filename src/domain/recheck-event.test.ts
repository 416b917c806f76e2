import { describe, expect, it } from 'vitest';
import {
  aHold,
  anEarlyEvent,
  anOrder,
  aParkedEvent,
  aPayment,
  aProduct,
  applyEvent,
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

const unknown = (over: Partial<IncomingPaymentEvent>) =>
  aParkedEvent({ ...anEarlyEvent(over), productId: null, receivedAtMs: noonMs });
const recheck = (over: Partial<IncomingPaymentEvent>) =>
  ({ kind: 'recheck_parked_event', event: anEarlyEvent(over) }) as const;

describe('a second look at a parked event', () => {
  const byOrder = { orderId: 500, holdId: null };

  it.each([
    ['is applied to the order that it named', orderedRows('pending'), byOrder, 'processed', 'paid'],
    ['is applied to the order of the hold that it named', orderedRows('pending'), {}, 'processed', 'paid'],
    [
      'is applied to the order and hold that it named',
      orderedRows('pending'),
      { orderId: 500 },
      'processed',
      'paid',
    ],
    ['pays an order late', orderedRows('expired'), byOrder, 'processed', 'paid'],
    ['finds the units gone', orderedRows('expired', { stock: 1 }), byOrder, 'refund_due', 'refund_due'],
    [
      'ends an order as failed',
      orderedRows('pending'),
      { ...byOrder, status: 'failed' },
      'processed',
      'failed',
    ],
    [
      'comes too late to fail a paid order',
      orderedRows('paid'),
      { ...byOrder, status: 'failed' },
      'ignored',
      'paid',
    ],
    [
      'never joins an order and a hold of another',
      orderedRows('pending'),
      { orderId: 500, holdId: 71 },
      'parked',
      'pending',
    ],
  ] as const)('%s', (_case, rows, named, result, orderStatus) => {
    const world = worldOf({ ...rows, events: [unknown(named)] });
    expect(world.one(recheck(named), noonMs)).toEqual({ kind: 'parked_event_rechecked', result });
    expect(world.orders.get(500)?.status).toBe(orderStatus);
    expect(world.events.get('evt_1')).toMatchObject({ result, answer: { result: 'parked' } });
  });

  it('does not settle a payment twice that another order was paid with meanwhile', () => {
    const rows = orderedRows('pending');
    const world = worldOf({
      ...rows,
      holds: [...rows.holds, aHold({ id: 72, status: 'consumed' })],
      orders: [...rows.orders, anOrder({ id: 501, holdId: 72, status: 'paid' })],
      payments: [aPayment({ name: 'ref:pi_1', orderId: 501, holdId: 72 })],
      events: [unknown(byOrder)],
    });
    expect(world.one(recheck(byOrder), noonMs)).toEqual({
      kind: 'parked_event_rechecked',
      result: 'ignored',
    });
  });

  it('waits under a hold that is known by now, and is applied to its order', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()], events: [unknown({})] });
    expect(world.one(recheck({}), noonMs)).toEqual({ kind: 'parked_event_rechecked', result: 'parked' });
    expect([world.parkedUnknown(), world.holds.get(70)?.parked]).toEqual([0, 'paid']);
    expect(world.one(createOrder(), noonMs)).toMatchObject({ order: { status: 'paid' } });
  });

  it('re-arms a hold by the arrival of the event, not by the second look', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()], events: [unknown({})] });
    world.one(recheck({}), secondsLater(50));
    expect(world.holds.get(70)?.expiresAtMs).toBe(noonSecondMs + 1000 + rules.paymentSeconds * 1000);
  });

  it('keeps the place of its arrival among those that wait already', () => {
    const earlier = aParkedEvent({ ...anEarlyEvent({ key: 'evt_0', reference: null }), productId: null });
    const later = { ...earlier, key: 'evt_1', productId: 1, receivedAtMs: earlier.receivedAtMs + 1 };
    const world = worldOf({
      products: [aProduct()],
      holds: [aHold({ parked: 'paid' })],
      events: [earlier, later],
    });
    world.submit([recheck({ key: 'evt_0' }), { kind: 'release_hold', holdId: 70 }], noonMs);
    expect(results(world)).toEqual(['refund_due', 'possible_second_payment']);
  });

  it('is owed back when the hold is known by now and has ended', () => {
    const world = worldOf({
      products: [aProduct()],
      holds: [aHold({ expiresAtMs: noonSecondMs })],
      events: [unknown({})],
    });
    expect(world.one(recheck({}), noonMs)).toEqual({ kind: 'parked_event_rechecked', result: 'refund_due' });
    expect(world.refunds.size).toBe(1);
  });

  it('is applied once when it is looked at in the batch that makes its order', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()], events: [unknown({})] });
    world.submit([createOrder(), recheck({}), recheck({})], noonMs);
    expect(results(world)).toEqual(['processed']);
    expect(world.products.get(1)?.stock).toBe(8);
  });

  it('keeps its place behind a payment that waits for more overdue holds to be released', () => {
    const rows = orderedRows('expired', { stock: 3 });
    const overdue = [80, 81, 82].map((id) => aHold({ id, quantity: 1, expiresAtMs: noonSecondMs }));
    const world = worldOf(
      {
        ...rows,
        holds: [...rows.holds, aHold({ id: 72, status: 'released', quantity: 1 }), ...overdue],
        orders: [
          ...rows.orders,
          anOrder({ id: 501, holdId: 72, status: 'expired', quantity: 1, totalMinor: 1 }),
        ],
        events: [unknown({ orderId: 501, holdId: null, amountMinor: 1 })],
      },
      1,
    );
    const second = recheck({ orderId: 501, holdId: null, reference: 'pi_1' });
    const late = applyEvent({ key: 'evt_0', reference: 'pi_0' });
    expect(world.batch([late, second], noonMs).outcomes).toEqual([
      { kind: 'deferred' },
      { kind: 'deferred' },
    ]);
    expect(world.submit([late, second], noonMs)).toMatchObject([
      { answer: { result: 'processed' } },
      { result: 'processed' },
    ]);
  });

  it.each([
    ['an unknown key', [], null],
    ['an event that still nobody knows', [unknown({ orderId: 999, holdId: null })], 'parked'],
    ['an event that waits under its hold', [aParkedEvent({ holdId: 72 })], 'parked'],
    ['an event that was given up', [aParkedEvent({ productId: null, result: 'unmatched' })], 'unmatched'],
    ['an event that was applied', [aParkedEvent({ orderId: 500, result: 'processed' })], 'processed'],
  ] as const)('changes nothing of %s', (_case, events, result) => {
    const world = worldOf({ ...orderedRows('pending'), events });
    const named = { orderId: events[0]?.orderId ?? null, holdId: events[0]?.holdId ?? null };
    const decision = world.batch([recheck(named)], noonMs);
    expect(decision.outcomes).toEqual([{ kind: 'parked_event_rechecked', result }]);
    expect(decision.changes.events).toEqual({ inserted: [], updated: [] });
  });
});

describe('giving up on a parked event', () => {
  const abandon = (over: Parameters<typeof recheck>[0]) =>
    ({ ...recheck(over), kind: 'abandon_parked_event' }) as const;

  it('applies one whose order is known by now instead', () => {
    const world = worldOf({ ...orderedRows('pending'), events: [unknown({})] });
    expect(world.one(abandon({}), noonMs)).toMatchObject({ result: 'processed' });
    expect(world.products.get(1)?.stock).toBe(8);
  });

  it('lets one whose hold is known by now wait for its order instead', () => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()], events: [unknown({})] });
    expect(world.one(abandon({}), noonMs)).toMatchObject({ result: 'parked' });
    expect(world.holds.get(70)?.parked).toBe('paid');
  });

  it.each([
    [
      'makes one of an unknown order unmatched',
      [aParkedEvent({ orderId: 999, holdId: null, productId: null })],
      'unmatched',
    ],
    ['is a no-op the second time', [aParkedEvent({ productId: null, result: 'unmatched' })], 'unmatched'],
    ['leaves one that waits under a hold', [aParkedEvent()], 'parked'],
    ['leaves one that was applied', [aParkedEvent({ orderId: 500, result: 'processed' })], 'processed'],
    ['says null of an unknown key', [], null],
  ] as const)('%s', (_case, events, result) => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()], events });
    const outcome = world.one(abandon(events[0] ?? {}), noonMs);
    expect(outcome).toEqual({ kind: 'parked_event_rechecked', result });
    expect([world.payments.size, world.refunds.size]).toEqual([0, 0]);
  });

  it('makes room for another one', () => {
    const world = active();
    for (const n of [1, 2, 3]) {
      world.one(applyEvent({ key: `evt_${n}`, orderId: 900 + n }), noonMs);
    }
    const [abandoned, next, tooMany] = world.submit(
      [
        abandon({ orderId: 901, holdId: null }),
        applyEvent({ key: 'evt_4', orderId: 904 }),
        applyEvent({ key: 'evt_5', orderId: 905 }),
      ],
      noonMs,
    );
    expect(abandoned).toMatchObject({ result: 'unmatched' });
    expect(next).toEqual(parked);
    expect(tooMany).toEqual({ kind: 'refused', code: 'overloaded' });
    world.one(abandon({ key: 'evt_2', orderId: 902, holdId: null }), noonMs);
    expect(world.one(applyEvent({ key: 'evt_6', orderId: 906 }), noonMs)).toEqual(parked);
  });
});
