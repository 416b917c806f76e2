import { describe, expect, it } from 'vitest';
import { planOf } from './make-plan.ts';
import { readRegressions } from './regressions.ts';
import { runPlan } from './run-plan.ts';
import { simulate, type Totals } from './simulation.ts';

/** Half a minute on one idle core. The limit is for what hangs. */
const timeout = 600_000;
const seeds = 10_000;

describe('the service while everything goes wrong that can', () => {
  it(`keeps every promise, whatever ${seeds} seeds do to it`, { timeout }, async () => {
    const { totals, broken } = await simulate({ from: 0, seeds });
    expect(broken?.text ?? null).toBeNull();
    console.info(summaryOf(totals));
    // Without faults, refusals and second tries there would be nothing to see.
    expect(totals.requests).toBeGreaterThan(10 * seeds);
    expect([...totals.faults].filter(([, times]) => times < 500)).toEqual([]);
    expect([...totals.faults.keys()].sort()).toEqual(faultKinds);
    expect([...totals.replies.keys()]).toEqual(expect.arrayContaining([...repliesToMeet]));
  });

  it.each(readRegressions())('keeps the promise that it broke once: $name', async ({ plan }) => {
    expect((await runPlan(plan)).wrong).toEqual([]);
  });
});

describe('a seed', () => {
  it('gives the same run each time, also beside others', async () => {
    const one = await Promise.all([1, 2, 3].map((seed) => runPlan(planOf(seed))));
    for (const [index, run] of one.entries()) {
      const again = await runPlan(planOf(index + 1));
      expect(again.traceHash).toBe(run.traceHash);
      expect(again.history).toEqual(run.history);
    }
    expect(new Set(one.map(({ traceHash }) => traceHash)).size).toBe(3);
  });
});

const faultKinds = [
  'answer lost',
  'clock jump',
  'commit lost',
  'connection lost',
  'crash',
  'crash after commit',
  'crash before commit',
  'database away',
  'deadlock',
  'freeze',
  'id taken',
  'read fails',
  'request lost',
  'slow statement',
];

const repliesToMeet = [
  'hold_created',
  'hold_let_go',
  'order_created',
  'order_cancelled',
  'payment_event_answered',
  'stock_changed',
  'refund_settled',
  'refused: insufficient_stock',
  'refused: hold_already_ordered',
  'refused: hold_expired',
  'refused: hold_released',
  'refused: hold_consumed',
  'refused: order_not_cancellable',
  'refused: overloaded',
  'refused: stock_below_held',
  'failed: overloaded',
  'failed: database_unavailable',
];

function summaryOf({ seeds: count, requests, acknowledged, faults, lost, oversold }: Totals): string {
  const all = [...faults.values()].reduce((sum, times) => sum + times, 0);
  return `${count} seeds, ${requests} requests, ${all} faults, ${acknowledged} acknowledged, ${lost} lost, ${oversold} oversold`;
}
