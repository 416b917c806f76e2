import type { CommandSink } from '../engine/answer.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { RunOnce } from './worker.ts';

/**
 * Rows of one command, where very many holds run out at once: buyers in the same batch wait for all of them. So there are as few as the
 * pace allows, on SQLite fewer than on a server, which takes longer for each batch.
 */
const holdsPerCommand = { least: 50, most: 300 } as const;
/**
 * The pace: a hundred thousand holds that run out at once are released in less than ten seconds. Where it could be faster the worker rests
 * instead, for nobody waits for it: their units are for sale all the same.
 */
const holdsPerMs = 12;

/** How far the time of one command changes the next ones: a single one, such as the first behind the deadline, says little. */
const weight = 1 / 8;

/** After so many it rests, and reads the deadlines again: a product that becomes due meanwhile does not wait until all others are done. */
const commandsPerRound = 5;
/** Behind a round with a failure the worker rests for long, so more is done in it: nobody waits for a product that fails. */
const commandsPerFailedRound = 100;

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
  let holds: number = holdsPerCommand.least;

  return async () => {
    const beganMs = elapsedMs();
    const { value: deadlines, nowMs } = await reader.deadlines();
    const failures: unknown[] = [];
    let due = deadlines.filter(({ deadlineMs }) => deadlineMs <= nowMs).map(({ productId }) => productId);
    let commands = 0;
    let releasedInRound = 0;
    // One command for each in turn: a product of which very many holds run out, or one that fails, keeps no other waiting.
    do {
      const unfinished: number[] = [];
      for (const productId of due) {
        commands += 1;
        try {
          const startedMs = elapsedMs();
          const limit = Math.round(holds);
          const released = await expireHolds(engine, productId, limit);
          releasedInRound += released;
          if (released >= limit) {
            unfinished.push(productId);
            const keepsPace = (elapsedMs() - startedMs) * holdsPerMs;
            const { least, most } = holdsPerCommand;
            holds += weight * (Math.min(Math.max(keepsPace, least), most) - holds);
          }
        } catch (error) {
          failures.push(error);
        }
      }
      due = unfinished;
    } while (due.length > 0 && commands < (failures.length > 0 ? commandsPerFailedRound : commandsPerRound));
    if (failures.length > 0) {
      throw failures[0];
    }
    const ahead = deadlines.filter(({ deadlineMs }) => deadlineMs > nowMs);
    return releasedInRound > 0
      ? Math.max(0, releasedInRound / holdsPerMs - (elapsedMs() - beganMs))
      : Math.min(...ahead.map(({ deadlineMs }) => deadlineMs - nowMs));
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
