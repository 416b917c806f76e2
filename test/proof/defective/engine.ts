import type { BatchContext } from '../../../src/engine/batch.ts';
import { Engine as AsItShips } from '../../../src/engine/engine.ts';
import { withDefect } from './with-defect.ts';

type Rest = ConstructorParameters<typeof AsItShips> extends [BatchContext, ...infer Others] ? Others : never;

/** In the place of the engine, for tests that have to fail. */
export class Engine extends AsItShips {
  constructor(context: BatchContext, ...rest: Rest) {
    super({ ...context, store: withDefect(context.store) }, ...rest);
  }
}
