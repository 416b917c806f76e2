import type { SimulatedPort } from '../../simulation/simulated-store.ts';
import { defectAtHand } from './defect-at-hand.ts';

const absent: SimulatedPort = {
  locate: notThere,
  transact: notThere,
  nowMs: notThere,
  deadlines: notThere,
  parkedButKnown: notThere,
  parkedForOrders: notThere,
  parkedSince: notThere,
};

/** The part of a real store that somebody is given, with the defect at hand. */
export function withDefect<Part extends Partial<SimulatedPort>>(part: Part): Part {
  const changed = defectAtHand.storeOf?.({ ...absent, ...part });
  return changed === undefined ? part : { ...part, ...changed };
}

function notThere(): never {
  throw new Error('nobody was to ask for more than they are given');
}
