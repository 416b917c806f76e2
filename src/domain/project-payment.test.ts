import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  aRefund,
  noonMs,
  orderedRows,
  toldWorldOf,
  worldOf,
} from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import { audit } from '../../test/support/world-auditor.ts';
import type { ApplyPaymentEvent, Command } from './commands.ts';
import type { PaymentDecision } from './payment.ts';
import { settlementOf } from './project-payment.ts';

const total = 239_998;

/** Reports of one payment, `at` milliseconds after noon by the provider's clock. */
const sum = (at: number, amountMinor: number | null) =>
  reportFact('refunded', {
    amountMinor,
    currency: amountMinor === null ? null : 'USD',
    occurredAtMs: noonMs + at,
  });
const failed = (at: number, factId: string, amountMinor: number | null = null) =>
  reportFact('refund_failed', {
    ...{ factId, amountMinor, currency: amountMinor === null ? null : 'USD', occurredAtMs: noonMs + at },
  });
const dispute = (at: number, status: 'disputed' | 'dispute_won' | 'dispute_lost') =>
  reportFact(status, { factId: 'dp_1', occurredAtMs: noonMs + at });
const begin: Command = { kind: 'begin_refund', refundId: 1, leaseSeconds: 60 };
const settle = (reference: string, amountMinor: number): Command => ({
  ...{ kind: 'settle_refund', refundId: 1, sent: { reference, amountMinor, atMs: noonMs } },
});

it.each<[PaymentDecision, string, string]>([
  ['fulfilled', 'fulfilled', 'refunded'],
  ['owed', 'refunded', 'refunded'],
  ['returned', 'refunded', 'refunded'],
  ['flagged', 'flagged', 'refunded'],
  ['nothing_due', 'flagged', 'refunded'],
])(
  'settles a payment that is %s as %s while it is here, as %s when all of it has gone',
  (decision, here, gone) => {
    expect(settlementOf(decision, false)).toBe(here);
    expect(settlementOf(decision, true)).toBe(gone);
  },
);

