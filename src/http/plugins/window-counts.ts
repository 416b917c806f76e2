/**
 * Addresses that are counted at once for one limit: some MB. Beyond it the oldest window is forgotten, so a flood of addresses weakens the
 * limit and does not fill the memory.
 */
const addressesMax = 50_000;

export type WindowCount = {
  readonly count: number;
  /** What is left of the window. */
  readonly ttlMs: number;
};

/** Counts over all nodes. Both resolve to null when the count cannot be had in time. */
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
 * Where the nodes share their counts, those are the result. This process counts beside them, so that there is a limit without them too.
 */
export class WindowCounts {
  readonly windowMs: number;
  readonly #name: string;
  readonly #shared: SharedWindowCounts | undefined;
  /** In the order in which the windows end, since all are equally long. */
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
    const window = this.#windows.get(key) ?? { count: 0, endsAtMs: nowMs + this.windowMs };
    window.count += 1;
    this.#windows.set(key, window);
    const here = this.#countOf(window, nowMs);
    return this.#bounded(await this.#shared?.add(this.#name, key, this.windowMs)) ?? here;
  }

  /** The count of a key as it is. */
  async peek(key: string): Promise<WindowCount> {
    const nowMs = performance.now();
    const window = this.#windows.get(key);
    const here =
      window === undefined || window.endsAtMs <= nowMs
        ? { count: 0, ttlMs: this.windowMs }
        : this.#countOf(window, nowMs);
    return this.#bounded(await this.#shared?.peek(this.#name, key, this.windowMs)) ?? here;
  }

  #countOf({ count, endsAtMs }: Window, nowMs: number): WindowCount {
    return { count, ttlMs: this.#ttl(endsAtMs - nowMs) };
  }

  #bounded(all: WindowCount | null | undefined): WindowCount | null {
    return all === null || all === undefined ? null : { count: all.count, ttlMs: this.#ttl(all.ttlMs) };
  }

  /** Rounding may make a difference a hair longer than the window, which would be shown as a second more. */
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
