import { useEffect, useState } from 'preact/hooks';
import { countdown } from '../../src/client/checkout-client.ts';

/**
 * What is left until a deadline in ms, new at each whole second.
 *
 * @param deadline an RFC 3339 time; with null nothing is counted, and nothing is left
 * @param nowMs the server's time, the same function each time
 */
export function useCountdown(deadline: string | null, nowMs: () => number): number {
  const left = () => (deadline === null ? 0 : Math.max(0, Date.parse(deadline) - nowMs()));
  const [, setTick] = useState(0);
  useEffect(
    () => (deadline === null ? undefined : countdown(deadline, nowMs, () => setTick((tick) => tick + 1))),
    [deadline, nowMs],
  );
  return left();
}
