/** What came of a load. */
export type LoadResult = {
  /** Answered as it was expected; what is not has failed. */
  readonly answered: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly failed: number;
};

/** With the middle one of the latencies too. */
export type TimedLoadResult = LoadResult & { readonly medianMs: number };
