import { describe, expect, it } from 'vitest';
import { handMadeNames, toBeFoundBy } from './hand-made.ts';
import { keptFigures } from './kept-figures.ts';

/** Whether they are found by them is what the tests of exploration and simulation say. */
describe('the defects that were made by hand', () => {
  it('are to be found by exploration and simulation both, but for those that only one of them can see', () => {
    const { exploration, simulation } = toBeFoundBy;
    const twice = handMadeNames.filter((name) => exploration.includes(name) && simulation.includes(name));
    expect(twice).toEqual([
      'forgetsToRearm',
      'releasesTwice',
      'countsReplays',
      'deductsAtOrder',
      'ignoresAmount',
      'fulfilsWithoutUnits',
      'forgetsHeldAtExpiry',
      'oversells',
      'ignoresSecondPayment',
      'failsPaidOrder',
      'forgetsParkedMoney',
      'keepsUnitsOfCancelled',
      'rearmsAgainAndAgain',
      'neverGivesUp',
      'leavesOrderPending',
      'leavesRefundDue',
      'ordersTwice',
      'waitsForTheWorker',
    ]);
    expect(handMadeNames.filter((name) => !exploration.includes(name) && !simulation.includes(name))).toEqual(
      [],
    );
  });

  it('were all tried when the figure of the README was kept (if not: npm run defects -- --write)', () => {
    const foundBy = keptFigures('defects')?.figures.foundBy ?? {};
    expect(Object.keys(foundBy).toSorted()).toEqual(handMadeNames.toSorted());
    for (const layer of ['exploration', 'simulation'] as const) {
      expect(handMadeNames.filter((name) => foundBy[name]?.includes(layer))).toEqual(
        handMadeNames.filter((name) => toBeFoundBy[layer].includes(name)),
      );
    }
  });
});
