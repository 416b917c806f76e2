import type { EngineDefect } from '../../support/engine-defects.ts';
import { handMade } from '../hand-made.ts';

/** The variable that names the defect of this process. */
export const defectVariable = 'HAND_MADE_DEFECT';

/** Without a name there is none, to see that tests which find a defect find none then. */
const byName: Readonly<Record<string, EngineDefect>> = { '': { name: 'none' }, ...handMade };

export const defectAtHand = named(process.env[defectVariable] ?? '');

function named(name: string): EngineDefect {
  const found = byName[name];
  if (found === undefined) {
    throw new Error(
      `expected nothing or one of ${Object.keys(handMade).join(', ')} in ${defectVariable}, got "${name}"`,
    );
  }
  return found;
}
