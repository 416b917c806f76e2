import { Latencies, type LatencyCounts } from '../measure/latencies.ts';

export type Operation = 'hold' | 'order' | 'payment';

/** How it travels from one process to another: by window, and in it by operation and status, as `hold 201`. */
export type AnswerCounts = readonly (readonly [
  atSeconds: number,
  answers: ReadonlyMap<string, LatencyCounts>,
])[];

/** What was answered, and how late, by the time at which it was due: in windows of the same length. */
export class Answers {
  readonly windowSeconds: number;
  readonly #windows = new Map<number, Map<string, Latencies>>();

  constructor(windowSeconds: number, counts: AnswerCounts = []) {
    this.windowSeconds = windowSeconds;
    for (const [atSeconds, answers] of counts) {
      const window = new Map([...answers].map(([name, plain]) => [name, new Latencies(plain)]));
      this.#windows.set(Math.round(atSeconds / windowSeconds), window);
    }
  }

  /** @param atSeconds since the begin */
  add(operation: Operation, status: number, atSeconds: number, tookMs: number): void {
    const nth = Math.floor(atSeconds / this.windowSeconds);
    let window = this.#windows.get(nth);
    if (window === undefined) {
      window = new Map();
      this.#windows.set(nth, window);
    }
    const name = `${operation} ${status}`;
    let latencies = window.get(name);
    if (latencies === undefined) {
      latencies = new Latencies();
      window.set(name, latencies);
    }
    latencies.add(tookMs);
  }

  /** Those between two instants, in s since the begin: whole windows only. */
  between(
    operation: Operation,
    isMeant: (status: number) => boolean,
    fromSeconds = 0,
    toSeconds = Number.POSITIVE_INFINITY,
  ): Latencies {
    const windows = [...this.#windows].filter(
      ([nth]) => nth * this.windowSeconds >= fromSeconds && (nth + 1) * this.windowSeconds <= toSeconds,
    );
    return Latencies.together(
      windows.flatMap(([, window]) =>
        [...window].flatMap(([name, latencies]) => {
          const [what, status] = name.split(' ');
          return what === operation && isMeant(Number(status)) ? [latencies] : [];
        }),
      ),
    );
  }

  /** When each window begins, in s since the begin. */
  get instants(): readonly number[] {
    return [...this.#windows.keys()].toSorted((a, b) => a - b).map((nth) => nth * this.windowSeconds);
  }

  /** How many there are of each operation and status, as `hold 201`. */
  get tally(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const window of this.#windows.values()) {
      for (const [name, latencies] of window) {
        counts[name] = (counts[name] ?? 0) + latencies.count;
      }
    }
    return counts;
  }

  get plain(): AnswerCounts {
    return [...this.#windows].map(([nth, window]) => [
      nth * this.windowSeconds,
      new Map([...window].map(([name, latencies]) => [name, latencies.plain])),
    ]);
  }
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;
export const isRefusal = (status: number): boolean => status === 503;
