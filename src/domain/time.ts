/**
 * The deadline `seconds` after `nowMs`, in ms since 1970, rounded up to a whole second: MySQL's `NOW()` has
 * whole seconds, so `expires_at > NOW()` in an operator's query is exact only when deadlines are whole
 * seconds too.
 */
export function deadlineAfter(nowMs: number, seconds: number): number {
  return Math.ceil((nowMs + seconds * 1000) / 1000) * 1000;
}

/**
 * The second in which `nowMs` lies: an early release sets it as the deadline, which has then already come for
 * every clock reading.
 */
export function startOfSecond(nowMs: number): number {
  return Math.floor(nowMs / 1000) * 1000;
}
