import { describe, expect, it } from 'vitest';
import { aHold, anOrder } from '../../../test/support/server-with.ts';
import { latencyBoundsMs } from './latency.ts';
import { ProcessCounts } from './process-counts.ts';

describe('what a process counts', () => {
  it('is told of a sale as totals, which can be subtracted', () => {
    const counts = new ProcessCounts();
    counts.queueDepth = () => ({ holds: 7, others: 2 });
    const before = counts.saleTotals();
    counts.happened.add({ kind: 'hold_created', hold: aHold, availableStockRemaining: 1 });
    counts.happened.add({ kind: 'order_created', order: anOrder });
    counts.happened.add({ kind: 'order_paid', order: anOrder });
    counts.http.holds.add(201, 1);
    counts.http.holds.add(409, 1);
    counts.http.holds.add(503, 1e6);
    const after = counts.saleTotals();
    expect(before).toMatchObject({ holdsCreated: 0, ordersCreated: 0, ordersPaid: 0, refusals: 0 });
    expect(after).toMatchObject({
      holdsCreated: 1,
      ordersCreated: 1,
      ordersPaid: 1,
      refusals: 2,
      waiting: 9,
    });
    expect(after.holdLatency).toHaveLength(latencyBoundsMs.length + 1);
    expect(after.holdLatency[latencyBoundsMs.indexOf(1)]).toBe(2);
    expect(after.holdLatency.at(-1)).toBe(1);
    expect(before.holdLatency.every((count) => count === 0)).toBe(true);
  });

  it('is told of workers that run here; of several with one name, of the one that is worst', () => {
    const counts = new ProcessCounts();
    const [first, second, other] = ['deliveries', 'deliveries', 'refunds'].map((name) => counts.worker(name));
    counts.worker('expiry');
    for (const worker of [first, second, other]) {
      Object.assign(worker ?? {}, { begun: true, succeededAtMs: 5_000, failures: 1 });
    }
    Object.assign(second ?? {}, { succeededAtMs: 3_000 });
    expect(counts.workersByName()).toEqual([
      { name: 'deliveries', begun: true, succeededAtMs: 3_000, failures: 2 },
      { name: 'refunds', begun: true, succeededAtMs: 5_000, failures: 1 },
    ]);
    Object.assign(first ?? {}, { succeededAtMs: null });
    expect(counts.workersByName()[0]?.succeededAtMs).toBeNull();
  });
});
