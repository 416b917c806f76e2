import { ensure } from './defect.ts';
import type { RowChanges } from './state.ts';

/** The rows of one table as a batch sees them: what was loaded, under what the batch has decided so far. */
export class Overlay<Key, Row> {
  readonly #base: ReadonlyMap<Key, Row>;
  readonly #inserted = new Map<Key, Row>();
  readonly #updated = new Map<Key, Row>();

  constructor(base: ReadonlyMap<Key, Row>) {
    this.#base = base;
  }

  get(key: Key): Row | undefined {
    return this.#inserted.get(key) ?? this.#updated.get(key) ?? this.#base.get(key);
  }

  has(key: Key): boolean {
    return this.#inserted.has(key) || this.#base.has(key);
  }

  /** Whether the batch has another row in place of one that was loaded. */
  isUpdated(key: Key): boolean {
    return this.#updated.has(key);
  }

  insert(key: Key, row: Row): void {
    ensure(this.get(key) === undefined, `row ${String(key)} is there already`);
    this.#inserted.set(key, row);
  }

  update(key: Key, row: Row): void {
    if (this.#inserted.has(key)) {
      this.#inserted.set(key, row);
    } else {
      ensure(this.#base.has(key), `row ${String(key)} was not loaded`);
      this.#updated.set(key, row);
    }
  }

  changes(): RowChanges<Row> {
    return { inserted: [...this.#inserted.values()], updated: [...this.#updated.values()] };
  }

  *values(): Iterable<Row> {
    for (const key of new Set([...this.#base.keys(), ...this.#inserted.keys()])) {
      const row = this.get(key);
      if (row !== undefined) {
        yield row;
      }
    }
  }
}
