import Table from 'cli-table3';
import { afterAll, describe, expect, it } from 'vitest';
import { type DefectName, defects } from '../support/defects.ts';
import { counterExample } from './counter-example.ts';
import { Search } from './search.ts';
import type { Rulebook } from './stage.ts';
import { smallWorlds, type World } from './worlds.ts';

/** Of a world in which a defect does not show at once no more states than this are met. */
const scenesMax = 700;

const names = Object.keys(defects) as DefectName[];

type Found = { readonly world: World; readonly text: string; readonly steps: number };

/** The fewest steps that show a defect, in the first world in which it shows. */
function found(rulebook: Rulebook, worlds: readonly World[] = smallWorlds): Found | null {
  for (const world of worlds) {
    const search = new Search(world, rulebook);
    const { wrong } = search.run({ isEnough: ({ scenes }) => scenes > scenesMax });
    if (wrong !== null) {
      return { world, text: counterExample(search, wrong), steps: wrong.moves.length };
    }
  }
  return null;
}

/** What of the service itself would have stopped it before anything was written. */
function guardIn(text: string): string {
  if (text.includes('Then: the rules stop')) {
    return 'its own check';
  }
  return text.includes('Then: the database refuses') ? 'a constraint' : '';
}

describe('a defect that was made by hand', () => {
  const table = new Table({
    head: ['defect', 'steps', 'seen by the exploration', 'stopped before by'],
    style: { head: [], border: [] },
  });
  afterAll(() => console.info(table.toString()));

  it.each(names)('is found with the fewest steps that show it: %s', { timeout: 300_000 }, (name) => {
    const { decide, name: words } = defects[name];
    const seen = found({ decide, unchecked: true });
    expect(seen).not.toBeNull();
    const guarded = found({ decide }, seen === null ? [] : [seen.world]);
    expect(guarded).not.toBeNull();
    table.push([words, seen?.steps, seen?.text.split('Then: ')[1], guardIn(guarded?.text ?? '')]);
  });

  it('is told of in plain words', () => {
    expect(found({ decide: defects.isLateByAMs.decide })?.text).toBe(`1 buyer, 1 product of 1 unit.
1. Anna holds a unit of product 1 → hold_created
2. a second passes
3. Anna orders → order_created
Then: the answer is "order_created", promised is "hold_expired".`);
    expect(found({ decide: defects.oversells.decide, unchecked: true })?.text).toMatch(
      /^2 buyers, .*\n1\. Anna holds .*\n2\. Ben holds .*\nThen: product 1 is oversold: 2 active, 2 open of a stock of 1\.$/,
    );
  });
});
