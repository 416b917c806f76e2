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
  },
  limit: number,
) => Promise<{ readonly isDone: boolean }>;

/**
 * Deletes released holds that never had an order, orders that ended without money, buyers' keys, and events that were delivered to others,
 * when their time is over. An order stays as long as the key of its request, with which a buyer may repeat it. Keys of payment events stay for ever.
 */
export function retentionRound(purge: Purge, nowMs: () => number, retentionDays: number): RunOnce {
  return async () => {
    const now = nowMs();
    const before = {
      releasedHoldsMs: now - retentionDays * dayMs,
      endedOrdersMs: now - Math.max(retentionDays * dayMs, requestKeyMs),
      requestKeysMs: now - requestKeyMs,
      outgoingEventsMs: now - retentionDays * dayMs,
    };
    const { isDone } = await purge(before, rowsPerRound);
    return isDone ? restMs : 1000;
  };
}
