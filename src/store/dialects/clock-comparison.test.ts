import { describe, expect, it } from 'vitest';
import { ClockComparison } from './clock-comparison.ts';
import type { Host } from './server-url.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name): Host => ({ address: name, port: 1, name })) as [
  Host,
  Host,
  Host,
];

/** A host's clock is read: when it was asked for and came in, and how far it is ahead of ours, in ms. */
type Reading = readonly [host: Host, askedMs: number, cameMs: number, aheadMs: number];

/** Read in the middle between question and answer. */
function toldOf(readings: readonly Reading[]): readonly unknown[] {
  const told: unknown[] = [];
  const clocks = new ClockComparison([a, b, c], (hosts, differenceMs) => told.push([...hosts, differenceMs]));
  for (const [host, askedMs, cameMs, aheadMs] of readings) {
    clocks.wasRead(host, { serverMs: (askedMs + cameMs) / 2 + aheadMs, askedMs, cameMs });
  }
  return told;
}

describe('the clocks of several hosts', () => {
  it.each<readonly [string, readonly Reading[], readonly unknown[]]>([
    ['one alone is right', [[a, 0, 2, 90_000]], []],
    [
      'half a second is no matter',
      [
        [a, 0, 2, 0],
        [b, 9, 11, 500],
        [c, 9, 11, -490],
      ],
      [],
    ],
    [
      'more than that is told',
      [
        [a, 0, 2, 0],
        [b, 9, 11, 600],
      ],
      [['a', 'b', 597]],
    ],
    [
      'in both directions',
      [
        [a, 0, 2, 0],
        [b, 9, 11, -3_600_000],
      ],
      [['a', 'b', 3_599_997]],
    ],
    [
      'whichever was read first',
      [
        [b, 0, 2, 0],
        [a, 9, 11, 700],
      ],
      [['a', 'b', 697]],
    ],
    [
      'a slow network is no difference',
      [
        [a, 0, 2, 0],
        [b, 0, 2_000, 900],
      ],
      [],
    ],
    [
      'one wrong clock is one line',
      [
        [a, 0, 2, 0],
        [b, 0, 2, 0],
        [c, 0, 2, 800],
      ],
      [['a', 'c', 797]],
    ],
    [
      'told once',
      [
        [a, 0, 2, 0],
        [b, 9, 11, 600],
        [a, 20, 22, 0],
        [b, 30, 32, 601],
      ],
      [['a', 'b', 597]],
    ],
    [
      'and again when it was right meanwhile',
      [
        [a, 0, 2, 0],
        [b, 9, 11, 600],
        [b, 20, 22, 0],
        [b, 30, 32, 600],
      ],
      [
        ['a', 'b', 597],
        ['a', 'b', 597],
      ],
    ],
    [
      'old readings are not compared',
      [
        [a, 0, 2, 0],
        [b, 700_000, 700_002, 600],
      ],
      [],
    ],
  ])('%s', (_, readings, told) => {
    expect(toldOf(readings)).toEqual(told);
  });
});
