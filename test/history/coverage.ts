/** Somebody has these units from the one instant on until the other. */
export type Span = { readonly fromMs: number; readonly toMs: number; readonly units: number };

/** How many units the spans of a list take together, at any instant. */
export class Coverage {
  /** Where the sum changes, ascending; from each one on it is the sum at the same place. */
  readonly #instants: number[] = [];
  readonly #sums: number[] = [];

  constructor(spans: readonly Span[]) {
    const changes = spans
      .filter(({ fromMs, toMs }) => fromMs < toMs)
      .flatMap(({ fromMs, toMs, units }) => [
        { atMs: fromMs, units },
        { atMs: toMs, units: -units },
      ])
      .sort((a, b) => a.atMs - b.atMs);
    let sum = 0;
    for (const { atMs, units } of changes) {
      sum += units;
      if (this.#instants.at(-1) === atMs) {
        this.#sums[this.#sums.length - 1] = sum;
      } else {
        this.#instants.push(atMs);
        this.#sums.push(sum);
      }
    }
  }

  at(ms: number): number {
    return this.#sums[this.#firstAfter(ms) - 1] ?? 0;
  }

  /** The instants at which the sum is another than before, after the one and up to the other. */
  changesBetween(afterMs: number, untilMs: number): readonly number[] {
    return this.#instants.slice(this.#firstAfter(afterMs), this.#firstAfter(untilMs));
  }

  /** The place of the first change after an instant. */
  #firstAfter(ms: number): number {
    let [low, high] = [0, this.#instants.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#instants[middle] ?? 0) <= ms) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
