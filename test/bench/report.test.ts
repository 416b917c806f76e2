import { describe, expect, it } from 'vitest';
import type { Result } from '../../bench/comparisons/case.ts';
import { commandText } from '../../bench/report/command-text.ts';
import type { Results } from '../../bench/report/results.ts';
import { resultsMarkdown } from '../../bench/report/results-markdown.ts';
import { resultsPicture } from '../../bench/report/results-picture.ts';
import { resultsTable } from '../../bench/report/results-table.ts';

const result = (fields: Partial<Result>): Result => ({
  part: 'holds',
  name: 'holds, SQLite, 64 connections',
  value: 0.84,
  unit: 'ratio',
  samples: [0.8, 0.84, 0.91],
  target: { atLeast: 0.8 },
  how: 'one after the other',
  sides: [
    { name: 'holds', unit: '/s', samples: [30_000, 31_204, 33_000] },
    { name: 'no-op', unit: '/s', samples: [37_000, 37_100, 37_200] },
  ],
  ...fields,
});

const measurements: readonly Result[] = [
  result({}),
  result({ name: 'holds, PostgreSQL', value: 0.41, samples: [0.41], target: null }),
  result({ part: 'peers', name: 'holds ÷ lock', value: 94.6, samples: [94.6], target: { atLeast: 30 } }),
  result({
    part: 'latency',
    name: 'one buyer alone',
    value: 2.4,
    samples: [2.4],
    target: { atMost: 2 },
    how: 'each alone',
  }),
];

const results: Results = {
  date: '2026-11-27T09:00:00.000Z',
  command: 'npm run bench -- --rounds 3',
  commit: 'abc1234',
  machine: 'two cores',
  load: 'wrk 4.1.0',
  databases: ['SQLite 3'],
  stolenPercent: 0.3,
  rounds: 3,
  seconds: 2,
  measurements,
};

/** The line of a text that has these words in it. */
const lineOf = (text: string, words: string) => text.split('\n').find((line) => line.includes(words));

describe.each([
  ['table', resultsTable(measurements)],
  ['page', resultsMarkdown(results)],
])('the %s of a run', (_, text) => {
  it('has a row for each figure, with its target and whether it is reached', () => {
    expect(lineOf(text, '64 connections')).toMatch(/0\.84 .*≥ 0\.80.*reached/);
    expect(lineOf(text, 'holds, PostgreSQL')).not.toMatch(/reached|missed/);
    expect(lineOf(text, 'holds ÷ lock')).toMatch(/94\.6 × .*≥ 30.*reached/);
    expect(lineOf(text, 'one buyer alone')).toMatch(/2\.40 .*≤ 2.*missed/);
  });

  it('shows how far the rounds are apart, and what a ratio is made of', () => {
    expect(lineOf(text, '64 connections')).toMatch(/0\.80.*0\.91.*holds 31,204\/s; no-op 37,100\/s/);
  });
});

describe('the picture of a run', () => {
  const picture = resultsPicture(results);

  it('has every figure in it, with what it is made of', () => {
    for (const { name } of measurements) {
      expect(picture).toContain(`>${name}<`);
    }
    expect(picture).toContain('>0.84<');
    expect(picture).toContain('>94.6 ×<');
    expect(picture.match(/>holds 31,204\/s; no-op 37,100\/s</g)).toHaveLength(measurements.length);
  });

  it('marks each target', () => {
    expect(picture.match(/<line class="target"/g)).toHaveLength(3);
    expect(picture.match(/class="small mark-reached"/g)).toHaveLength(2);
    expect(picture.match(/class="small mark-missed"/g)).toHaveLength(1);
  });

  it('says when and where it was measured', () => {
    expect(picture).toContain('two cores');
    expect(picture).toContain('2026-11-27, commit abc1234');
  });

  it('leaves out a kind of comparison that was not made', () => {
    const alone = resultsPicture({ ...results, measurements: measurements.slice(0, 1) });
    expect(alone.match(/class="heading">[^<]*÷/g)).toBeNull();
  });
});

it('tells on the page how each figure was measured', () => {
  const page = resultsMarkdown(results);
  expect(page).toContain(
    '- **holds, SQLite, 64 connections; holds, PostgreSQL; holds ÷ lock**: one after the other.',
  );
  expect(page).toContain('- **one buyer alone**: each alone.');
  expect(page).toContain('Written by `npm run bench -- --rounds 3` on 2026-11-27, commit abc1234.');
  expect(page).toContain('SQLite 3. The host gave 0.3 % of the processor to others');
});

it.each([
  { given: [], text: 'npm run bench' },
  {
    given: ['--databases', 'sqlite,mariadb', '--write'],
    text: 'npm run bench -- --databases sqlite,mariadb --write',
  },
  { given: ['--only', "buyer's view"], text: "npm run bench -- --only 'buyer'\\''s view'" },
])('names the command as it is typed with $given', ({ given, text }) => {
  expect(commandText('bench', given)).toBe(text);
});
