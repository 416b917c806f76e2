import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../stories/random.ts';
import type { Fault } from './fault.ts';

/** How long nothing new goes wrong, at least and at most. */
const restMs = [200, 2_500] as const;

export type StormOptions = {
  readonly seed: number;
  /** Told of each fault, in words. */
  readonly say: (text: string) => void;
  readonly forMs: number;
  /** Ends it before. */
  readonly stop: AbortSignal;
};

/**
 * Everything goes wrong that can. Faults of one hand come one after the other, in an order that follows from the seed, and those of
 * several hands at the same time.
 *
 * @returns how many faults of each kind there were
 */
export async function storm(
  hands: readonly (readonly Fault[])[],
  { seed, say, forMs, stop }: StormOptions,
): Promise<ReadonlyMap<string, number>> {
  const endsAtMs = performance.now() + forMs;
  /** Waits, unless all of it is over before. */
  const isOver = async (ms: number): Promise<boolean> => {
    const leftMs = Math.max(0, Math.min(ms, endsAtMs - performance.now()));
    await pause(leftMs, undefined, { signal: stop }).catch(() => 'stopped');
    return stop.aborted || performance.now() >= endsAtMs;
  };
  const counts = new Map<string, number>();
  const busy = hands
    .filter((faults) => faults.length > 0)
    .map(async (faults, index) => {
      const random = new Random(seed, 3, index);
      while (!(await isOver(random.between(...restMs)))) {
        const fault = faults[random.below(faults.length)] ?? faults[0];
        if (fault !== undefined) {
          const lastsMs = Math.round(random.between(...fault.lastsMs));
          say(`${fault.kind}: ${fault.victim}, for ${lastsMs} ms`);
          counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
          await fault.begin();
          await isOver(lastsMs);
          await fault.end();
        }
      }
    });
  // Whatever fails, what others have begun is brought to its end.
  await Promise.allSettled(busy);
  await Promise.all(busy);
  return counts;
}
