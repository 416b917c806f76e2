import Table from 'cli-table3';
import { afterAll, describe, expect, it } from 'vitest';
import { handMade, toBeFoundBy } from '../proof/hand-made.ts';
import { defects } from '../support/defects.ts';
import { findDefect } from './find-defect.ts';

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

  it.each(toBeFoundBy.exploration)(
    'is found with the fewest steps that show it: %s',
    { timeout: 300_000 },
    (name) => {
      const { decide, name: words } = handMade[name];
      const rulebook = decide === undefined ? {} : { decide };
      const seen = findDefect({ ...rulebook, unchecked: true });
      expect(seen).not.toBeNull();
      const guarded = findDefect(rulebook, seen === null ? [] : [seen.world]);
      expect(guarded).not.toBeNull();
      table.push([words, seen?.steps, seen?.text.split('Then: ')[1], guardIn(guarded?.text ?? '')]);
    },
  );

  it('is told of in plain words', () => {
    expect(findDefect({ decide: defects.isLateByAMs.decide })?.text).toBe(`1 buyer, 1 product of 1 unit.
1. Anna holds a unit of product 1 → hold_created
2. a second passes
3. Anna orders → order_created
Then: the answer is "order_created", promised is "hold_expired".`);
    expect(findDefect({ decide: defects.oversells.decide, unchecked: true })?.text).toMatch(
      /^2 buyers, .*\n1\. Anna holds .*\n2\. Ben holds .*\nThen: product 1 is oversold: 2 active, 2 open of a stock of 1\.$/,
    );
  });
});
