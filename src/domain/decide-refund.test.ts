import { describe, expect, it } from 'vitest';
import { aProduct, aRefund, noonMs, orderedRows, worldOf } from '../../test/support/domain-state.ts';
import type { Refund } from './refund.ts';

const settle = (refundId: number) => ({ kind: 'settle_refund', refundId }) as const;

it('settles a refund once, and with it the order that was owed', () => {
  const world = worldOf(orderedRows('refund_due'));
  const refund = aRefund({ status: 'succeeded' });
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
  const world = worldOf({
    ...orderedRows(status),
    refunds: [aRefund({ id: 3, paymentName: 'ref:pi_9', reason })],
  });
  expect(world.one(settle(3), noonMs)).toMatchObject({ refund: { status: 'succeeded' } });
  expect(world.orders.get(500)?.status).toBe(expected);
});

it('refuses a refund that does not exist', () => {
  expect(worldOf({ products: [aProduct()] }).one(settle(9), noonMs)).toEqual({
    kind: 'refused',
    code: 'refund_not_found',
  });
});

const hourMs = 3_600_000;
const begin = (leaseSeconds = 60) => ({ kind: 'begin_refund', refundId: 1, leaseSeconds }) as const;
const postpone = (over: object = {}) =>
  ({ kind: 'postpone_refund', refundId: 1, error: 'timed out', delayMs: 5000, ...over }) as const;
const reopen = (providerReference = 're_1') =>
  ({ kind: 'reopen_refund', refundId: 1, providerReference, error: 'card closed' }) as const;

function owed(over: Partial<Refund> = {}) {
  return worldOf({ ...orderedRows('refund_due'), refunds: [aRefund(over)] });
}

describe('a refund that is sent', () => {
  it('is noted before, so that nobody else sends it until the lease ends', () => {
    const world = owed();
    const refund = aRefund({ attempts: 1, firstSentAtMs: noonMs, nextAttemptAtMs: noonMs + 60_000 });
    expect(world.one(begin(), noonMs)).toEqual({ kind: 'refund_begun', refund, mayBeForgotten: false });
    for (const atMs of [noonMs, noonMs + 59_999]) {
      expect(world.one(begin(), atMs)).toEqual({ kind: 'refund_not_to_send', refund });
    }
    expect(world.one(begin(), noonMs + 60_000)).toMatchObject({
      kind: 'refund_begun',
      refund: { attempts: 2, firstSentAtMs: noonMs, nextAttemptAtMs: noonMs + 120_000 },
    });
  });

  it.each([
    ['was sent for the first time now', {}, false],
    ['was first sent 23 hours ago', { firstSentAtMs: noonMs - 23 * hourMs }, false],
    ['was first sent longer ago', { firstSentAtMs: noonMs - 23 * hourMs - 1 }, true],
    ['was taken by the provider before', { firstSentAtMs: noonMs - 1, providerReference: 're_1' }, true],
  ] as const)('is to be looked for at the provider first or not, when it %s', (_case, over, expected) => {
    expect(owed(over).one(begin(), noonMs)).toMatchObject({ mayBeForgotten: expected });
  });

  it.each([
    ['it succeeded', { status: 'succeeded' }],
    ['its next attempt has not come', { nextAttemptAtMs: noonMs + 1 }],
    ['no provider knows its payment by a reference', { paymentName: 'key:evt_1' }],
  ] as const)('is not sent when %s', (_case, over) => {
    expect(owed(over).batch([begin()], noonMs)).toMatchObject({
      outcomes: [{ kind: 'refund_not_to_send', refund: aRefund(over) }],
      changes: { refunds: { updated: [] } },
    });
  });

  it('rests after an attempt that went wrong, and keeps why', () => {
    const world = owed({ attempts: 1, nextAttemptAtMs: noonMs + 60_000 });
    const refund = aRefund({ attempts: 1, nextAttemptAtMs: noonMs + 5000, lastError: 'timed out' });
    expect(world.batch([postpone()], noonMs)).toMatchObject({
      outcomes: [{ kind: 'refund_postponed', refund }],
      happened: [{ kind: 'refund_postponed', refund }],
    });
    const long = world.one(postpone({ error: 'x'.repeat(5000) }), noonMs);
    expect(long).toMatchObject({ refund: { lastError: 'x'.repeat(1000) } });
  });

  it('rests without a word when the provider has taken it and will tell', () => {
    const world = owed({ lastError: 'timed out' });
    const refund = aRefund({ nextAttemptAtMs: noonMs + 5000, providerReference: 're_1' });
    const taken = world.batch([postpone({ error: null, providerReference: 're_1' })], noonMs);
    expect(taken).toMatchObject({ outcomes: [{ refund }], happened: [] });
    expect(world.one(settle(1), noonMs)).toMatchObject({
      refund: { status: 'succeeded', providerReference: 're_1' },
    });
    expect(world.one(postpone(), noonMs)).toMatchObject({ refund: { status: 'succeeded', lastError: null } });
  });
});

