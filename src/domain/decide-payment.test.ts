import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  noonMs,
  noonSecondMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { OrderStatus } from './order.ts';
import type { IncomingPaymentEvent, PaymentResult } from './payment.ts';

const everyStatus: readonly OrderStatus[] = [
  'pending',
  'paid',
  'failed',
  'cancelled',
  'expired',
  'refund_due',
  'refunded',
];

type Line = {
  readonly promise: string;
  readonly event: Partial<IncomingPaymentEvent>;
  readonly stock?: number;
  /**
   * Result, order status and stock deducted; where a status is left out, nothing happens to the order:
   * `ignored`.
   */
  readonly expected: Partial<Record<OrderStatus, readonly [PaymentResult, OrderStatus, number]>>;
};

const otherwiseUnchanged = (
  result: PaymentResult,
): Record<OrderStatus, readonly [PaymentResult, OrderStatus, number]> => ({
  pending: [result, 'pending', 0],
  paid: [result, 'paid', 0],
  failed: [result, 'failed', 0],
  cancelled: [result, 'cancelled', 0],
  expired: [result, 'expired', 0],
  refund_due: [result, 'refund_due', 0],
  refunded: [result, 'refunded', 0],
});

const lines: readonly Line[] = [
  {
    promise: 'changes nothing for a payment that was settled before',
    event: { reference: 'pi_first' },
    expected: {
      // Nothing has settled a payment of these yet, so the same event pays them.
      pending: ['processed', 'paid', 2],
      failed: ['processed', 'paid', 2],
      cancelled: ['processed', 'paid', 2],
      expired: ['processed', 'paid', 2],
    },
  },
  {
    promise: 'lets failed end a pending order only',
    event: { status: 'failed', amountMinor: null, currency: null },
    expected: { pending: ['processed', 'failed', 0] },
  },
  {
    promise: 'takes failed for the same payment that settled the order as old news',
    event: { status: 'failed', reference: 'pi_first' },
    expected: { pending: ['processed', 'failed', 0] },
  },
  {
    promise: 'notes that a card was declined and changes nothing: another one may follow',
    event: { status: 'declined' },
    expected: {},
  },
  {
    promise: 'sends back too small an amount and leaves the order alone',
    event: { amountMinor: 239_997 },
    expected: otherwiseUnchanged('amount_mismatch'),
  },
  {
    promise: 'sends back too large an amount and leaves the order alone',
    event: { amountMinor: 239_999 },
    expected: otherwiseUnchanged('amount_mismatch'),
  },
  {
    promise: 'sends back another currency and leaves the order alone',
    event: { currency: 'EUR' },
    expected: otherwiseUnchanged('amount_mismatch'),
  },
  {
    promise: 'pays what waits, and what ended while units are available; refunds a second payment',
    event: {},
    expected: {
      pending: ['processed', 'paid', 2],
      failed: ['processed', 'paid', 2],
      cancelled: ['processed', 'paid', 2],
      expired: ['processed', 'paid', 2],
      paid: ['refund_due', 'paid', 0],
      refund_due: ['refund_due', 'refund_due', 0],
      refunded: ['refund_due', 'refunded', 0],
    },
  },
  {
    promise: 'takes an event without an amount to be for the whole order',
    event: { amountMinor: null, currency: null },
    expected: {
      pending: ['processed', 'paid', 2],
      failed: ['processed', 'paid', 2],
      cancelled: ['processed', 'paid', 2],
      expired: ['processed', 'paid', 2],
      paid: ['refund_due', 'paid', 0],
      refund_due: ['refund_due', 'refund_due', 0],
      refunded: ['refund_due', 'refunded', 0],
    },
  },
  {
    promise: 'owes the money of an ended order back when its units are gone',
    event: {},
    stock: 1,
    expected: {
      failed: ['refund_due', 'refund_due', 0],
      cancelled: ['refund_due', 'refund_due', 0],
      expired: ['refund_due', 'refund_due', 0],
      paid: ['refund_due', 'paid', 0],
      refund_due: ['refund_due', 'refund_due', 0],
      refunded: ['refund_due', 'refunded', 0],
    },
  },
  {
    promise: 'sends nothing by itself for a second payment without a reference',
    event: { reference: null },
    expected: {
      pending: ['processed', 'paid', 2],
      failed: ['processed', 'paid', 2],
      cancelled: ['processed', 'paid', 2],
      expired: ['processed', 'paid', 2],
      paid: ['possible_second_payment', 'paid', 0],
      refund_due: ['possible_second_payment', 'refund_due', 0],
      refunded: ['possible_second_payment', 'refunded', 0],
    },
  },
];

