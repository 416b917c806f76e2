import { type DefectName, defects } from '../support/defects.ts';
import { type EngineDefect, type EngineDefectName, engineDefects } from '../support/engine-defects.ts';

export type HandMadeName = DefectName | EngineDefectName;

/** All defects that were made by hand: of the rules, and of what is around them. */
export const handMade: Readonly<Record<HandMadeName, EngineDefect>> = { ...defects, ...engineDefects };

export const handMadeNames = Object.keys(handMade) as HandMadeName[];

/** Which of them the two checks have to find that tests show all of them to. */
export const toBeFoundBy: Readonly<Record<'exploration' | 'simulation', readonly HandMadeName[]>> = {
  // It plays the rules alone, on batches with time enough.
  exploration: [...(Object.keys(defects) as DefectName[]), 'waitsForTheWorker'],
  // One that it misses shows in a single millisecond, one is about money that comes after other money went back, one about a number that
  // two nodes may pass by one anyhow.
  simulation: handMadeNames.filter(
    (name) => name !== 'isLateByAMs' && name !== 'revivesRefunded' && name !== 'parksWithoutBound',
  ),
};
