import { expect, test } from 'vitest';
import { growthPercent, type Reading } from '../../bench/measure/trend.ts';

const readings = (count: number, value: (atSeconds: number) => number): Reading[] =>
  Array.from({ length: count }, (_, second) => [second, value(second)]);

test('sees no growth in what rises while it warms up, and not behind it', () => {
  expect(
    growthPercent(
      readings(100, (second) => (second < 20 ? second : 20)),
      20,
    ),
  ).toBe(0);
});

test('tells the growth from the second fifth to the last', () => {
  const stairs = readings(100, (second) => [80, 100, 100, 105, 110][Math.floor(second / 20)] ?? 0);
  expect(growthPercent(stairs, 0)).toBeCloseTo(10);
});

test('tells less than nothing of what shrinks', () => {
  expect(
    growthPercent(
      readings(100, (second) => 200 - second),
      0,
    ),
  ).toBeLessThan(0);
});