describe('a payment event for an order', () => {
  describe.each(lines)('$promise', ({ event, stock, expected }) => {
    const statuses = stock === undefined ? everyStatus : everyStatus.filter((status) => status !== 'pending');

    it.each(statuses)('when the order is %s', (before) => {
      const world = worldOf(orderedRows(before, stock === undefined ? {} : { stock }));
      const stockBefore = world.products.get(1)?.stock ?? 0;
      const refundsBefore = world.refunds.size;
      const [result, orderStatus, stockDeducted] = expected[before] ?? ['ignored', before, 0];

      expect(world.one(applyEvent(event), noonMs)).toEqual({
        kind: 'payment_event_answered',
        answer: { result, orderId: 500, orderStatus, stockDeducted },
        replayed: false,
      });

      expect(world.orders.get(500)?.status).toBe(orderStatus);
      expect(world.holds.get(70)?.status).toBe(
        { pending: 'ordered', paid: 'consumed' }[orderStatus as string] ?? 'released',
      );
      expect(world.products.get(1)?.stock).toBe(stockBefore - stockDeducted);
      expect(world.refunds.size - refundsBefore).toBe(
        result === 'refund_due' || result === 'amount_mismatch' ? 1 : 0,
      );
      expect(world.events.get('evt_1')).toMatchObject({ orderId: 500, holdId: 70, productId: 1, result });
    });
  });

  it.each([
    [
      'amount_mismatch',
      'pending',
      { amountMinor: 5 },
      { amountMinor: 5, currency: 'USD', reason: 'amount_mismatch' },
    ],
    [
      'amount_mismatch',
      'paid',
      { currency: 'EUR' },
      { amountMinor: 239_998, currency: 'EUR', reason: 'amount_mismatch' },
    ],
    ['refund_due', 'paid', {}, { amountMinor: 239_998, currency: 'USD', reason: 'second_payment' }],
    ['refund_due', 'refunded', {}, { amountMinor: 239_998, currency: 'USD', reason: 'second_payment' }],
  ] as const)('owes what was paid: %s of a %s order', (_result, status, event, refund) => {
    const world = worldOf(orderedRows(status));
    world.one(applyEvent(event), noonMs);
    expect([...world.refunds.values()].at(-1)).toMatchObject({
      ...refund,
      status: 'due',
      paymentName: 'ref:pi_1',
      orderId: 500,
    });
    expect(world.payments.get('ref:pi_1')?.settlement).toBe('refunded');
  });

  it.each([
    ['neither payment has a reference', 'key:evt_0', null, 'possible_second_payment'],
    ['only the first has a reference', 'ref:pi_first', null, 'possible_second_payment'],
    ['only the second has a reference', 'key:evt_0', 'pi_1', 'possible_second_payment'],
    ['both have a reference', 'ref:pi_first', 'pi_1', 'refund_due'],
  ] as const)('decides a second payment by its references: %s', (_case, name, reference, result) => {
    const world = worldOf({ ...orderedRows('paid'), payments: [aPayment({ name })] });
    expect(world.one(applyEvent({ reference }), noonMs)).toMatchObject({
      answer: { result, orderStatus: 'paid' },
    });
    expect(world.refunds.size).toBe(result === 'refund_due' ? 1 : 0);
    expect(world.payments.size).toBe(2);
  });

  it('tells an operator again, but sends nothing, when a flagged payment is told of again', () => {
    const world = worldOf({ ...orderedRows('paid'), payments: [aPayment({ name: 'key:evt_0' })] });
    const first = world.batch([applyEvent()], noonMs);
    const again = world.batch([applyEvent({ key: 'evt_2' })], noonMs);
    for (const decision of [first, again]) {
      expect(decision.outcomes).toMatchObject([{ answer: { result: 'possible_second_payment' } }]);
      expect(decision.happened.map((event) => event.kind)).toContain('possible_second_payment');
    }
    expect(world.payments.get('ref:pi_1')?.settlement).toBe('flagged');
    expect(world.refunds.size).toBe(0);
  });

  it('gives two payments of one batch for one order to the first and refunds the second', () => {
    const world = worldOf(orderedRows('pending'));
    const outcomes = world.submit([applyEvent(), applyEvent({ key: 'evt_2', reference: 'pi_2' })], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'processed' } },
      { answer: { result: 'refund_due' } },
    ]);
    expect(world.products.get(1)).toMatchObject({ stock: 8, held: 0 });
  });

  it('ignores a payment that was settled for another order', () => {
    const other = anOrder({ id: 501, holdId: 72 });
    const rows = orderedRows('paid');
    const world = worldOf({
      ...rows,
      holds: [...rows.holds, aHold({ id: 72, status: 'ordered' })],
      orders: [...rows.orders, other],
    });
    expect(world.one(applyEvent({ orderId: 501, reference: 'pi_first' }), noonMs)).toMatchObject({
      answer: { result: 'ignored', orderId: 501, orderStatus: 'pending' },
    });
  });
});