describe('the refund of a payment that bought its order', () => {
  type Row = readonly [
    ApplyPaymentEvent,
    reason: string,
    amountMinor: number,
    orderStatus: string,
    told: string[],
  ];

  it('follows what the provider has returned, and what it takes back', () => {
    const world = worldOf(orderedRows('paid'));
    const rows: readonly Row[] = [
      [sum(1, 1000), 'returned_in_part', 1000, 'paid', ['refund_succeeded']],
      [sum(2, 3000), 'returned_in_part', 3000, 'paid', ['refund_succeeded']],
      [sum(3, null), 'returned', total, 'refunded', ['refund_succeeded']],
      [failed(4, 're_1', 2000), 'returned_in_part', total - 2000, 'paid', ['returned_money_came_back']],
      [failed(4, 're_1', 2000), 'returned_in_part', total - 2000, 'paid', []],
      [sum(5, null), 'returned', total, 'refunded', ['refund_succeeded']],
      [failed(6, 're_2'), 'returned_in_part', 0, 'paid', ['returned_money_came_back']],
      [sum(7, 1000), 'returned_in_part', 1000, 'paid', ['refund_succeeded']],
    ];
    for (const [event, reason, amountMinor, orderStatus, told] of rows) {
      const { happened } = world.batch([event], noonMs);
      const [refund, ...others] = world.refunds.values();
      expect(refund).toMatchObject({
        ...{ id: 1, reason, amountMinor, returnedMinor: amountMinor, owedMinor: 0, status: 'succeeded' },
        ...{ nextAttemptAtMs: null, lastError: null },
      });
      expect(others).toEqual([]);
      expect(world.orders.get(500)?.status).toBe(orderStatus);
      expect(happened.slice(0, -1)).toEqual(told.map((kind) => ({ kind, refund })));
      expect(audit(world, noonMs)).toEqual([]);
    }
  });

  it('is not made by a dispute', () => {
    const world = worldOf(orderedRows('paid'));
    world.one(dispute(1, 'dispute_lost'), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(world.refunds.size).toBe(0);
  });

  it('keeps its own sum when a dispute takes the rest', () => {
    const world = worldOf(orderedRows('paid'));
    world.submit([sum(1, 1000), dispute(2, 'dispute_lost')], noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect([...world.refunds.values()]).toMatchObject([{ reason: 'returned_in_part', amountMinor: 1000 }]);
    expect(audit(world, noonMs)).toEqual([]);
  });
});

describe('a refund that is owed', () => {
  it.each<[string, Command[], object]>([
    ['40.00 were returned before', [sum(1, 4000)], { attemptMinor: total - 4000 }],
    [
      'a part was sent, and another one returned',
      [settle('re_1', 1000), sum(1, 4000)],
      { attemptMinor: total - 4000 },
    ],
    [
      'a part was returned, and another one sent',
      [sum(-1, 4000), settle('re_1', 1000)],
      { attemptMinor: total - 5000 },
    ],
    [
      'a part that was sent has failed',
      [settle('re_1', 4000), failed(1, 're_1', 4000)],
      { attemptMinor: total },
    ],
    [
      'a part that was returned has failed',
      [sum(1, 4000), failed(2, 're_9', 1000)],
      { attemptMinor: total - 3000 },
    ],
    [
      'a dispute over all was won',
      [dispute(1, 'disputed'), dispute(2, 'dispute_won')],
      { attemptMinor: total },
    ],
  ])('sends the difference when %s', (_case, commands, expected) => {
    const world = worldOf(orderedRows('refund_due'));
    for (const command of commands) {
      world.one(command, noonMs);
    }
    // After money came back it waits for another second of the provider.
    expect(world.one(begin, noonMs + 2000)).toMatchObject({ kind: 'refund_begun', refund: expected });
    expect(world.refunds.get(1)).toMatchObject({ amountMinor: total, owedMinor: total });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it.each<[string, Command[]]>([
    ['all was returned', [sum(1, null)]],
    ['a part was returned and the rest sent', [sum(-1, 4000), settle('re_1', total - 4000)]],
    ['a dispute took all', [dispute(1, 'dispute_lost')]],
    ['a part was returned and a dispute took all', [sum(1, 4000), dispute(2, 'dispute_lost')]],
  ])('has succeeded when %s, and its order is refunded', (_case, commands) => {
    const world = worldOf(orderedRows('refund_due'));
    const happened = commands.flatMap((command) => world.batch([command], noonMs).happened);
    expect(world.refunds.get(1)).toMatchObject({
      status: 'succeeded',
      owedMinor: total,
      reason: 'late_payment',
    });
    expect(happened.filter(({ kind }) => kind === 'refund_succeeded')).toHaveLength(1);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(world.one(begin, noonMs)).toMatchObject({ kind: 'refund_not_to_send' });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is due again, in another second of the provider, when what had gone comes back, and says so', () => {
    for (const [gone, back] of [
      [sum(1, null), failed(2, 're_9')],
      [dispute(1, 'dispute_lost'), dispute(2, 'dispute_won')],
    ] as const) {
      const world = worldOf({
        ...orderedRows('refund_due'),
        refunds: [aRefund({ nextAttemptAtMs: noonMs + 9 })],
      });
      world.one(gone, noonMs);
      const { happened } = world.batch([back], noonMs);
      const refund = world.refunds.get(1);
      expect(refund).toMatchObject({
        status: 'due',
        nextAttemptAtMs: noonMs + 2000,
        lastError: expect.any(String),
      });
      expect(happened).toContainEqual({ kind: 'refund_reopened', refund });
      expect(world.orders.get(500)?.status).toBe('refund_due');
      expect(audit(world, noonMs)).toEqual([]);
    }
  });

  it('keeps the lease of a worker that is sending when it is due again', () => {
    const world = worldOf(orderedRows('refund_due'));
    world.one(begin, noonMs);
    world.one(sum(1, null), noonMs);
    world.one(failed(2, 're_9'), noonMs);
    expect(world.refunds.get(1)).toMatchObject({ status: 'due', leasedUntilMs: noonMs + 60_000 });
    expect(world.one(begin, noonMs + 59_999)).toMatchObject({ kind: 'refund_not_to_send' });
    expect(world.one(begin, noonMs + 60_000)).toMatchObject({ kind: 'refund_begun' });
  });

  it('does not wait after a refusal of another sum than the one that is left', () => {
    const world = worldOf(orderedRows('refund_due'));
    world.one(begin, noonMs);
    world.one({ kind: 'postpone_refund', refundId: 1, error: 'too much', delayMs: 60_000 }, noonMs);
    world.one(sum(1, 4000), noonMs);
    expect(world.one(begin, noonMs)).toMatchObject({
      kind: 'refund_begun',
      refund: { attemptMinor: total - 4000 },
    });
  });

  it('is not sent while one of several disputes is open', () => {
    const world = worldOf(orderedRows('refund_due'));
    world.one(dispute(1, 'dispute_won'), noonMs);
    world.one(reportFact('disputed', { factId: 'dp_2' }), noonMs);
    expect(world.one(begin, noonMs)).toMatchObject({ kind: 'refund_not_to_send' });
    world.one(reportFact('dispute_won', { factId: 'dp_2' }), noonMs);
    expect(world.one(begin, noonMs)).toMatchObject({ kind: 'refund_begun' });
  });
});

describe('a flagged payment that turns out to be meant for another order', () => {
  const flagged = { name: 'ref:pi_1', decision: 'flagged', settlement: 'flagged' } as const;
  const rows = {
    products: [aProduct(), aProduct({ id: 2 })],
    holds: [aHold({ status: 'consumed' }), aHold({ id: 72, productId: 2, status: 'ordered' })],
    orders: [anOrder({ status: 'paid' }), anOrder({ id: 501, holdId: 72, productId: 2 })],
    payments: [aPayment({ name: 'key:evt_0' }), aPayment(flagged)],
  };
  const ofOther = { orderId: 501, holdId: 72, productId: 2 };

  it('takes its refund and its disputes along', () => {
    const world = worldOf(rows);
    const about = { reference: 'pi_1', orderId: null } as const;
    world.one(reportFact('refunded', { ...about, amountMinor: 1000, currency: 'USD' }), noonMs);
    world.one(reportFact('disputed', { ...about, factId: 'dp_1' }), noonMs);
    expect(world.one(applyEvent({ orderId: 501 }), noonMs)).toMatchObject({
      answer: { orderStatus: 'paid' },
    });
    expect(world.payments.get('ref:pi_1')).toMatchObject({ ...ofOther, decision: 'fulfilled' });
    expect([...world.refunds.values()]).toMatchObject([{ ...ofOther, amountMinor: 1000 }]);
    expect([...world.disputes.values()]).toMatchObject([{ ...ofOther, status: 'open' }]);
    expect(audit(world, noonMs)).toEqual([]);
  });
});

it('publishes each turn of a dispute and of returned money', () => {
  const world = toldWorldOf(orderedRows('paid'));
  const types = [
    sum(1, 1000),
    failed(2, 're_1'),
    dispute(1, 'disputed'),
    dispute(2, 'dispute_lost'),
    dispute(3, 'dispute_won'),
  ].map((event) => world.batch([event], noonMs).changes.outgoingEvents.map(({ type, data }) => [type, data]));
  expect(types).toMatchObject([
    [['refund.succeeded', { amountMinor: 1000, reason: 'returned_in_part' }]],
    [['refund.failed', { amountMinor: 0 }]],
    [['dispute.opened', { id: 'dp_1', status: 'open', amountMinor: total }]],
    [['dispute.lost', { id: 'dp_1', status: 'lost', orderId: 500 }]],
    [['dispute.won', { id: 'dp_1', status: 'won' }]],
  ]);
});
