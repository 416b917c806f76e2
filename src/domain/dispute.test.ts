import { describe, expect, it } from 'vitest';
import { noonMs, orderedRows, worldOf } from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import { audit } from '../../test/support/world-auditor.ts';

const total = 239_998;

describe('a dispute', () => {
  const about = (status: 'disputed' | 'dispute_won' | 'dispute_lost', over = {}) =>
    reportFact(status, { factId: 'dp_1', ...over });

  it('leaves the order paid until it is lost, and again when it is won after all', () => {
    const world = worldOf(orderedRows('paid'));
    const happened: string[] = [];
    for (const [event, orderStatus] of [
      [about('disputed'), 'paid'],
      [about('dispute_lost', { occurredAtMs: noonMs + 1 }), 'refunded'],
      [about('dispute_won', { occurredAtMs: noonMs + 2 }), 'paid'],
    ] as const) {
      const told = world.batch([event], noonMs);
      expect(told.outcomes).toMatchObject([{ answer: { result: 'processed', orderStatus } }]);
      happened.push(...told.happened.map(({ kind }) => kind));
      expect(world.orders.get(500)?.status).toBe(orderStatus);
      expect(audit(world, noonMs)).toEqual([]);
    }
    expect(happened.filter((kind) => kind.startsWith('dispute'))).toEqual([
      'dispute_opened',
      'dispute_lost',
      'dispute_won',
    ]);
    expect([...world.disputes.values()]).toEqual([
      {
        ...{ id: 'dp_1', paymentName: 'ref:pi_first', orderId: 500, holdId: 70, productId: 1 },
        ...{ amountMinor: total, currency: 'USD', status: 'won', createdAtMs: noonMs },
      },
    ]);
    expect(world.refunds.size).toBe(0);
  });

  it('takes the rest of a payment of which a part was returned', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(reportFact('refunded', { amountMinor: 40_000, currency: 'USD' }), noonMs);
    world.one(about('dispute_lost', { amountMinor: total - 40_001, currency: 'USD' }), noonMs);
    expect(world.orders.get(500)?.status).toBe('paid');
    world.one(about('dispute_lost', { factId: 'dp_2', amountMinor: 1, currency: 'USD' }), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect([...world.refunds.values()]).toMatchObject([{ reason: 'returned_in_part', amountMinor: 40_000 }]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('covers what is owed when it is lost; when it is won after all, the refund is due again', () => {
    const world = worldOf(orderedRows('refund_due'));
    world.one(about('dispute_lost'), noonMs);
    expect(world.refunds.get(1)).toMatchObject({ status: 'succeeded', returnedMinor: total, sentMinor: 0 });
    expect(world.orders.get(500)?.status).toBe('refunded');
    world.one(about('dispute_won', { occurredAtMs: noonMs + 1 }), noonMs);
    expect(world.refunds.get(1)).toMatchObject({
      ...{ status: 'due', returnedMinor: 0, nextAttemptAtMs: noonMs + 2000 },
    });
    expect(world.orders.get(500)?.status).toBe('refund_due');
    expect(audit(world, noonMs)).toEqual([]);
  });
});
