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
  /** The second with which viewers hear of it as it is: itself, or a later one when somebody told of it late. */
  readonly toldWith: number;
};

/** The last five minutes, second by second, added up over all processes that tell of them. */
export class SecondsRing {
  readonly #seconds = new Map<number, SaleSecond>();

  /**
   * @param nowSecond the second of this instant, by which it is judged what is too old
   * @param toldWith the second with which viewers hear of it, when its own has passed
   */
  add(second: number, counts: SecondCounts, nowSecond: number, toldWith = second): void {
    if (second <= nowSecond - secondsKept || second > nowSecond + aheadMax) {
      return;
    }
    const known = this.#seconds.get(second);
    this.#seconds.set(second, {
      second,
      counts: known === undefined ? counts : addedUp(known.counts, counts),
      processes: (known?.processes ?? 0) + 1,
      toldWith,
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
   * All seconds up to `until` of which somebody who was told of those up to `after` does not know, without a gap: one of which nobody
   * told, because its process stood still, is empty. One that has changed since is among them, with those behind it.
   *
   * @param after null: from the first that is known
   */
  between(after: number | null, until: number): readonly SaleSecond[] {
    const known = [...this.#seconds.values()].filter(({ second }) => second <= until);
    const first = known.length === 0 ? until + 1 : Math.min(...known.map(({ second }) => second));
    // A second that is still to come was told before the clock was set back.
    const behind = after === null || after > until ? 0 : after;
    const changed = known.filter(({ toldWith }) => toldWith > behind && toldWith <= until);
    const from = Math.max(first, Math.min(behind + 1, ...changed.map(({ second }) => second)));
    return Array.from({ length: Math.max(0, until - from + 1) }, (_, index) => {
      const second = from + index;
      return this.#seconds.get(second) ?? { second, counts: nothingHappened, processes: 0, toldWith: second };
    });
  }
}
