import { expect, test } from 'vitest';
import { Latencies } from '../../bench/measure/latencies.ts';

const of = (...given: readonly number[]): Latencies => {
  const latencies = new Latencies();
  for (const ms of given) {
    latencies.add(ms);
  }
  return latencies;
};
const hundred = of(...Array.from({ length: 100 }, (_, index) => index + 1));

test.each([
  { share: 0.5, exactMs: 50 },
  { share: 0.99, exactMs: 99 },
  { share: 1, exactMs: 100 },
])('tells the time that a share of $share did not exceed, at most 2 % too high', ({ share, exactMs }) => {
  const ms = hundred.percentileMs(share);
  expect(ms).toBeGreaterThanOrEqual(exactMs);
  expect(ms).toBeLessThanOrEqual(exactMs * 1.02);
});

test('keeps the longest time as it was', () => {
  expect(of(3, 1234.5, 7).longestMs).toBe(1234.5);
  expect(of(1234.5).percentileMs(0.99)).toBe(1234.5);
});

test('counts what is too short and what is too long to be told apart', () => {
  const extremes = of(0, 0.001, 1e9);
  expect(extremes.count).toBe(3);
  expect(extremes.percentileMs(0.5)).toBeLessThanOrEqual(0.01);
});

test('knows of several together what it knows of one with all of their times', () => {
  const sent = structuredClone(of(1, 2, 3).plain);
  const both = Latencies.together([new Latencies(sent), of(100)]);
  expect(both.plain).toEqual(of(1, 2, 3, 100).plain);
});

test('has no percentile of nothing', () => {
  expect(of().percentileMs(0.99)).toBeNaN();
});
