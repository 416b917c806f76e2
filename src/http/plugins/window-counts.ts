/**
 * Addresses that are counted at once for one limit: some MB. Beyond it the oldest window is forgotten, so a flood of addresses weakens the
 * limit and does not fill the memory.
 */
const addressesMax = 50_000;

export type WindowCount = {
  readonly count: number;
  /** The rest of the window. */
  readonly ttlMs: number;
};

/** Counts over all nodes. Both methods resolve to null when the count does not come in time. */
export interface SharedWindowCounts {
  /** Adds one to the count of a key. */
  add(limit: string, key: string, windowMs: number): Promise<WindowCount | null>;
  /** Reads the count of a key. */
  peek(limit: string, key: string, windowMs: number): Promise<WindowCount | null>;
}

type Window = {
  count: number;
  readonly endsAtMs: number;
};

export type WindowLimit = {
  /** Keeps its counts apart from those of other limits. */
  readonly name: string;
  readonly windowMs: number;
};

/**
 * The counts of one limit, in windows of one length. A window begins with the first count of its key. It ends by the monotonic clock: a
 * wall clock that is set back would keep it open.
 *
 * Where the nodes share their counts, the shared count is the result. This process counts too and keeps the latest shared count. So the
 * limit holds without the others, and an address stays refused while Redis is slow for a moment.
 */
export class WindowCounts {
  readonly windowMs: number;
  readonly #name: string;
  readonly #shared: SharedWindowCounts | undefined;
  /** About in the order in which they end: all are equally long, but what other nodes began ends earlier. */
  readonly #windows = new Map<string, Window>();

  /** @param shared without it each process counts by itself */
  constructor({ name, windowMs }: WindowLimit, shared?: SharedWindowCounts) {
    this.#name = name;
    this.windowMs = windowMs;
    this.#shared = shared;
  }

  /** Adds one to the count of a key. */
  async add(key: string): Promise<WindowCount> {
    const nowMs = performance.now();
    this.#forget(nowMs);
    const window = this.#opened(key, nowMs) ?? this.#open(key, 0, nowMs + this.windowMs);
    window.count += 1;
    const here = this.#countOf(window, nowMs);
    return this.#heard(key, await this.#shared?.add(this.#name, key, this.windowMs)) ?? here;
  }

  /** Reads the count of a key. */
  async peek(key: string): Promise<WindowCount> {
    const nowMs = performance.now();
    const window = this.#opened(key, nowMs);
    const here = window === null ? { count: 0, ttlMs: this.windowMs } : this.#countOf(window, nowMs);
    return this.#heard(key, await this.#shared?.peek(this.#name, key, this.windowMs)) ?? here;
  }

  #opened(key: string, nowMs: number): Window | null {
    const window = this.#windows.get(key);
    return window === undefined || window.endsAtMs <= nowMs ? null : window;
  }

  #open(key: string, count: number, endsAtMs: number): Window {
    const window = { count, endsAtMs };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    return window;
  }

  #countOf({ count, endsAtMs }: Window, nowMs: number): WindowCount {
    return { count, ttlMs: this.#ttl(endsAtMs - nowMs) };
  }

  #heard(key: string, all: WindowCount | null | undefined): WindowCount | null {
    if (all === null || all === undefined) {
      return null;
    }
    const nowMs = performance.now();
    const ttlMs = this.#ttl(all.ttlMs);
    if (all.count > (this.#opened(key, nowMs)?.count ?? 0)) {
      this.#forget(nowMs);
      this.#open(key, all.count, nowMs + ttlMs);
    }
    return { count: all.count, ttlMs };
  }

  /** By rounding the difference may exceed the window slightly, and would be shown as one second more. */
  #ttl(ms: number): number {
    return Math.min(this.windowMs, ms);
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
