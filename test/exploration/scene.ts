/** One product, as far as it changes. */
export type Shelf = {
  readonly stock: number;
  readonly held: number;
  /** Σ of all stock changes, the first stock included. */
  readonly changes: number;
};

/** One buyer. */
export type Role = {
  /** The product of the hold, from 1; 0 without a hold. */
  readonly product: number;
  /** Its number in the story book. */
  readonly story: number;
};

/** A state of a whole world. */
export type Scene = {
  /** Whether it is the last millisecond of a second, not its beginning. */
  readonly isLastMs: boolean;
  readonly shelves: readonly Shelf[];
  readonly roles: readonly Role[];
};

const storyBits = 26;
const storyMask = (1 << storyBits) - 1;
/** Seven of stock, held and changes each is more than a world has. */
const shelfBits = 9;

/** How many words a scene takes. */
export function wordsOf(buyers: number): number {
  return buyers + 1;
}

/** Whether the counters are such as a world can have, so that a scene has words. */
export function isPackable({ shelves }: Scene): boolean {
  for (const { stock, held, changes } of shelves) {
    // Of a negative number all high bits are set.
    if ((stock | held | changes) >>> 3 !== 0) {
      return false;
    }
  }
  return true;
}

export function unpacked(words: Int32Array, at: number, products: number, buyers: number): Scene {
  let left = words[at] ?? 0;
  const shelves: Shelf[] = [];
  for (let index = 0; index < products; index += 1) {
    shelves.unshift({ stock: (left >> 6) & 7, held: (left >> 3) & 7, changes: left & 7 });
    left >>= shelfBits;
  }
  const roles: Role[] = [];
  for (let index = 0; index < buyers; index += 1) {
    const word = words[at + 1 + index] ?? 0;
    roles.push({ product: word >> storyBits, story: word & storyMask });
  }
  return { isLastMs: left === 1, shelves, roles };
}

function shelfWord({ stock, held, changes }: Shelf): number {
  return (stock << 6) | (held << 3) | changes;
}

/**
 * Makes words of scenes, the same words for all that differ only in who is who: buyers stand in the order of their stories, and of two
 * products that one is first which gives the smaller words. They are exact: scenes that differ in more have other words.
 */
export class Packer {
  /** Those of the scene that was packed last. */
  readonly words: Int32Array;
  readonly #turned: Int32Array;

  constructor(buyers: number) {
    this.words = new Int32Array(wordsOf(buyers));
    this.#turned = new Int32Array(wordsOf(buyers));
  }

  pack(scene: Scene): Int32Array {
    const { words } = this;
    fill(words, scene, false);
    if (scene.shelves.length === 2) {
      fill(this.#turned, scene, true);
      if (isSmaller(this.#turned, words)) {
        words.set(this.#turned);
      }
    }
    return words;
  }
}

/** @param isTurned whether the two products change places */
function fill(words: Int32Array, { isLastMs, shelves, roles }: Scene, isTurned: boolean): void {
  let first = isLastMs ? 1 : 0;
  for (let index = 0; index < shelves.length; index += 1) {
    const shelf = shelves[isTurned ? shelves.length - 1 - index : index];
    first = (first << shelfBits) | (shelf === undefined ? 0 : shelfWord(shelf));
  }
  words[0] = first;
  for (let index = 0; index < roles.length; index += 1) {
    const { product = 0, story = 0 } = roles[index] ?? {};
    const word = ((isTurned && product !== 0 ? shelves.length + 1 - product : product) << storyBits) | story;
    let at = index + 1;
    for (; at > 1 && (words[at - 1] ?? 0) > word; at -= 1) {
      words[at] = words[at - 1] ?? 0;
    }
    words[at] = word;
  }
}

function isSmaller(a: Int32Array, b: Int32Array): boolean {
  for (let index = 0; index < a.length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}
