import type { WindowCount, WindowCounts } from './window-counts.ts';

export type FailureLimitOptions = {
  /** Failures of one address in a window. */
  readonly max: number;
  /** Requests of one address that may be under way at once, also while few have failed. */
  readonly atOnceMax?: number;
  /** The number of requests of one address that may wait, and the longest wait. */
  readonly waitingMax: number;
  readonly waitMsMax: number;
};

export type Entry =
  | {
      readonly kind: 'entered';
      readonly counted: WindowCount;
      /** Ends the request, and counts it if it failed. Resolves to the new count. */
      leave(failed: boolean): Promise<WindowCount>;
    }
  | { readonly kind: 'exceeded'; readonly counted: WindowCount }
  | { readonly kind: 'crowded' };

/** Requests of one address that are under way, and those that wait for them. */
type Line = {
  underWay: number;
  /** The latest count of failures that is known. */
  failures: number;
  readonly waiting: (() => void)[];
};

/**
 * Limits the requests of an address that fail. A request counts only once it has failed, so a thousand requests at once would all pass
 * before the first of them counts. So at most as many of an address are under way as may still fail. The others wait for their turn
 * and are not refused, because many honest buyers may share one address.
 *
 * An address has a line only while it has requests under way, so memory is bounded by the connections.
 */
export class FailureLimit {
  readonly #counts: WindowCounts;
  readonly #options: FailureLimitOptions;
  readonly #lines = new Map<string, Line>();

  constructor(counts: WindowCounts, options: FailureLimitOptions) {
    this.#counts = counts;
    this.#options = options;
  }

  /** Resolves when the request may go on, or with the reason why it may not. */
  async enter(address: string): Promise<Entry> {
    const { max, waitingMax, waitMsMax } = this.#options;
    const line = this.#lineOf(address);
    if (line.underWay >= this.#room(line)) {
      if (line.waiting.length >= waitingMax) {
        return { kind: 'crowded' };
      }
      const sinceMs = performance.now();
      await new Promise<void>((resolve) => line.waiting.push(resolve));
      if (performance.now() - sinceMs > waitMsMax) {
        this.#leave(address, line);
        return { kind: 'crowded' };
      }
    } else {
      line.underWay += 1;
    }
    const counted = await this.#counts.peek(address);
    line.failures = counted.count;
    if (counted.count >= max) {
      this.#leave(address, line);
      return { kind: 'exceeded', counted };
    }
    return {
      kind: 'entered',
      counted,
      leave: async (failed) => {
        const latest = failed ? await this.#counts.add(address) : counted;
        line.failures = Math.max(line.failures, latest.count);
        this.#leave(address, line);
        return latest;
      },
    };
  }

  #lineOf(address: string): Line {
    const known = this.#lines.get(address);
    if (known !== undefined) {
      return known;
    }
    const line = { underWay: 0, failures: 0, waiting: [] };
    this.#lines.set(address, line);
    return line;
  }

  /** How many may be under way. Beyond the limit there is no bound, because each is refused without work. */
  #room({ failures }: Line): number {
    const { max, atOnceMax = max } = this.#options;
    return failures >= max ? Number.POSITIVE_INFINITY : Math.max(1, Math.min(max - failures, atOnceMax));
  }

  #leave(address: string, line: Line): void {
    line.underWay -= 1;
    while (line.underWay < this.#room(line)) {
      const next = line.waiting.shift();
      if (next === undefined) {
        break;
      }
      line.underWay += 1;
      next();
    }
    if (line.underWay === 0) {
      this.#lines.delete(address);
    }
  }
}
