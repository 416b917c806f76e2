import { describe, expect, it } from 'vitest';
import { Latencies, latencyBoundsMs } from './latency.ts';

/** The place of the only count. */
function bucketOf(ms: number): number {
  const latencies = new Latencies();
  latencies.add(ms);
  return latencies.counts.indexOf(1);
}

describe('latencies', () => {
  it.each(latencyBoundsMs.map((bound, index) => [bound, index]))(
    'count what takes up to %f ms in bucket %i',
    (ms, index) => {
      expect(bucketOf(ms * 0.999)).toBe(index);
      expect(bucketOf(ms * 1.001)).toBe(index + 1);
    },
  );

  it('count what is shorter or longer than every bound', () => {
    expect([0, 0.001, 0.0625].map(bucketOf)).toEqual([0, 0, 0]);
    expect([20_000, 1e9].map(bucketOf)).toEqual([latencyBoundsMs.length, latencyBoundsMs.length]);
  });

  it('are told apart by less than ten per cent either way', () => {
    for (const [index, bound] of latencyBoundsMs.entries()) {
      const next = latencyBoundsMs[index + 1] ?? bound;
      expect(Math.sqrt(next / bound)).toBeLessThan(1.1);
    }
  });

  it('keep their sum', () => {
    const latencies = new Latencies();
    latencies.add(1.5);
    latencies.add(40);
    expect(latencies.sumMs).toBe(41.5);
  });
});
