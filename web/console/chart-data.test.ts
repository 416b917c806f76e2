import { expect, it } from 'vitest';
import { chartData, latest, sumOf } from './chart-data.ts';
import { aSecond, sampleMs } from './sale-samples.ts';
import { keptSeconds } from './sale-state.ts';

const end = sampleMs / 1_000;

it('a chart has a place for each second, and a gap where nothing was told', () => {
  const { instants, values } = chartData(
    [aSecond(-2, { holds: 5, orders: 1 }), aSecond(0, { holds: 7 })],
    ['holds', 'orders'],
  );
  expect(instants.at(-1)).toBe(end);
  expect(values.map((line) => line.slice(-4))).toEqual([
    [null, 5, null, 7],
    [null, 1, null, 0],
  ]);
});

it.each([
  ['at least half a minute', [aSecond(-2)], 30],
  ['all that is known', [aSecond(-99)], 100],
  ['five minutes at most', [aSecond(-1_000), aSecond(-2)], keptSeconds],
])('it shows %s', (_what, seconds, length) => {
  const { instants } = chartData([...seconds, aSecond(0)], ['holds']);
  expect(instants).toEqual(Array.from({ length }, (_, index) => end - length + 1 + index));
});

it('before the first second there is nothing', () => {
  expect(chartData([], ['holds'])).toEqual({ instants: [], values: [[]] });
  expect(latest([], 'p50_ms')).toBeNull();
});

it('the sum is of what is known', () => {
  expect(sumOf([aSecond(-2, { refusals: 5 }), aSecond(0, { refusals: 7 })], 'refusals')).toBe(12);
});

it('the latest latency is that of the last second with an answer', () => {
  expect(latest([aSecond(-2, { p99_ms: 4 }), aSecond(-1, { p99_ms: 6 }), aSecond(0)], 'p99_ms')).toBe(6);
});
