import { addedUp, nothingHappened, type SecondCounts } from './second-counts.ts';

/** So much of the past is shown at once to whoever begins to watch, in s. */
const secondsKept = 300;
/** A clock that is ahead of ours by more than so many seconds is not believed. */
const aheadMax = 5;

/** A second of the sale. */
export type SaleSecond = {
  /** In s since 1970. */
  readonly second: number;
  readonly counts: SecondCounts;
  /** How many processes have told of it. */
  readonly processes: number;
};

/** The last five minutes, second by second, added up over all processes that tell of them. */
export class SecondsRing {
  readonly #seconds = new Map<number, SaleSecond>();

  /** @param nowSecond the second of this instant, by which it is judged what is too old */
  add(second: number, counts: SecondCounts, nowSecond: number): void {
    if (second <= nowSecond - secondsKept || second > nowSecond + aheadMax) {
      return;
    }
    const known = this.#seconds.get(second);
    this.#seconds.set(second, {
      second,
      counts: known === undefined ? counts : addedUp(known.counts, counts),
      processes: (known?.processes ?? 0) + 1,
    });
    for (const kept of this.#seconds.keys()) {
      if (kept <= nowSecond - secondsKept) {
        this.#seconds.delete(kept);
      }
    }
  }

  clear(): void {
    this.#seconds.clear();
  }

  /**
   * All seconds behind `after` up to `until`, without a gap: one of which nobody told, because its process stood still, is empty.
   *
   * @param after null: from the first that is known
   */
  between(after: number | null, until: number): readonly SaleSecond[] {
    const known = [...this.#seconds.keys()].filter((second) => second <= until);
    const first = known.length === 0 ? until + 1 : Math.min(...known);
    const from = Math.max(first, (after ?? 0) + 1);
    return Array.from({ length: Math.max(0, until - from + 1) }, (_, index) => {
      const second = from + index;
      return this.#seconds.get(second) ?? { second, counts: nothingHappened, processes: 0 };
    });
  }
}
