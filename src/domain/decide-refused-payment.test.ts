import { describe, expect, it } from 'vitest';
import {
  anIntent,
  anOrder,
  noonMs,
  noonSecondMs,
  orderedRows,
  toldWorldOf,
  worldOf,
} from '../../test/support/domain-state.ts';

const refuse = {
  kind: 'refuse_payment',
  orderId: 500,
  provider: 'stripe',
  reason: 'amount_too_small',
} as const;

describe('a payment that its provider can never take', () => {
  it('ends its pending order as failed, releases the units and keeps the price', () => {
    const world = worldOf(orderedRows('pending'));
    const { outcomes, changes, happened } = world.batch([refuse], noonMs);
    const failed = anOrder({ status: 'failed' });
    expect(outcomes).toEqual([{ kind: 'payment_refused', order: failed }]);
    expect(world.holds.get(70)).toMatchObject({ status: 'released', releaseReason: 'order_ended' });
    expect(world.products.get(1)).toMatchObject({ stock: 10, held: 0 });
    expect(changes.refusedPayments).toEqual([
      {
        orderId: 500,
        holdId: 70,
        productId: 1,
        provider: 'stripe',
        priceMinor: 119_999,
        reason: 'amount_too_small',
        createdAtMs: noonMs,
      },
    ]);
    const { provider, reason } = refuse;
    expect(happened.filter(({ kind }) => kind !== 'hold_released')).toEqual([
      { kind: 'order_failed', order: failed },
      { kind: 'payment_refused', order: failed, provider, reason },
    ]);
  });

  it('is reported to others as an order that failed', () => {
    const world = toldWorldOf(orderedRows('pending'));
    world.one(refuse, noonMs);
    expect([...world.outgoingEvents.values()].map(({ type }) => type)).toEqual(['order.failed']);
  });

  it('gives its units to a hold of the same batch', () => {
    const world = worldOf(orderedRows('pending', { stock: 2 }));
    const hold = {
      kind: 'create_hold',
      holdId: 71,
      productId: 1,
      quantity: 2,
      idempotencyKey: null,
    } as const;
    expect(world.batch([hold, refuse], noonMs).outcomes).toMatchObject([
      { kind: 'hold_created' },
      { kind: 'payment_refused' },
    ]);
  });

  it('changes nothing the second time', () => {
    const world = worldOf(orderedRows('pending'));
    const first = world.batch([refuse, refuse], noonMs);
    expect(first.outcomes[1]).toEqual(first.outcomes[0]);
    expect(first.changes.refusedPayments).toHaveLength(1);
    const again = world.batch([refuse], noonMs + 1);
    expect(again.outcomes).toEqual([first.outcomes[0]]);
    expect([again.happened, again.changes.refusedPayments]).toEqual([[], []]);
  });

  it.each(['paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'] as const)(
    'changes nothing about an order that is %s',
    (status) => {
      const world = worldOf(orderedRows(status));
      const { outcomes, changes, happened } = world.batch([refuse], noonMs);
      expect(outcomes).toMatchObject([{ kind: 'payment_refused', order: { status } }]);
      expect([changes.orders.updated, changes.holds.updated, changes.refusedPayments, happened]).toEqual([
        [],
        [],
        [],
        [],
      ]);
    },
  );

  it.each([0, 1])('leaves an order to its deadline from %i ms after it', (afterMs) => {
    const world = worldOf(orderedRows('pending'));
    const decision = world.batch([refuse], noonSecondMs + 60_000 + afterMs);
    expect([decision.changes.orders.updated, decision.changes.refusedPayments]).toEqual([[], []]);
  });

  it('changes nothing where the provider has taken the amount for another process', () => {
    const world = worldOf({ ...orderedRows('pending'), paymentIntents: [anIntent()] });
    expect(world.one(refuse, noonMs)).toMatchObject({ order: { status: 'pending' } });
    expect(world.refusedPayments.size).toBe(0);
  });

  it('is refused for an order that does not exist', () => {
    expect(worldOf({}).one(refuse, noonMs)).toEqual({ kind: 'refused', code: 'order_not_found' });
  });
});
