/**
 * All scenes that were met, in the order in which they were: their words, from which scene each was first reached and by which move.
 * Flat arrays, so that millions of them take some tens of bytes each.
 */
export class SceneTable {
  readonly wordsPerScene: number;
  #words: Int32Array;
  #parents: Int32Array;
  #moves: Int32Array;
  /** Open addressing; 0 is free, else a scene's index + 1. */
  #slots: Int32Array;
  #size = 0;

  constructor(wordsPerScene: number) {
    this.wordsPerScene = wordsPerScene;
    this.#words = new Int32Array(wordsPerScene * 1024);
    this.#parents = new Int32Array(1024);
    this.#moves = new Int32Array(1024);
    this.#slots = new Int32Array(4096);
  }

  get size(): number {
    return this.#size;
  }

  /** What the tables take, in bytes. */
  get bytes(): number {
    return [this.#words, this.#parents, this.#moves, this.#slots].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }

  get words(): Int32Array {
    return this.#words;
  }

  parentOf(index: number): number {
    return this.#parents[index] ?? 0;
  }

  moveTo(index: number): number {
    return this.#moves[index] ?? 0;
  }

  /** Adds a scene unless it is there. True when it is new. */
  add(scene: Int32Array, parent: number, move: number): boolean {
    let slot = this.#hash(scene, 0);
    const mask = this.#slots.length - 1;
    for (;;) {
      const found = this.#slots[slot & mask] ?? 0;
      if (found === 0) {
        break;
      }
      if (this.#isAt(found - 1, scene)) {
        return false;
      }
      slot += 1;
    }
    if (this.#size === this.#parents.length) {
      this.#grow();
    }
    this.#words.set(scene, this.#size * this.wordsPerScene);
    this.#parents[this.#size] = parent;
    this.#moves[this.#size] = move;
    this.#size += 1;
    this.#slots[slot & mask] = this.#size;
    if (this.#size * 2 > this.#slots.length) {
      this.#rehash();
    }
    return true;
  }

  #isAt(index: number, scene: Int32Array): boolean {
    const at = index * this.wordsPerScene;
    for (let word = 0; word < this.wordsPerScene; word += 1) {
      if (this.#words[at + word] !== scene[word]) {
        return false;
      }
    }
    return true;
  }

  #hash(words: Int32Array, at: number): number {
    let hash = 0x9e3779b9;
    for (let word = 0; word < this.wordsPerScene; word += 1) {
      hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return Math.imul(hash, 0xc2b2ae35) >>> 1;
  }

  #grow(): void {
    this.#words = grown(this.#words);
    this.#parents = grown(this.#parents);
    this.#moves = grown(this.#moves);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#size; index += 1) {
      let slot = this.#hash(this.#words, index * this.wordsPerScene);
      while (slots[slot & mask] !== 0) {
        slot += 1;
      }
      slots[slot & mask] = index + 1;
    }
    this.#slots = slots;
  }
}

function grown(array: Int32Array): Int32Array {
  const twice = new Int32Array(array.length * 2);
  twice.set(array);
  return twice;
}