describe('a payment at the deadline', () => {
  it.each([
    ['one millisecond before it is in time', -1, 'processed', 'paid', 2],
    ['at it finds the units gone to the next buyer', 0, 'refund_due', 'refund_due', 0],
  ] as const)('%s', (_case, offsetMs, result, orderStatus, stockDeducted) => {
    const deadlineMs = noonSecondMs + 60_000;
    const rows = orderedRows('pending', { stock: 4 });
    const world = worldOf({
      ...rows,
      holds: [...rows.holds, aHold({ id: 72, expiresAtMs: deadlineMs + 60_000 })],
    });
    // Another buyer's hold takes the units as soon as they are available; it comes first only from the
    // deadline on.
    world.one(
      { kind: 'create_hold', holdId: 73, productId: 1, quantity: 2, idempotencyKey: null },
      deadlineMs + offsetMs,
    );
    expect(world.one(applyEvent(), deadlineMs + offsetMs)).toMatchObject({
      answer: { result, orderStatus, stockDeducted },
    });
  });

  it('counts a failed event after the deadline as old news: the order is expired, not failed', () => {
    const world = worldOf(orderedRows('pending'));
    expect(world.one(applyEvent({ status: 'failed' }), noonSecondMs + 60_000)).toMatchObject({
      answer: { result: 'ignored', orderStatus: 'expired' },
    });
    expect(world.holds.get(70)).toMatchObject({ status: 'released', releaseReason: 'expired' });
  });

  it('pays one and refunds the other of two late payments for the one pair of units that came back', () => {
    const world = worldOf({
      products: [aProduct({ stock: 2 })],
      holds: [aHold({ status: 'released' }), aHold({ id: 72, status: 'released' })],
      orders: [anOrder({ status: 'expired' }), anOrder({ id: 501, holdId: 72, status: 'expired' })],
    });
    const second = applyEvent({ key: 'evt_2', orderId: 501, reference: 'pi_2' });
    expect(world.submit([applyEvent(), second], noonMs)).toMatchObject([
      { answer: { result: 'processed', orderStatus: 'paid', stockDeducted: 2 } },
      { answer: { result: 'refund_due', orderStatus: 'refund_due', stockDeducted: 0 } },
    ]);
    expect(world.products.get(1)).toMatchObject({ stock: 0, held: 0 });
  });

  it('takes units that stand in rows of overdue holds, and releases only as many as it needs', () => {
    const world = worldOf({
      products: [aProduct({ stock: 4 })],
      holds: [
        aHold({ status: 'released' }),
        aHold({ id: 72, quantity: 1, expiresAtMs: noonSecondMs - 3000 }),
        aHold({ id: 73, quantity: 1, expiresAtMs: noonSecondMs - 4000 }),
        aHold({ id: 74, quantity: 2, expiresAtMs: noonSecondMs - 2000 }),
      ],
      orders: [anOrder({ status: 'failed' })],
    });
    expect(world.one(applyEvent(), noonMs)).toMatchObject({ answer: { result: 'processed' } });
    expect([72, 73, 74].map((id) => world.holds.get(id)?.status)).toEqual(['released', 'released', 'held']);
  });
});
