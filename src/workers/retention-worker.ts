import type { RunOnce } from './worker.ts';

const rowsPerRound = 1000;
const restMs = 60_000;
const dayMs = 86_400_000;
/** How long a buyer's idempotency key is kept. */
const requestKeyMs = 2 * dayMs;

export type Purge = (
  before: {
    readonly releasedHoldsMs: number;
    readonly endedOrdersMs: number;
    readonly requestKeysMs: number;
    readonly outgoingEventsMs: number;
    readonly unknownFactsMs: number;
  },
  limit: number,
) => Promise<{ readonly isDone: boolean; readonly facts: number }>;

export type Retention = {
  readonly purge: Purge;
  readonly nowMs: () => number;
  readonly retentionDays: number;
  readonly parkedSeconds: number;
  /** Called with the number of facts about unknown payments that were deleted, when there were any. */
  readonly factsDeleted: (count: number) => void;
};

/**
 * Deletes rows whose time is over: released holds that never had an order, orders that ended without money, buyers' keys, events that
 * were delivered to others, and facts about payments that stayed unknown. An order stays as long as the key of its request, with which a
 * buyer may repeat it. Keys of all other payment events stay for ever.
 */
export function retentionRound({
  purge,
  nowMs,
  retentionDays,
  parkedSeconds,
  factsDeleted,
}: Retention): RunOnce {
  return async () => {
    const now = nowMs();
    const before = {
      releasedHoldsMs: now - retentionDays * dayMs,
      endedOrdersMs: now - Math.max(retentionDays * dayMs, requestKeyMs),
      requestKeysMs: now - requestKeyMs,
      outgoingEventsMs: now - retentionDays * dayMs,
      unknownFactsMs: now - parkedSeconds * 1000,
    };
    const { isDone, facts } = await purge(before, rowsPerRound);
    if (facts > 0) {
      factsDeleted(facts);
    }
    return isDone ? restMs : 1000;
  };
}
