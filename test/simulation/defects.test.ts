import Table from 'cli-table3';
import { afterAll, describe, expect, it } from 'vitest';
import { defects } from '../support/defects.ts';
import { type EngineDefect, engineDefects } from '../support/engine-defects.ts';
import { asItShips } from './run-plan.ts';
import { type Broken, simulate } from './simulation.ts';

/** Each defect shows within these. */
const seedsMax = 2_000;

/**
 * Defects of the rules that only the exploration of all states finds: one shows in a single millisecond, one is about money that comes after
 * other money went back, one about a number that two nodes may pass by one anyhow.
 */
const needExploration = ['isLateByAMs', 'revivesRefunded', 'parksWithoutBound'];

const all: Readonly<Record<string, EngineDefect>> = { ...defects, ...engineDefects };
const names = Object.keys(all).filter((name) => !needExploration.includes(name));

async function found(name: string): Promise<{ readonly broken: Broken | null; readonly seeds: number }> {
  const { decide = asItShips.decide, storeOf = asItShips.storeOf } = all[name] ?? {};
  const { broken, totals } = await simulate({ from: 0, seeds: seedsMax }, { decide, storeOf });
  return { broken, seeds: totals.seeds };
}

describe('a defect that was made by hand', () => {
  const table = new Table({
    head: ['defect', 'seeds', 'steps', 'faults', 'seen by the simulation'],
    style: { head: [], border: [] },
  });
  afterAll(() => console.info(table.toString()));

  it.each(names)('is found, and shown with few steps: %s', { timeout: 300_000 }, async (name) => {
    const { broken, seeds } = await found(name);
    expect(broken).not.toBeNull();
    expect(broken?.plan.steps.length).toBeLessThan(10);
    table.push([
      all[name]?.name ?? '',
      seeds,
      broken?.plan.steps.length,
      broken?.plan.faults.length,
      broken?.wrong[0],
    ]);
  });

  it('is told of in plain words', async () => {
    expect((await found('waitsForTheWorker')).broken?.text).toMatch(
      /^\d nodes?, .*; \d products? of \d units?; .*\n1\. \d\.\d{3} s: \w+ asks node \d to hold \d of product \d.*\n(.*\n)*Then: \d of product \d were refused at \d\.\d{3} s, at least \d were free\./,
    );
    expect((await found('answersBeforeCommit')).broken?.text).toMatch(
      /the connection of node \d falls|node \d dies|a deadlock/,
    );
  });
});
