import { describe, expect, it } from 'vitest';
import { aRefund, noonMs, orderedRows, worldOf } from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import { audit } from '../../test/support/world-auditor.ts';
import type { IncomingPaymentEvent } from './payment.ts';
import type { Refund } from './refund.ts';

const total = 239_998;

/** The provider reports a refund with an id, an operator one without. */
const settle = (reference?: string) =>
  reference === undefined
    ? ({ kind: 'settle_refund', refundId: 1 } as const)
    : ({
        kind: 'settle_refund',
        refundId: 1,
        sent: { reference, amountMinor: total, atMs: noonMs },
      } as const);
const begin = { kind: 'begin_refund', refundId: 1, leaseSeconds: 60 } as const;
const failed = (factId: string, over: Partial<IncomingPaymentEvent> = {}) =>
  reportFact('refund_failed', { factId, ...over });

function owed(over: Partial<Refund> = {}) {
  return worldOf({ ...orderedRows('refund_due'), refunds: [aRefund(over)] });
}

describe('a refund that failed after it had succeeded', () => {
  it('is due again, and its order with it, and is sent in another second of the provider', () => {
    const world = owed({ attempts: 1, nextAttemptAtMs: noonMs + 60_000 });
    world.one(settle('re_1'), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');

    const reopened = world.batch([failed('re_1')], noonMs);
    const refund = world.refunds.get(1);
    expect(refund).toMatchObject({
      ...{ status: 'due', sentMinor: 0, attempts: 1, providerReference: 're_1' },
      nextAttemptAtMs: noonMs + 2000,
      lastError: expect.stringContaining('a refund failed'),
    });
    expect(reopened.outcomes).toMatchObject([{ answer: { result: 'processed', orderStatus: 'refund_due' } }]);
    expect(reopened.happened[0]).toEqual({ kind: 'refund_reopened', refund });
    expect(world.orders.get(500)?.status).toBe('refund_due');
    expect(world.one(begin, noonMs + 1999)).toMatchObject({ kind: 'refund_not_to_send' });
    expect(world.one(begin, noonMs + 2000)).toMatchObject({ kind: 'refund_begun', mayBeForgotten: true });
  });

  it('stays as it is when the failure is reported again, or after the next attempt', () => {
    const world = owed();
    world.one(settle('re_1'), noonMs);
    world.one(failed('re_1'), noonMs);
    const begun = world.one(begin, noonMs + 2000);
    expect(begun).toMatchObject({ kind: 'refund_begun' });
    expect(world.one(failed('re_1'), noonMs)).toMatchObject({ answer: { result: 'ignored' } });
    expect(world.refunds.get(1)).toEqual('refund' in begun ? begun.refund : null);

    world.one(settle('re_2'), noonMs);
    const late = world.batch([failed('re_1')], noonMs);
    expect(late.outcomes).toMatchObject([{ answer: { result: 'ignored' } }]);
    expect(late.changes.refunds.updated).toEqual([]);
    expect(world.refunds.get(1)).toMatchObject({ status: 'succeeded', providerReference: 're_2' });
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it('stays settled by an operator who sent the money by other means, when the failure is reported again', () => {
    const world = owed();
    world.one(settle('re_1'), noonMs);
    world.one(failed('re_1'), noonMs);
    world.one(settle(), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');

    const again = world.batch([failed('re_1')], noonMs);

    expect(again.changes.refunds.updated).toEqual([]);
    expect(world.refunds.get(1)).toMatchObject({ status: 'succeeded', sentMinor: total });
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it('no longer counts as sent when its failure is reported after a later sum that is large enough for it', () => {
    const world = owed();
    const sum = (amountMinor: number, second: number) =>
      reportFact('refunded', { amountMinor, occurredAtMs: noonMs + second * 1000 });
    world.one(sum(100_000, 0), noonMs);
    const sent = { reference: 're_1', amountMinor: total - 100_000, atMs: noonMs + 1000 };
    world.one({ kind: 'settle_refund', refundId: 1, sent }, noonMs + 1000);
    world.one(sum(140_000, 3), noonMs + 3000);
    expect(world.refunds.get(1)).toMatchObject({ status: 'due', returnedMinor: 2, sentMinor: 139_998 });

    const late = failed('re_1', { amountMinor: 139_998, occurredAtMs: noonMs + 2000 });
    expect(world.one(late, noonMs + 4000)).toMatchObject({ answer: { result: 'processed' } });
    expect(world.refunds.get(1)).toMatchObject({ status: 'due', returnedMinor: 140_000, sentMinor: 0 });
  });

  it('was never sent when the failure is reported before the answer: the next attempt looks first', () => {
    const world = owed();
    world.one(begin, noonMs);
    expect(world.batch([failed('re_1')], noonMs).changes.refunds.updated).toEqual([]);
    expect(world.one(settle('re_1'), noonMs)).toMatchObject({
      refund: { status: 'due', sentMinor: 0, providerReference: 're_1', leasedUntilMs: null },
    });
    expect(world.one(begin, noonMs + 60_000)).toMatchObject({
      refund: { attemptMinor: total },
      mayBeForgotten: true,
    });
  });

  it.each([
    ['returned', total],
    ['returned_in_part', 1],
  ] as const)('is not ours to repeat when it was %s', (reason, amountMinor) => {
    const world = worldOf(orderedRows('paid'));
    world.one(reportFact('refunded', { amountMinor, occurredAtMs: noonMs - 1 }), noonMs);
    expect(world.refunds.get(1)).toMatchObject({ reason, amountMinor });

    const back = world.batch([failed('re_1', { amountMinor })], noonMs);

    const refund = world.refunds.get(1);
    expect(refund).toMatchObject({ status: 'succeeded', owedMinor: 0, amountMinor: 0, returnedMinor: 0 });
    expect(back.happened[0]).toEqual({ kind: 'returned_money_came_back', refund });
    expect(world.one(begin, noonMs)).toMatchObject({ kind: 'refund_not_to_send' });
    expect(world.orders.get(500)?.status).toBe('paid');
    expect(audit(world, noonMs)).toEqual([]);
  });
});
