import { describe, expect, it } from 'vitest';
import { counterExample } from '../exploration/counter-example.ts';
import { Search } from '../exploration/search.ts';
import { smallWorlds } from '../exploration/worlds.ts';
import { simulate } from '../simulation/simulation.ts';

/** For mutants only: a small part of what the exploration and the simulation try. Each of these takes about a second at most. */
const scenesMax = 300;
const seeds = 40;

describe('the first states of a small sale', () => {
  it.each(smallWorlds)('keep every promise: $name', (world) => {
    const search = new Search(world);
    const { wrong, scenes } = search.run({ isEnough: (progress) => progress.scenes > scenesMax });
    expect(wrong && counterExample(search, wrong)).toBeNull();
    expect(scenes).toBeGreaterThan(scenesMax);
  });
});

describe('a few sales in which everything goes wrong that can', () => {
  it('keep every promise', async () => {
    const { totals, broken } = await simulate({ from: 0, seeds });
    expect(broken?.wrong ?? []).toEqual([]);
    expect(totals.seeds).toBe(seeds);
    expect(totals.faults.size).toBeGreaterThan(10);
  });
});
