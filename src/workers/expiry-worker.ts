import type { CommandSink } from '../engine/answer.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { RunOnce } from './worker.ts';

/**
 * Rows of one command, where very many holds run out at once: buyers in the same batch wait for all of them. So there are as few as the
 * pace allows, on SQLite fewer than on a server, which takes longer for each batch.
 */
const holdsPerCommand = { least: 50, most: 300 } as const;
/** A hundred thousand holds that run out at once are released in less than ten seconds. */
const holdsPerMs = 12;

/** After so many the deadlines are read again, or a product that becomes due meanwhile would wait until all others are done. */
const commandsPerRound = 20;

/**
 * Releases holds whose deadline has come and expires their orders. Deadlines are exact without it; it keeps
 * rows, counters and the log up to date. Several may run at once: a hold is released under its product's
 * lock, by whoever comes first.
 */
export function expiryRound(
  reader: Pick<StoreReader, 'deadlines'>,
  engine: CommandSink,
  elapsedMs = () => performance.now(),
): RunOnce {
  let limit: number = holdsPerCommand.least;

  return async () => {
    const { value: deadlines, nowMs } = await reader.deadlines();
    const failures: unknown[] = [];
    let due = deadlines.filter(({ deadlineMs }) => deadlineMs <= nowMs).map(({ productId }) => productId);
    let commands = 0;
    let anyReleased = false;
    // One command for each in turn: a product of which very many holds run out, or one that fails, keeps no other waiting.
    do {
      const unfinished: number[] = [];
      for (const productId of due) {
        commands += 1;
        try {
          const startedMs = elapsedMs();
          const released = await expireHolds(engine, productId, limit);
          anyReleased ||= released > 0;
          if (released >= limit) {
            unfinished.push(productId);
            const keepsPace = Math.ceil((elapsedMs() - startedMs) * holdsPerMs);
            limit = Math.min(Math.max(keepsPace, holdsPerCommand.least), holdsPerCommand.most);
          }
        } catch (error) {
          failures.push(error);
        }
      }
      due = unfinished;
    } while (due.length > 0 && commands < commandsPerRound);
    if (failures.length > 0) {
      throw failures[0];
    }
    const ahead = deadlines.filter(({ deadlineMs }) => deadlineMs > nowMs);
    return anyReleased ? 0 : Math.min(...ahead.map(({ deadlineMs }) => deadlineMs - nowMs));
  };
}

/** @returns how many holds were released */
async function expireHolds(engine: CommandSink, productId: number, limit: number): Promise<number> {
  const { outcome } = await engine.submit({ kind: 'expire_holds', productId, limit });
  if (outcome.kind === 'failed') {
    const cause = outcome.code === 'internal_error' ? { cause: outcome.cause } : {};
    throw new Error(`overdue holds of product ${productId} were not released: ${outcome.code}`, cause);
  }
  return outcome.kind === 'holds_expired' ? outcome.released : 0;
}
