import { describe, expect, it } from 'vitest';
import { compare, inTurn, median } from '../../bench/measure/compare.ts';

const plan = { rounds: 3, seconds: 2, warmUpSeconds: 1 };

/** A side whose loads answer so many requests a second, one after the other. */
function side(name: string, loads: string[], perSecond: readonly number[], failed = 0) {
  const left = [...perSecond];
  return {
    name,
    load: async (seconds: number) => {
      loads.push(`${name} ${seconds} s`);
      const rate = left.shift() ?? 0;
      return { answered: rate * seconds, perSecond: rate, p99Ms: 1, failed };
    },
  };
}

describe('a comparison', () => {
  it('warms each side up, loads them in turn, and takes the median of the ratios', async () => {
    const loads: string[] = [];
    const holds = side('holds', loads, [1, 80, 300, 90]);
    const { ratio, rounds } = await compare(holds, side('no-op', loads, [1, 100, 100, 100]), plan);
    expect(ratio).toBe(0.9);
    expect(rounds.map((round) => round.ratio)).toEqual([0.8, 3, 0.9]);
    expect(loads).toEqual(['no-op 1 s', 'holds 1 s', ...Array(3).fill(['no-op 2 s', 'holds 2 s']).flat()]);
  });

  it('has no figure when a request failed', async () => {
    await expect(inTurn({ holds: side('holds', [], [10], 3) }, plan)).rejects.toThrow(
      '3 requests to holds were not answered as expected',
    );
  });

  it('has no figure when a side answered nothing', async () => {
    const sides = { noOp: side('no-op', [], [10, 0]), holds: side('holds', [], [10, 10]) };
    await expect(inTurn(sides, plan)).rejects.toThrow('no request to no-op was answered within 2 s');
  });
});

describe('a median', () => {
  it.each([
    { values: [7], middle: 7 },
    { values: [30, 1, 2], middle: 2 },
    { values: [4, 30, 1, 2], middle: 3 },
  ])('of $values is $middle', ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });

  it('of nothing is no figure', () => {
    expect(() => median([])).toThrow('expected at least one value');
  });
});
