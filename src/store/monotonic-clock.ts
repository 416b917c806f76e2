/**
 * A clock that starts at the wall clock's time and then only counts: ms since 1970. The wall clock may jump
 * while the process runs; deadlines must not.
 */
export function monotonicClock(wallMs: () => number): () => number {
  const startMs = wallMs();
  const startedAt = performance.now();
  return () => Math.floor(startMs + performance.now() - startedAt);
}
