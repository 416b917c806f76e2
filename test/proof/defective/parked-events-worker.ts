import * as asItShips from '../../../src/workers/parked-events-worker.ts';
import { withDefect } from './with-defect.ts';

/** In the place of the worker, for tests that have to fail. */
export const parkedEventsRound: typeof asItShips.parkedEventsRound = (reader, ...rest) =>
  asItShips.parkedEventsRound(withDefect(reader), ...rest);

export const recheckParked: typeof asItShips.recheckParked = (reader, ...rest) =>
  asItShips.recheckParked(withDefect(reader), ...rest);
