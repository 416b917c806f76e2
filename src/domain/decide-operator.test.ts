import { describe, expect, it } from 'vitest';
import {
  aHold,
  anEvent,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  noonMs,
  noonSecondMs,
  orderedRows,
  payOrder,
  refundOrder,
  toldWorldOf,
  worldOf,
} from '../../test/support/domain-state.ts';

describe('a refund by an operator', () => {
  it('owes all that is left, and the order stays paid until the money has gone', () => {
    const world = worldOf(orderedRows('paid'));
    expect(world.one(refundOrder(), noonMs)).toMatchObject({
      kind: 'order_refund_due',
      order: { status: 'paid' },
      refunds: [{ status: 'due', reason: 'requested', amountMinor: 239_998, owedMinor: 239_998 }],
    });
    expect(world.products.get(1)?.stock).toBe(10);
    const [refund] = [...world.refunds.values()];
    world.one({ kind: 'settle_refund', refundId: refund?.id ?? 0 }, noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it('owes a part, and a further part on top of it', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(refundOrder({ amount: 400 }), noonMs);
    expect(world.one(refundOrder({ decisionId: 952, amount: 500.5 }), noonMs)).toMatchObject({
      order: { status: 'paid' },
      refunds: [{ owedMinor: 90_050, status: 'due' }],
    });
    expect([...world.refunds.values()]).toHaveLength(1);
    expect([...world.operatorDecisions.values()].map(({ amountMinor }) => amountMinor)).toEqual([
      40_000, 50_050,
    ]);
  });

  it('counts what has gone back at the provider, so that no more than the payment goes back in all', () => {
    const world = worldOf(orderedRows('paid'));
    const returned = anEvent({ status: 'refunded', reference: 'pi_first', amountMinor: 4_000 });
    world.one({ kind: 'apply_payment_event', event: returned }, noonMs);
    expect(world.one(refundOrder({ amount: 2359.99 }), noonMs)).toMatchObject({
      kind: 'refused',
      code: 'invalid_request',
      field: 'amount',
      message: 'expected at most 2359.98 USD, which is left of the payment, got 2359.99',
    });
    expect(world.one(refundOrder(), noonMs)).toMatchObject({
      refunds: [{ owedMinor: 239_998, returnedMinor: 4_000, status: 'due' }],
    });
    const [decision] = [...world.operatorDecisions.values()];
    expect(decision).toMatchObject({ choice: 'refund', amountMinor: 235_998, reason: 'arrived broken' });
  });

  it('is refused when all of the payment goes back already', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(refundOrder(), noonMs);
    expect(world.one(refundOrder({ decisionId: 952 }), noonMs)).toEqual({
      kind: 'refused',
      code: 'order_not_refundable',
      orderStatus: 'paid',
    });
  });

  it.each(['pending', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'] as const)(
    'is refused for an order that is %s',
    (orderStatus) => {
      const world = worldOf(orderedRows(orderStatus));
      expect(world.one(refundOrder(), noonMs)).toEqual({
        kind: 'refused',
        code: 'order_not_refundable',
        orderStatus,
      });
      expect(world.operatorDecisions.size).toBe(0);
    },
  );

  it('shows a pending order whose deadline has come as expired', () => {
    const world = worldOf(orderedRows('pending'));
    expect(world.one(refundOrder(), noonSecondMs + 60_000)).toMatchObject({ orderStatus: 'expired' });
  });

  it('refuses more decimals than the currency has', () => {
    const world = worldOf(orderedRows('paid'));
    expect(world.one(refundOrder({ amount: 1.005 }), noonMs)).toMatchObject({
      code: 'invalid_request',
      field: 'amount',
    });
  });

  it('puts the units back on the shelf in the same batch, as a change of stock with its reason', () => {
    const world = worldOf(orderedRows('paid'));
    const { changes } = world.batch([refundOrder({ restock: true })], noonMs);
    expect(world.products.get(1)).toMatchObject({ stock: 12, held: 0 });
    expect(changes.stockChanges).toEqual([
      { id: 951, productId: 1, change: 2, reason: 'order 500 refunded: arrived broken', createdAtMs: noonMs },
    ]);
    expect(world.holds.get(70)?.status).toBe('consumed');
    expect([...world.operatorDecisions.values()]).toMatchObject([{ restocked: 2 }]);
  });

  it('puts no units back for a part of the payment, but does with the rest of it', () => {
    const world = worldOf(orderedRows('paid'));
    expect(world.one(refundOrder({ amount: 1, restock: true }), noonMs)).toMatchObject({
      code: 'invalid_request',
      field: 'restock',
    });
    world.one(refundOrder({ amount: 1 }), noonMs);
    world.one(refundOrder({ decisionId: 952, restock: true }), noonMs);
    expect(world.products.get(1)?.stock).toBe(12);
  });

  it('refuses to put back more units than a product may have', () => {
    const world = worldOf(orderedRows('paid', { stock: 999_999_999 }));
    expect(world.one(refundOrder({ restock: true }), noonMs)).toMatchObject({ field: 'restock' });
    expect(world.refunds.size).toBe(0);
  });

  it('is answered as decided after a commit whose outcome was unknown, and has one effect', () => {
    const world = worldOf(orderedRows('paid'));
    const command = refundOrder({ amount: 400, restock: false });
    const first = world.batch([command], noonMs);
    const again = world.batch([command], noonMs + 5, true);
    expect(again.outcomes).toEqual(first.outcomes);
    expect(again.changes.refunds).toEqual({ inserted: [], updated: [] });
    expect(world.operatorDecisions.size).toBe(1);
  });

  it('is logged and told to others', () => {
    const world = toldWorldOf(orderedRows('paid'));
    const { happened, changes } = world.batch([refundOrder()], noonMs);
    expect(happened.map(({ kind }) => kind)).toEqual(['operator_decided', 'refund_due']);
    expect(changes.outgoingEvents.map(({ type }) => type)).toEqual(['refund.due']);
  });
});

describe('a payment by an operator', () => {
  it.each(['pending', 'failed', 'cancelled', 'expired'] as const)(
    'buys an order that is %s: stock falls and the hold is consumed',
    (status) => {
      const world = worldOf(orderedRows(status));
      expect(world.one(payOrder(), noonMs)).toMatchObject({
        kind: 'order_paid',
        order: { status: 'paid' },
        refunds: [],
      });
      expect(world.products.get(1)).toMatchObject({ stock: 8, held: 0 });
      expect(world.holds.get(70)?.status).toBe('consumed');
      expect(world.payments.get('ref:transfer-77')).toMatchObject({
        decision: 'fulfilled',
        orderId: 500,
        amountMinor: 239_998,
      });
      expect(world.events.size).toBe(0);
      expect([...world.operatorDecisions.values()]).toMatchObject([
        {
          id: 960,
          choice: 'pay',
          paymentName: 'ref:transfer-77',
          reason: 'paid by transfer',
          eventKey: null,
        },
      ]);
    },
  );

  it('buys a pending order whose deadline has come, when its units are available', () => {
    const world = worldOf(orderedRows('pending'));
    expect(world.one(payOrder(), noonSecondMs + 60_000)).toMatchObject({ order: { status: 'paid' } });
  });

  it.each(['paid', 'refund_due', 'refunded'] as const)(
    'is refused for an order that is %s',
    (orderStatus) => {
      const world = worldOf(orderedRows(orderStatus));
      expect(world.one(payOrder(), noonMs)).toEqual({
        kind: 'refused',
        code: 'order_not_payable',
        orderStatus,
      });
    },
  );

  it.each([
    ['amount', { amountMinor: 239_997 }, 'expected 2399.98 USD, the total of the order, got 2399.97'],
    ['currency', { currency: 'EUR' }, 'expected USD, in which the order is, got EUR'],
  ])('of another %s is refused', (field, over, message) => {
    const world = worldOf(orderedRows('pending'));
    expect(world.one(payOrder(over), noonMs)).toEqual({
      kind: 'refused',
      code: 'invalid_request',
      field,
      message,
    });
    expect([world.payments.size, world.operatorDecisions.size]).toEqual([0, 0]);
  });

  it('is refused when the units are gone, and nothing of it is recorded', () => {
    const world = worldOf(orderedRows('cancelled', { stock: 1 }));
    const { changes, outcomes } = world.batch([payOrder()], noonMs);
    expect(outcomes).toEqual([
      {
        kind: 'refused',
        code: 'insufficient_stock',
        availableStock: 1,
        requested: 2,
        nextReleaseAtMs: null,
      },
    ]);
    expect([changes.payments.inserted, changes.operatorDecisions, changes.orders.updated]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('takes units of overdue holds, in as many batches as that needs', () => {
    const overdue = [81, 82].map((id) => aHold({ id, quantity: 1, expiresAtMs: noonSecondMs - 1000 - id }));
    const rows = orderedRows('cancelled', { stock: 2 });
    const world = worldOf({ ...rows, holds: [...rows.holds, ...overdue] }, 1);
    expect(world.one(payOrder(), noonMs)).toMatchObject({ order: { status: 'paid' } });
    expect(world.products.get(1)).toMatchObject({ stock: 0, held: 0 });
  });

  it('is refused when its reference was settled before, for whichever order', () => {
    const world = worldOf({
      products: [aProduct(), aProduct({ id: 2 })],
      holds: [aHold({ status: 'ordered' }), aHold({ id: 72, productId: 2, status: 'consumed' })],
      orders: [anOrder(), anOrder({ id: 502, holdId: 72, productId: 2, status: 'paid' })],
      payments: [aPayment({ name: 'ref:transfer-77', orderId: 502, holdId: 72, productId: 2 })],
    });
    expect(world.one(payOrder(), noonMs)).toEqual({
      kind: 'refused',
      code: 'payment_already_settled',
      orderId: 502,
    });
    expect(world.orders.get(500)?.status).toBe('pending');
  });

  it('is refused when the provider has returned it already', () => {
    const world = worldOf(orderedRows('pending'));
    const returned = anEvent({ status: 'refunded', reference: 'transfer-77', orderId: null });
    world.one({ kind: 'apply_payment_event', event: returned }, noonMs);
    expect(world.one(payOrder(), noonMs)).toMatchObject({ code: 'payment_already_settled', orderId: null });
  });

  it('makes a later event with its reference one that was settled before', () => {
    const world = worldOf(orderedRows('pending'));
    world.one(payOrder(), noonMs);
    expect(world.one(applyEvent({ reference: 'transfer-77' }), noonMs)).toMatchObject({
      answer: { result: 'ignored', orderStatus: 'paid' },
    });
    expect(world.refunds.size).toBe(0);
  });

  it('is answered as decided after a commit whose outcome was unknown', () => {
    const world = worldOf(orderedRows('pending'));
    const first = world.batch([payOrder()], noonMs);
    const again = world.batch([payOrder()], noonMs + 5, true);
    expect(again.outcomes).toEqual(first.outcomes);
    expect(world.products.get(1)?.stock).toBe(8);
  });

  it('is logged and told to others like any payment', () => {
    const world = toldWorldOf(orderedRows('pending'));
    const { happened, changes } = world.batch([payOrder()], noonMs);
    expect(happened.map(({ kind }) => kind)).toEqual(['operator_decided', 'order_paid']);
    expect(changes.outgoingEvents.map(({ type }) => type)).toEqual(['order.paid']);
  });
});

it('both are refused for an order that is unknown', () => {
  const world = worldOf({ products: [aProduct()] });
  for (const command of [refundOrder(), payOrder()]) {
    expect(world.one(command, noonMs)).toEqual({ kind: 'refused', code: 'order_not_found' });
  }
});
