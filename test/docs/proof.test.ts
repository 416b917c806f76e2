import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keptProof, type Proof, withProofTable } from '../../scripts/write-proof-table.ts';

const readme = readFileSync('README.md', 'utf8');

const nothing: Proof = {
  ...{ exploration: null, simulation: null, chaos: null },
  ...{ hostile: null, defects: null, mutation: null },
};

const run = { date: '2030-01-01T00:00:00Z', commit: 'abc', machine: 'one core' };
const sale = { requests: 9_000, acknowledged: 4_000, faults: 1_200, lost: 3, oversold: 2, otherwise: 1 };

describe('the table of proof in the README', () => {
  it('is the one that is made of what the programs have kept (if not: npm run docs:proof)', () => {
    expect(withProofTable(readme, keptProof())).toBe(readme);
  });

  it('says of each program that was not run that it was not', () => {
    const rows = rowsOf(nothing);
    expect(rows).toHaveLength(10);
    for (const row of rows) {
      expect(row).toMatch(/^\| [^|]+ \| (simulated: not run; real processes: )?not run \| {2}\|$/);
    }
  });

  it('shows what was found, not what was hoped for', () => {
    const rows = rowsOf({
      ...nothing,
      exploration: {
        ...{ ...run, command: 'npm run explore' },
        figures: { states: 1_234_567, stepsTried: 9, worlds: 7, seconds: 60, broken: 1 },
      },
      simulation: { ...run, command: 'npm run simulate', figures: { ...sale, seeds: 10_000 } },
      mutation: {
        ...{ ...run, command: 'npm run mutate' },
        figures: {
          score: 91.2,
          mutants: 2_000,
          killed: 1_800,
          timedOut: 24,
          survived: 170,
          noCoverage: 6,
          folders: {},
        },
      },
    });
    expect(rows).toEqual([
      '| different states explored | 1,234,567 in 60 s; promises broken: 1 | `npm run explore` |',
      '| seeds simulated | 10,000 | `npm run simulate` |',
      '| faults injected | simulated: 1,200; real processes: not run |  |',
      '| operations acknowledged | simulated: 4,000; real processes: not run |  |',
      '| of these lost | simulated: 3; real processes: not run |  |',
      '| oversold | simulated: 2; real processes: not run |  |',
      '| other promises broken | simulated: 1; real processes: not run |  |',
      '| hostile requests | not run |  |',
      '| mutation score of rules and engine | 91.2 % of 2,000 mutants | `npm run mutate` |',
      '| defects made by hand, found by two checks or more | not run |  |',
    ]);
  });

  it('has its place once', () => {
    expect(() => withProofTable('# A README without it', nothing)).toThrow('expected one place');
    expect(() => withProofTable(`${readme}${readme}`, nothing)).toThrow('expected one place');
  });
});

function rowsOf(proof: Proof): readonly string[] {
  const [, table] = withProofTable(readme, proof).split('| | | made by |\n| --- | --- | --- |\n');
  return table?.split('\n\n')[0]?.split('\n') ?? [];
}
