/** How long something took, for bounds that are a promise to whoever waits, never for speed. */
export async function timed<Value>(
  work: Promise<Value>,
): Promise<{ readonly ms: number; readonly value: Value }> {
  const startedMs = performance.now();
  const value = await work;
  return { ms: performance.now() - startedMs, value };
}
