import type { FastifyRateLimitStore } from '@fastify/rate-limit';

/**
 * Addresses that are counted at once: some MB. Beyond it the oldest window is forgotten, which only lets
 * somebody through.
 */
const addressesMax = 50_000;

type Window = {
  count: number;
  readonly endsAtMs: number;
};

/** Counts the requests of a key over all nodes. */
export interface SharedWindowCounts {
  /** Resolves to null when it cannot be told in time. */
  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly ttlMs: number } | null>;
}

type Counted = (error: Error | null, result?: { readonly current: number; readonly ttl: number }) => void;

/**
 * Counts requests in windows of one length, which begin with the first request of a key. The plugin's own
 * store hands out the object that it counts with: of requests that come together each one then sees the count
 * of the last, and all of them are refused. It also goes by the wall clock, so a clock that is set back would
 * keep a window open.
 *
 * Where the counts of all nodes are at hand, they are told; this process counts beside them all the same, so
 * that there is a limit when they are not.
 */
export class WindowCounts implements FastifyRateLimitStore {
  /** In the order in which the windows end, since all are equally long. */
  readonly #windows = new Map<string, Window>();
  readonly #shared: SharedWindowCounts | undefined;

  constructor(shared?: SharedWindowCounts) {
    this.#shared = shared;
  }

  incr(key: string, counted: Counted, windowMs = 1000): void {
    const here = this.#countHere(key, windowMs);
    if (this.#shared === undefined) {
      counted(null, here);
      return;
    }
    this.#shared.count(key, windowMs).then(
      (all) =>
        counted(null, all === null ? here : { current: all.count, ttl: Math.min(windowMs, all.ttlMs) }),
      () => counted(null, here),
    );
  }

  #countHere(key: string, windowMs: number): { readonly current: number; readonly ttl: number } {
    const nowMs = performance.now();
    this.#forget(nowMs);
    const window = this.#windows.get(key) ?? { count: 0, endsAtMs: nowMs + windowMs };
    window.count += 1;
    this.#windows.set(key, window);
    // Rounding may make the difference a hair longer than the window, which would be told as a second more.
    return { current: window.count, ttl: Math.min(windowMs, window.endsAtMs - nowMs) };
  }

  /** There is one limit only, so nothing is kept apart. */
  child(): FastifyRateLimitStore {
    return this;
  }

  #forget(nowMs: number): void {
    for (const [key, { endsAtMs }] of this.#windows) {
      if (endsAtMs > nowMs && this.#windows.size < addressesMax) {
        return;
      }
      this.#windows.delete(key);
    }
  }
}