describe('a refund that failed after it had succeeded', () => {
  it('is due again, at once, and its order with it', () => {
    const world = owed({ attempts: 1, nextAttemptAtMs: noonMs + 60_000 });
    world.one({ ...settle(1), providerReference: 're_1' }, noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');

    const reopened = world.batch([reopen()], noonMs);
    const refund = aRefund({ attempts: 1, providerReference: 're_1', lastError: 'card closed' });
    expect(reopened.outcomes).toEqual([{ kind: 'refund_reopened', refund }]);
    expect(reopened.happened).toEqual([{ kind: 'refund_reopened', refund }]);
    expect(world.orders.get(500)?.status).toBe('refund_due');
    expect(world.one(begin(), noonMs)).toMatchObject({ kind: 'refund_begun', mayBeForgotten: true });
  });

  it('stays as it is when the word of the failure comes again, or after the next attempt', () => {
    const world = owed();
    world.one({ ...settle(1), providerReference: 're_1' }, noonMs);
    world.one(reopen(), noonMs);
    const begun = world.one(begin(), noonMs);
    expect(world.one(reopen(), noonMs)).toEqual({
      kind: 'refund_reopened',
      refund: 'refund' in begun ? begun.refund : null,
    });
    world.one({ ...settle(1), providerReference: 're_2' }, noonMs);
    const late = world.batch([reopen()], noonMs);
    expect(late.outcomes).toMatchObject([{ refund: { status: 'succeeded', providerReference: 're_2' } }]);
    expect(late.changes.refunds.updated).toEqual([]);
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it('stays settled by the operator who paid it by other means, when the failure they knew of is told again', () => {
    const world = owed();
    world.one({ ...settle(1), providerReference: 're_1' }, noonMs);
    world.one(reopen(), noonMs);
    world.one(settle(1), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');

    const again = world.batch([reopen()], noonMs);

    expect(again.outcomes).toMatchObject([{ refund: { status: 'succeeded', providerReference: 're_1' } }]);
    expect(again.changes.refunds.updated).toEqual([]);
    expect(world.orders.get(500)?.status).toBe('refunded');
  });

  it('is noted on one that was not settled yet: its next attempt has to look first', () => {
    const world = owed();
    world.one(begin(), noonMs);
    const failed = world.batch([reopen()], noonMs);
    expect(failed.outcomes).toMatchObject([
      { refund: { status: 'due', providerReference: 're_1', nextAttemptAtMs: noonMs + 60_000 } },
    ]);
    expect(failed.happened).toEqual([]);
    expect(world.one(begin(), noonMs + 60_000)).toMatchObject({ mayBeForgotten: true });
  });

  it.each(['returned', 'returned_in_part'] as const)('is not ours to repeat when it was %s', (reason) => {
    const world = worldOf({
      ...orderedRows('paid'),
      refunds: [aRefund({ reason, status: 'succeeded', amountMinor: 1 })],
    });
    expect(world.batch([reopen()], noonMs).changes.refunds.updated).toEqual([]);
  });
});

it.each([begin(), postpone(), reopen()])('refuses $kind for a refund that does not exist', (command) => {
  expect(worldOf({ products: [aProduct()] }).one(command, noonMs)).toEqual({
    kind: 'refused',
    code: 'refund_not_found',
  });
});
