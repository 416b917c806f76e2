import { useEffect, useState } from 'preact/hooks';

/** The time, told again each second, so that what depends on it is drawn again. */
export function useNow(nowMs: () => number): number {
  const [now, setNow] = useState(nowMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(nowMs()), 1_000);
    return () => clearInterval(timer);
  }, [nowMs]);
  return now;
}
