import { expect, it } from 'vitest';
import { stolenText, watchStolenTime } from '../../bench/measure/stolen-time.ts';

/** Ticks: user, nice, system, idle, iowait, irq, softirq, steal, and guests, which are in user already. */
const stat = (user: number, idle: number, steal: number) =>
  `cpu  ${user} 0 0 ${idle} 0 0 0 ${steal} ${user} 0\ncpu0 1 1\n`;

function watched(...texts: readonly string[]): number | null {
  const left = [...texts];
  return watchStolenTime(() => left.shift() ?? '')();
}

it('tells which part of the processor went to others since it was asked to watch', () => {
  expect(watched(stat(1000, 1000, 500), stat(1100, 1060, 540))).toBe(20);
  expect(watched(stat(1000, 1000, 500), stat(1100, 1100, 500))).toBe(0);
});

it('knows nothing where the system does not tell', () => {
  expect(watched('', '')).toBeNull();
  expect(stolenText(null)).toBe('');
});

it('warns of figures that should not be quoted', () => {
  expect(stolenText(20)).toMatch(/^The host gave 20\.0 % .* measure again later\.$/);
  expect(stolenText(0.3)).toBe('The host gave 0.3 % of the processor to others meanwhile.');
});
