import { median } from './compare.ts';

/** A reading at an instant, in whatever unit. */
export type Reading = readonly [atSeconds: number, value: number];

/**
 * What is left when the beginning is taken off, in five parts of the same length: by how many percent the
 * median of the last is above that of the second. The first is left out too, as caches still fill in it.
 *
 * @param warmUpSeconds how much of the beginning is not counted
 */
export function growthPercent(readings: readonly Reading[], warmUpSeconds: number): number {
  const first = readings[0]?.[0] ?? 0;
  const counted = readings.filter(([atSeconds]) => atSeconds >= first + warmUpSeconds);
  const fifth = (nth: number): number =>
    median(
      counted
        .slice(Math.floor((counted.length * (nth - 1)) / 5), Math.floor((counted.length * nth) / 5))
        .map(([, value]) => value),
    );
  return 100 * (fifth(5) / fifth(2) - 1);
}
