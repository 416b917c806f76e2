import { describe, expect, it } from 'vitest';
import {
  aHold,
  anEvent,
  anOrder,
  aProduct,
  applyEvent,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { IncomingPaymentEvent } from './payment.ts';

it('is told of once, with what came of it', () => {
  const decision = worldOf(orderedRows('pending')).batch([applyEvent()], noonMs);
  const answer = { result: 'processed', orderId: 500, orderStatus: 'paid', stockDeducted: 2 };
  const event = {
    ...anEvent({ holdId: 70 }),
    productId: 1,
    result: 'processed',
    answer,
    receivedAtMs: noonMs,
  };
  expect(decision.outcomes).toEqual([{ kind: 'payment_event_answered', answer, replayed: false }]);
  expect(decision.happened).toEqual([
    { kind: 'order_paid', order: anOrder({ status: 'paid' }) },
    { kind: 'payment_event_processed', event, answer },
  ]);
  expect(decision.changes.events).toEqual({ inserted: [event], updated: [] });
});

describe('an event that the same command has stored in a commit of unknown outcome', () => {
  const decideAgain = (receiptId: number, over: Partial<IncomingPaymentEvent> = {}) => {
    const world = worldOf(orderedRows('pending'));
    const first = world.one({ ...applyEvent(), receiptId: 7 }, noonMs);
    return { first, again: world.batch([{ ...applyEvent(over), receiptId }], noonMs + 1_000) };
  };

  it('has its first answer, and is not a duplicate', () => {
    const { first, again } = decideAgain(7);
    expect(again.outcomes).toEqual([first]);
    expect(first).toMatchObject({ replayed: false });
    expect(again.happened).toEqual([]);
    expect(again.changes.events).toEqual({ inserted: [], updated: [] });
  });

  it('is a duplicate when another delivery has stored it, also in the same millisecond', () => {
    const { first, again } = decideAgain(8);
    expect(again.outcomes).toEqual([{ ...first, replayed: true }]);
    expect(again.happened).toEqual([{ kind: 'payment_event_duplicate', key: 'evt_1' }]);
  });

  it('is refused when the stored event has another content', () => {
    const { again } = decideAgain(7, { amountMinor: 1 });
    expect(again.outcomes).toEqual([{ kind: 'refused', code: 'idempotency_key_reused' }]);
  });
});

describe('the same key again', () => {
  const resent: readonly (readonly [string, Partial<IncomingPaymentEvent>, boolean])[] = [
    ['the same content', {}, true],
    ['its hold named in place of its order', { orderId: null, holdId: 70 }, true],
    ['both its order and its hold named', { holdId: 70 }, true],
    ['another order', { orderId: 501 }, false],
    ['another hold', { orderId: null, holdId: 71 }, false],
    ['its order and another hold', { holdId: 71 }, false],
    ['another status', { status: 'failed' }, false],
    ['word of a declined card', { status: 'declined' }, false],
    ['another amount', { amountMinor: 1 }, false],
    ['no amount', { amountMinor: null, currency: null }, false],
    ['another currency', { currency: 'EUR' }, false],
    ['another reference', { reference: 'pi_2' }, false],
    ['no reference', { reference: null }, false],
  ];

  it.each(resent)('with %s', (_case, over, same) => {
    const world = worldOf(orderedRows('pending'));
    const first = world.one(applyEvent(), noonMs);
    const before = structuredClone(world.products.get(1));
    const again = world.batch([applyEvent(over)], noonMs + 86_400_000);
    expect(again.outcomes).toEqual([
      same ? { ...first, replayed: true } : { kind: 'refused', code: 'idempotency_key_reused' },
    ]);
    expect(again.happened).toEqual(same ? [{ kind: 'payment_event_duplicate', key: 'evt_1' }] : []);
    expect(world.products.get(1)).toEqual(before);
    expect([world.events.size, world.payments.size, world.refunds.size]).toEqual([1, 1, 0]);
  });

  it('gets the first answer also after the order went on', () => {
    const world = worldOf(orderedRows('pending'));
    const mismatch = applyEvent({ amountMinor: 1 });
    const first = world.one(mismatch, noonMs);
    world.one(applyEvent({ key: 'evt_2', reference: 'pi_2' }), noonMs);
    expect(world.one(mismatch, noonMs)).toEqual({ ...first, replayed: true });
  });

  it('has one effect and one answer inside one batch', () => {
    const world = worldOf(orderedRows('pending'));
    const outcomes = world.submit([applyEvent(), applyEvent(), applyEvent({ amountMinor: 1 })], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'processed' }, replayed: false },
      { answer: { result: 'processed' }, replayed: true },
      { code: 'idempotency_key_reused' },
    ]);
    expect(world.products.get(1)?.stock).toBe(8);
  });
});

describe('an order and a hold that are both named', () => {
  const held = { products: [aProduct()], holds: [aHold()] };
  it.each([
    ['belong together', orderedRows('pending'), { orderId: 500, holdId: 70 }, 'processed'],
    [
      'are an order and the hold of another',
      orderedRows('pending'),
      { orderId: 500, holdId: 71 },
      'invalid_request',
    ],
    [
      'are an ordered hold and an unknown order',
      orderedRows('pending'),
      { orderId: 999, holdId: 70 },
      'invalid_request',
    ],
    [
      'are a hold without an order and an unknown order',
      held,
      { orderId: 999, holdId: 70 },
      'invalid_request',
    ],
    ['are both unknown', held, { orderId: 999, holdId: 71 }, 'parked'],
  ] as const)('%s', (_case, rows, named, expected) => {
    const world = worldOf(rows);
    const outcome = world.one({ kind: 'apply_payment_event', event: anEvent(named) }, noonMs);
    const isAnswered = outcome.kind === 'payment_event_answered';
    expect(outcome).toMatchObject(isAnswered ? { answer: { result: expected } } : { code: expected });
    expect(world.events.size).toBe(isAnswered ? 1 : 0);
  });

  it.each([
    [{ orderId: 500, holdId: 71 }, 'expected the hold of order 500, got 71'],
    [{ orderId: 999, holdId: 70 }, 'expected the hold of order 999, got 70'],
  ])('are told apart from each other in the refusal', (named, message) => {
    expect(worldOf(orderedRows('pending')).one(applyEvent(named), noonMs)).toEqual({
      kind: 'refused',
      code: 'invalid_request',
      field: 'hold_id',
      message,
    });
  });
});
