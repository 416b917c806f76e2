import type { EngineDefect } from '../support/engine-defects.ts';
import { asItShips } from './run-plan.ts';
import { type Broken, simulate } from './simulation.ts';

/** Each defect that the simulation finds shows within these. */
const seedsMax = 2_000;

/** The first seed that shows a defect, made as small as it gets; null when none does. And how many were run. */
export async function findDefect(
  defect: Omit<EngineDefect, 'name'>,
): Promise<{ readonly broken: Broken | null; readonly seeds: number }> {
  const { decide = asItShips.decide, storeOf = asItShips.storeOf } = defect;
  const { broken, totals } = await simulate({ from: 0, seeds: seedsMax }, { decide, storeOf });
  return { broken, seeds: totals.seeds };
}
