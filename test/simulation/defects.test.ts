import Table from 'cli-table3';
import { afterAll, describe, expect, it } from 'vitest';
import { handMade, toBeFoundBy } from '../proof/hand-made.ts';
import { engineDefects } from '../support/engine-defects.ts';
import { findDefect } from './find-defect.ts';

describe('a defect that was made by hand', () => {
  const table = new Table({
    head: ['defect', 'seeds', 'steps', 'faults', 'seen by the simulation'],
    style: { head: [], border: [] },
  });
  afterAll(() => console.info(table.toString()));

  it.each(toBeFoundBy.simulation)(
    'is found, and shown with few steps: %s',
    { timeout: 300_000 },
    async (name) => {
      const { broken, seeds } = await findDefect(handMade[name]);
      expect(broken).not.toBeNull();
      expect(broken?.plan.steps.length).toBeLessThan(12);
      table.push([
        handMade[name].name,
        seeds,
        broken?.plan.steps.length,
        broken?.plan.faults.length,
        broken?.wrong[0],
      ]);
    },
  );

  it('is told of in plain words', async () => {
    expect((await findDefect(engineDefects.waitsForTheWorker)).broken?.text).toMatch(
      /^\d nodes?, .*; \d products? of \d units?; .*\n1\. \d\.\d{3} s: \w+ asks node \d to hold \d of product \d.*\n(.*\n)*Then: \d of product \d were refused at \d\.\d{3} s, at least \d were free\./,
    );
    expect((await findDefect(engineDefects.answersBeforeCommit)).broken?.text).toMatch(
      /the connection of node \d falls|node \d dies|a deadlock|a host of a cluster/,
    );
  });
});
