/**
 * A count for each of a few words of the code, such as outcomes. Words that were given beforehand are there with 0, so that the first of
 * them shows as a rise and not as a new line.
 */
export class Tally<Word extends string> {
  readonly #counts = new Map<Word, number>();

  constructor(words: readonly Word[]) {
    for (const word of words) {
      this.#counts.set(word, 0);
    }
  }

  add(word: Word, by = 1): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + by);
  }

  of(word: Word): number {
    return this.#counts.get(word) ?? 0;
  }

  entries(): Iterable<readonly [Word, number]> {
    return this.#counts;
  }
}
