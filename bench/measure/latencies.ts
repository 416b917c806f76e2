/** The shortest time that is told apart from none. */
const shortestMs = 0.01;
/** Each bucket is this much longer than the one before it, so a percentile is at most 2 % too high. */
const growth = 1.02;
/** The last bucket begins at about 100 s. */
const buckets = Math.ceil(Math.log(100_000 / shortestMs) / Math.log(growth)) + 1;

/** How it travels from one process to another. */
export type LatencyCounts = { readonly counts: Uint32Array; readonly longestMs: number };

/** How long many things took, in a memory that does not grow with their number. */
export class Latencies {
  readonly #counts: Uint32Array;
  #longestMs: number;

  constructor({ counts, longestMs }: LatencyCounts = { counts: new Uint32Array(buckets), longestMs: 0 }) {
    this.#counts = counts;
    this.#longestMs = longestMs;
  }

  static together(parts: readonly Latencies[]): Latencies {
    const counts = new Uint32Array(buckets);
    for (const part of parts) {
      for (const [bucket, count] of part.#counts.entries()) {
        counts[bucket] = (counts[bucket] ?? 0) + count;
      }
    }
    return new Latencies({ counts, longestMs: Math.max(0, ...parts.map((part) => part.#longestMs)) });
  }

  add(ms: number): void {
    const bucket =
      ms <= shortestMs ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(ms / shortestMs) / Math.log(growth)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#longestMs = Math.max(this.#longestMs, ms);
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  /** @returns the time in ms that this share of them did not exceed; NaN when there are none */
  percentileMs(share: number): number {
    const wanted = Math.ceil(share * this.count);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) {
        return Math.min(this.#longestMs, shortestMs * growth ** bucket);
      }
    }
    return Number.NaN;
  }

  get plain(): LatencyCounts {
    return { counts: this.#counts, longestMs: this.#longestMs };
  }
}
