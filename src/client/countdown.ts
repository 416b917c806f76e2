/**
 * Counts down to a deadline: ticks at once, at each whole second that is left, and with 0 when the deadline has come; that tick is the
 * last. What is left is asked for anew each time, so a page that slept or a clock that was corrected shows the right time at the next tick.
 *
 * @param deadline an RFC 3339 time, such as `expires_at` of a hold
 * @param nowMs the server's time, such as `nowMs` of the client: a device's own clock may be minutes off
 * @param tick is given what is left in ms; shown in seconds, it is to be rounded up
 * @returns stops it
 */
export function countdown(
  deadline: string,
  nowMs: () => number,
  tick: (remainingMs: number) => void,
): () => void {
  const deadlineMs = Date.parse(deadline);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const step = () => {
    const remainingMs = Math.max(0, deadlineMs - nowMs());
    // Before the callback, so that it can stop what it is called by.
    if (remainingMs > 0) {
      timer = setTimeout(step, remainingMs % 1_000 || 1_000);
    }
    tick(remainingMs);
  };
  step();
  return () => clearTimeout(timer);
}
