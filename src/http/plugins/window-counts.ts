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

type Counted = (error: Error | null, result?: { readonly current: number; readonly ttl: number }) => void;

/**
 * Counts requests in windows of one length, which begin with the first request of a key. The plugin's own
 * store hands out the object that it counts with: of requests that come together each one then sees the count
 * of the last, and all of them are refused. It also goes by the wall clock, so a clock that is set back would
 * keep a window open.
 */
export class WindowCounts implements FastifyRateLimitStore {
  /** In the order in which the windows end, since all are equally long. */
  readonly #windows = new Map<string, Window>();

  incr(key: string, counted: Counted, windowMs = 1000): void {
    const nowMs = performance.now();
    this.#forget(nowMs);
    const window = this.#windows.get(key) ?? { count: 0, endsAtMs: nowMs + windowMs };
    window.count += 1;
    this.#windows.set(key, window);
    // Rounding may make the difference a hair longer than the window, which would be told as a second more.
    counted(null, { current: window.count, ttl: Math.min(windowMs, window.endsAtMs - nowMs) });
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
