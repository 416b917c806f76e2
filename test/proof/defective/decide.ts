import { decide as asItShips } from '../../../src/domain/decide.ts';
import type { Decide } from '../../../src/engine/batch.ts';
import { defectAtHand } from './defect-at-hand.ts';

/** In the place of the rules, for tests that have to fail. */
export const decide: Decide = defectAtHand.decide ?? asItShips;
