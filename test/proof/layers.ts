import { join } from 'node:path';
import { startVitest } from 'vitest/node';
import { findDefect as findByExploration } from '../exploration/find-defect.ts';
import { findDefect as findBySimulation } from '../simulation/find-defect.ts';
import type { EngineDefect } from '../support/engine-defects.ts';
import { defectVariable } from './defective/defect-at-hand.ts';

/** The checks that a defect made by hand is shown to. Each knows nothing of the others. */
export const layers = ['exploration', 'simulation', 'tests'] as const;

export type Layer = (typeof layers)[number];

/** What shows a defect, in a few words; null when nothing does. */
export const looks: Readonly<Record<Layer, (name: string, defect: EngineDefect) => Promise<string | null>>> =
  {
    exploration: async (_, { decide, storeOf }) => {
      // It plays the rules alone. Nothing else could have the defect.
      const found =
        storeOf === undefined ? findByExploration({ ...(decide && { decide }), unchecked: true }) : null;
      return found && `${found.steps} ${found.steps === 1 ? 'step' : 'steps'}`;
    },
    simulation: async (_, defect) => {
      const { broken } = await findBySimulation(defect);
      return broken && `seed ${broken.seed}`;
    },
    tests: firstFailure,
  };

/** The tests of the rules, the engine and the workers, with the defect in what they test: the first one that fails. */
async function firstFailure(name: string): Promise<string | null> {
  const vitest = await startVitest('test', [], {
    config: join(import.meta.dirname, 'defective/vitest.config.ts'),
    env: { [defectVariable]: name },
    watch: false,
    reporters: [{}],
  });
  const modules = vitest.state.getTestModules();
  const errors = vitest.state.getUnhandledErrors();
  await vitest.close();
  const failed = modules.find((module) => !module.ok());
  if (failed !== undefined) {
    return failed.relativeModuleId;
  }
  return errors.length > 0 ? 'an error outside of the tests' : null;
}
