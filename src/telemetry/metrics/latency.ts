/** Bounds in one doubling. A percentile that is read off the counts is at most 9 % away from the true one. */
export const boundsPerDoubling = 4;
/** A phase of a small batch takes no longer. */
const firstBoundMs = 0.0625;
/** Up to 16,384 ms: no request takes longer than its connection may. */
const doublings = 18;

/** The upper bound of each bucket, in ms. What took longer than the last one is counted in one more bucket. */
export const latencyBoundsMs: readonly number[] = Array.from(
  { length: doublings * boundsPerDoubling + 1 },
  (_, index) => firstBoundMs * 2 ** (index / boundsPerDoubling),
);

/** Adds one to the count at `index`, which is inside. */
export function addOne(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

/**
 * How long things took, as a count for each bucket since the process started. Plain numbers in one array: counting costs a logarithm and
 * two additions, and nothing is allocated for it.
 */
export class Latencies {
  readonly counts = new Float64Array(latencyBoundsMs.length + 1);
  sumMs = 0;

  add(ms: number): void {
    const index = Math.ceil(boundsPerDoubling * Math.log2(ms / firstBoundMs));
    addOne(this.counts, Math.max(0, Math.min(latencyBoundsMs.length, index)));
    this.sumMs += ms;
  }
}
