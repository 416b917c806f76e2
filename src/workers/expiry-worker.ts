import type { CommandSink } from '../engine/answer.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { RunOnce } from './worker.ts';

/**
 * Rows of one command. Small enough that holds in the same batch do not wait long when very many holds run
 * out at once.
 */
const holdsPerCommand = 150;

/**
 * Releases holds whose deadline has come and expires their orders. Deadlines are exact without it; it keeps
 * rows, counters and the log up to date. Several may run at once: a hold is released under its product's
 * lock, by whoever comes first.
 */
export function expiryRound(reader: Pick<StoreReader, 'deadlines'>, engine: CommandSink): RunOnce {
  return async () => {
    const { value: deadlines, nowMs } = await reader.deadlines();
    let restMs = Number.POSITIVE_INFINITY;
    for (const { productId, deadlineMs } of deadlines) {
      if (deadlineMs > nowMs) {
        restMs = Math.min(restMs, deadlineMs - nowMs);
      } else {
        const released = await expireHolds(engine, productId);
        restMs = released > 0 ? 0 : restMs;
      }
    }
    return restMs;
  };
}

async function expireHolds(engine: CommandSink, productId: number): Promise<number> {
  let released = 0;
  for (;;) {
    const { outcome } = await engine.submit({ kind: 'expire_holds', productId, limit: holdsPerCommand });
    if (outcome.kind === 'failed') {
      const cause = outcome.code === 'internal_error' ? { cause: outcome.cause } : {};
      throw new Error(`overdue holds of product ${productId} were not released: ${outcome.code}`, cause);
    }
    if (outcome.kind !== 'holds_expired') {
      return released;
    }
    released += outcome.released;
    if (outcome.released < holdsPerCommand) {
      return released;
    }
  }
}
