import { setTimeout as pause } from 'node:timers/promises';
import { Latencies } from '../measure/latencies.ts';

/** How often what is due by now is begun: as short as timers are. */
const tickMs = 1;

/**
 * Begins something at a fixed rate, whatever becomes of what was begun before: buyers do not wait for each other. Resolves when all of
 * it has ended.
 *
 * @param begin gets the instant at which it was due, by `performance.now()`; what is measured counts from there
 * @returns how late each was begun: the figures are worth nothing where that is not little
 */
export async function openLoop(
  perSecond: number,
  seconds: number,
  begin: (dueMs: number) => Promise<void>,
): Promise<Latencies> {
  const late = new Latencies();
  const underWay = new Set<Promise<void>>();
  const startMs = performance.now();
  const all = Math.floor(perSecond * seconds);
  for (let begun = 0; begun < all; ) {
    const nowMs = performance.now();
    for (; begun < all; begun += 1) {
      const dueMs = startMs + (begun * 1000) / perSecond;
      if (dueMs > nowMs) {
        break;
      }
      late.add(nowMs - dueMs);
      const one = begin(dueMs).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    await pause(tickMs);
  }
  await Promise.all(underWay);
  return late;
}

/** Begins it again and again, so many at a time. Resolves when the last have ended. */
export async function closedLoop(
  atATime: number,
  seconds: number,
  begin: (dueMs: number) => Promise<void>,
): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  const again = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      await begin(nowMs);
    }
  };
  await Promise.all(Array.from({ length: atATime }, again));
}
