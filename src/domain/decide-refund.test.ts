import { describe, expect, it } from 'vitest';
import {
  aPayment,
  aProduct,
  aRefund,
  aSettledRefund,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import { audit } from '../../test/support/world-auditor.ts';
import type { Refund } from './refund.ts';

const total = 239_998;
const hourMs = 3_600_000;

/** The provider reports a refund with an id, an operator one without. */
const settle = (refundId: number, reference?: string, amountMinor = total, atMs = noonMs) =>
  reference === undefined
    ? ({ kind: 'settle_refund', refundId } as const)
    : ({ kind: 'settle_refund', refundId, sent: { reference, amountMinor, atMs } } as const);
const begin = (leaseSeconds = 60) => ({ kind: 'begin_refund', refundId: 1, leaseSeconds }) as const;
const postpone = (over: object = {}) =>
  ({ kind: 'postpone_refund', refundId: 1, error: 'timed out', delayMs: 5000, ...over }) as const;
const lookUp = (returnedMinor: number, atMs = noonMs, currency = 'USD') =>
  ({ kind: 'record_returned_sum', refundId: 1, returnedMinor, currency, atMs }) as const;

function owed(over: Partial<Refund> = {}) {
  return worldOf({ ...orderedRows('refund_due'), refunds: [aRefund(over)] });
}

it('settles a refund once, and with it the order that was owed', () => {
  const world = worldOf(orderedRows('refund_due'));
  const refund = aSettledRefund({ sends: [{ reference: null, amountMinor: total, atMs: noonMs }] });
  const first = world.batch([settle(1)], noonMs);
  expect(first.outcomes).toEqual([{ kind: 'refund_settled', refund }]);
  expect(first.happened).toEqual([{ kind: 'refund_succeeded', refund }]);
  expect(world.orders.get(500)?.status).toBe('refunded');

  const again = world.batch([settle(1)], noonMs);
  expect(again.outcomes).toEqual(first.outcomes);
  expect(again.happened).toEqual([]);
  expect(again.changes.refunds).toEqual({ inserted: [], updated: [] });
});

it.each([
  ['a second payment leaves a paid order paid', 'paid', 'second_payment', 'paid'],
  ['a wrong amount leaves a pending order pending', 'pending', 'amount_mismatch', 'pending'],
  [
    'a wrong amount leaves an order whose own refund is still due',
    'refund_due',
    'amount_mismatch',
    'refund_due',
  ],
] as const)('refunding %s', (_case, status, reason, expected) => {
  const rows = orderedRows(status);
  const world = worldOf({
    ...rows,
    payments: [...rows.payments, aPayment({ name: 'ref:pi_9', decision: 'owed', settlement: 'refunded' })],
    refunds: [...rows.refunds, aRefund({ id: 3, paymentName: 'ref:pi_9', reason })],
  });
  expect(world.one(settle(3), noonMs)).toMatchObject({ refund: { status: 'succeeded' } });
  expect(world.orders.get(500)?.status).toBe(expected);
});

describe('a refund that is sent', () => {
  it('is noted before, so that one worker at a time sends it until the lease ends', () => {
    const world = owed();
    const leasedUntilMs = noonMs + 60_000;
    const refund = aRefund({
      ...{ attempts: 1, attemptMinor: total, firstSentAtMs: noonMs },
      ...{ nextAttemptAtMs: leasedUntilMs, leasedUntilMs },
    });
    expect(world.one(begin(), noonMs)).toEqual({ kind: 'refund_begun', refund, mayBeForgotten: false });
    for (const atMs of [noonMs, noonMs + 59_999]) {
      expect(world.one(begin(), atMs)).toEqual({ kind: 'refund_not_to_send', refund });
    }
    expect(world.one(begin(), noonMs + 60_000)).toMatchObject({
      kind: 'refund_begun',
      refund: { attempts: 2, firstSentAtMs: noonMs, nextAttemptAtMs: noonMs + 120_000 },
      mayBeForgotten: false,
    });
  });

  it.each([
    ['was sent for the first time now', {}, false],
    ['was first sent 23 hours ago', { firstSentAtMs: noonMs - 23 * hourMs }, false],
    ['was first sent longer ago', { firstSentAtMs: noonMs - 23 * hourMs - 1 }, true],
    ['was taken by the provider before', { firstSentAtMs: noonMs - 1, providerReference: 're_1' }, true],
    ['was tried with this amount before', { attempts: 1, attemptMinor: total }, false],
    ['was tried with another amount before', { attempts: 1, attemptMinor: total - 1 }, true],
  ] as const)('is to be looked for at the provider first or not, when it %s', (_case, over, expected) => {
    expect(owed(over).one(begin(), noonMs)).toMatchObject({ mayBeForgotten: expected });
  });

  it.each([
    ['it succeeded', aSettledRefund()],
    ['its next attempt has not come', aRefund({ nextAttemptAtMs: noonMs + 1 })],
    ['the provider knows its payment by another name', aRefund({ paymentName: 'key:evt_1' })],
  ] as const)('is not sent when %s', (_case, refund) => {
    const world = worldOf({
      ...orderedRows(refund.status === 'due' ? 'refund_due' : 'refunded'),
      payments: [aPayment({ name: refund.paymentName, decision: 'owed', settlement: 'refunded' })],
      refunds: [refund],
    });
    expect(world.batch([begin()], noonMs)).toMatchObject({
      outcomes: [{ kind: 'refund_not_to_send', refund }],
      changes: { refunds: { updated: [] } },
    });
  });

  it('waits for the end of a dispute: then the money may have gone, or the refund is sent', () => {
    for (const [end, outcome] of [
      ['dispute_won', { kind: 'refund_begun', refund: { attemptMinor: total } }],
      ['dispute_lost', { kind: 'refund_not_to_send', refund: { status: 'succeeded', returnedMinor: total } }],
    ] as const) {
      const world = owed();
      world.one(reportFact('disputed', { factId: 'dp_1' }), noonMs);
      expect(world.one(begin(), noonMs)).toMatchObject({ kind: 'refund_not_to_send', refund: aRefund() });
      world.one(reportFact(end, { factId: 'dp_1' }), noonMs);
      expect(world.one(begin(), noonMs)).toMatchObject(outcome);
      expect(audit(world, noonMs)).toEqual([]);
    }
  });

  it('sends the difference when a part was returned before', () => {
    const world = owed();
    world.one(reportFact('refunded', { amountMinor: 40_000, occurredAtMs: noonMs - 1 }), noonMs);
    expect(world.one(begin(), noonMs)).toMatchObject({
      kind: 'refund_begun',
      refund: { amountMinor: total, owedMinor: total, returnedMinor: 40_000, attemptMinor: total - 40_000 },
      mayBeForgotten: false,
    });
    expect(world.one(settle(1, 're_1', total - 40_000), noonMs)).toMatchObject({
      refund: { status: 'succeeded', returnedMinor: 40_000, sentMinor: total - 40_000, amountMinor: total },
    });
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it('rests after an attempt that went wrong, and keeps why', () => {
    const begun = { attempts: 1, nextAttemptAtMs: noonMs + 60_000, leasedUntilMs: noonMs + 60_000 };
    const world = owed(begun);
    const refund = aRefund({ attempts: 1, nextAttemptAtMs: noonMs + 5000, lastError: 'timed out' });
    expect(world.batch([postpone()], noonMs)).toMatchObject({
      outcomes: [{ kind: 'refund_postponed', refund }],
      happened: [{ kind: 'refund_postponed', refund }],
    });
    const long = world.one(postpone({ error: 'x'.repeat(5000) }), noonMs);
    expect(long).toMatchObject({ refund: { lastError: 'x'.repeat(1000) } });
  });

  it('rests without a message when the provider has taken it and reports later', () => {
    const world = owed({ lastError: 'timed out' });
    const refund = aRefund({ nextAttemptAtMs: noonMs + 5000, providerReference: 're_1' });
    const taken = world.batch([postpone({ error: null, providerReference: 're_1' })], noonMs);
    expect(taken).toMatchObject({ outcomes: [{ refund }], happened: [] });
    expect(world.one(settle(1), noonMs)).toMatchObject({
      refund: { status: 'succeeded', providerReference: 're_1' },
    });
    const late = world.batch([postpone()], noonMs);
    expect(late).toMatchObject({ outcomes: [{ refund: { status: 'succeeded', lastError: null } }] });
    expect(late.happened).toEqual([]);
  });

  it('loses its lease when the attempt ends after the refund has succeeded', () => {
    const world = owed();
    world.one(begin(), noonMs);
    world.one(reportFact('refunded'), noonMs);
    expect(world.refunds.get(1)).toMatchObject({ status: 'succeeded', leasedUntilMs: noonMs + 60_000 });
    expect(world.one(postpone(), noonMs)).toMatchObject({
      refund: { status: 'succeeded', leasedUntilMs: null, lastError: null },
    });
  });
});

describe('the report that a refund was sent', () => {
  it('counts once for each id of the provider', () => {
    const world = owed();
    expect(world.one(settle(1, 're_1', 1000), noonMs)).toMatchObject({
      refund: { status: 'due', sentMinor: 1000, providerReference: 're_1' },
    });
    expect(world.one(settle(1, 're_1', 1000), noonMs)).toMatchObject({ refund: { sentMinor: 1000 } });
    expect(world.one(settle(1, 're_2', total - 1000), noonMs)).toMatchObject({
      refund: { status: 'succeeded', sentMinor: total, providerReference: 're_2' },
    });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('counts once with the sum that the provider reports of it, in either order', () => {
    const report = reportFact('refunded', { amountMinor: 1000, occurredAtMs: noonMs + 1 });
    for (const commands of [
      [settle(1, 're_1', 1000), report],
      [report, settle(1, 're_1', 1000)],
    ]) {
      const world = owed();
      world.submit(commands, noonMs);
      expect(world.refunds.get(1)).toMatchObject({ status: 'due', sentMinor: 1000, returnedMinor: 0 });
    }
  });

  it('of an operator counts for what is left', () => {
    const world = owed();
    world.one(reportFact('refunded', { amountMinor: 40_000 }), noonMs);
    world.one(settle(1), noonMs);
    expect(world.refunds.get(1)).toMatchObject({
      ...{ status: 'succeeded', amountMinor: total, returnedMinor: 40_000, sentMinor: total - 40_000 },
      sends: [{ reference: null, amountMinor: total - 40_000, atMs: noonMs }],
    });
  });

  it('of an operator is refused while a worker is sending it', () => {
    const world = owed();
    world.one(begin(), noonMs);
    const untilMs = noonMs + 60_000;
    for (const atMs of [noonMs, untilMs - 1]) {
      const refused = world.batch([settle(1)], atMs);
      expect(refused.outcomes).toEqual([{ kind: 'refused', code: 'refund_in_progress', untilMs }]);
      expect(refused.changes.refunds.updated).toEqual([]);
    }
    expect(world.one(settle(1), untilMs)).toMatchObject({ refund: { status: 'succeeded' } });
  });

  it('of an operator is accepted as soon as the attempt has ended or the refund has succeeded', () => {
    const postponed = owed();
    postponed.one(begin(), noonMs);
    postponed.one(postpone(), noonMs);
    expect(postponed.one(settle(1), noonMs)).toMatchObject({ refund: { sentMinor: total } });

    const returned = owed();
    returned.one(begin(), noonMs);
    returned.one(reportFact('refunded'), noonMs);
    expect(returned.one(settle(1), noonMs)).toMatchObject({
      refund: { status: 'succeeded', sentMinor: 0, returnedMinor: total },
    });
  });
});

describe('the sum that the provider answers when it is asked', () => {
  it('replaces an older one, and makes the worker send the difference', () => {
    const world = owed();
    expect(world.one(lookUp(1000), noonMs)).toMatchObject({
      kind: 'returned_sum_recorded',
      refund: { status: 'due', returnedMinor: 1000, lookedUp: { minor: 1000, atMs: noonMs } },
    });
    expect(world.one(lookUp(500, noonMs + 1), noonMs)).toMatchObject({ refund: { returnedMinor: 500 } });
    expect(world.one(begin(), noonMs + 2000)).toMatchObject({ refund: { attemptMinor: total - 500 } });
    expect(world.one(lookUp(total, noonMs + 2), noonMs)).toMatchObject({ refund: { status: 'succeeded' } });
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it.each([
    ['is not the latest', [lookUp(1000), lookUp(2000, noonMs - 1)], 1000],
    ['has the time of the latest', [lookUp(1000), lookUp(2000)], 1000],
    ['is in another currency', [lookUp(1000), lookUp(2000, noonMs + 1, 'EUR')], 1000],
  ] as const)('changes nothing when it %s', (_case, commands, returnedMinor) => {
    const world = owed();
    world.one(commands[0], noonMs);
    const { outcomes, changes } = world.batch([commands[1]], noonMs);
    expect(outcomes).toMatchObject([{ refund: { returnedMinor } }]);
    expect(changes.refunds.updated).toEqual([]);
  });

  it('counts as a report of that time: a later report replaces it', () => {
    const world = owed();
    world.one(lookUp(1000), noonMs);
    world.one(reportFact('refunded', { amountMinor: 300, occurredAtMs: noonMs - 1 }), noonMs);
    expect(world.refunds.get(1)?.returnedMinor).toBe(1000);
    world.one(reportFact('refunded', { amountMinor: 300, occurredAtMs: noonMs + 1 }), noonMs);
    expect(world.refunds.get(1)?.returnedMinor).toBe(300);
  });
});

it.each([settle(1), settle(1, 're_1'), begin(), postpone(), lookUp(1)])(
  'refuses $kind for a refund that does not exist',
  (command) => {
    expect(worldOf({ products: [aProduct()] }).one(command, noonMs)).toEqual({
      kind: 'refused',
      code: 'refund_not_found',
    });
  },
);
