import type { ProductSnapshot } from '../domain/product.ts';
import { isNewer, type SnapshotCache } from './snapshot-cache.ts';

export type MemorySnapshotCacheOptions = {
  /** Reads the product from the database. */
  readonly read: (productId: number) => Promise<ProductSnapshot | null>;
  /** The database's clock. */
  readonly nowMs: () => number;
  /** How long a snapshot lives, in ms; asked each time, because it may depend on who tells of changes. */
  readonly ttlMs: () => number;
  readonly lookedUp: (productId: number, hit: boolean) => void;
  /** Told of each snapshot that is newer than what was known, whoever's commit or read it comes from. */
  readonly changed?: (snapshot: ProductSnapshot) => void;
  /** Told when everything was forgotten, because somebody's word of a change may have been missed. */
  readonly forgotten?: () => void;
};

/**
 * Snapshots in this process's memory. One is out of date after its time to live, and from the instant at
 * which the first of its holds runs out. An older one never replaces a newer one, however late its read comes
 * back.
 */
export class MemorySnapshotCache implements SnapshotCache {
  readonly #options: MemorySnapshotCacheOptions;
  readonly #snapshots = new Map<number, ProductSnapshot>();
  /** One refill at a time for each product: a thousand viewers of an outdated snapshot cost one read. */
  readonly #refills = new Map<number, Promise<ProductSnapshot | null>>();

  constructor(options: MemorySnapshotCacheOptions) {
    this.#options = options;
  }

  async get(productId: number): Promise<ProductSnapshot | null> {
    const known = this.#snapshots.get(productId);
    const hit = known !== undefined && this.isFresh(known);
    this.#options.lookedUp(productId, hit);
    if (hit) {
      return known;
    }
    const read = await this.#refill(productId);
    // A commit may have overtaken the read: what it left is newer, and read again if that is outdated by now
    // too.
    const latest = this.#snapshots.get(productId);
    if (latest !== undefined && read !== null && isNewer(latest, read)) {
      return this.isFresh(latest) ? latest : this.#refill(productId);
    }
    return read;
  }

  put(snapshot: ProductSnapshot): void {
    const known = this.#snapshots.get(snapshot.id);
    if (known === undefined || isNewer(snapshot, known)) {
      this.#snapshots.set(snapshot.id, snapshot);
      this.#options.changed?.(snapshot);
    }
  }

  clear(): void {
    this.#snapshots.clear();
    // What is being read was asked for before, so it goes to those who asked and is not kept.
    this.#refills.clear();
    this.#options.forgotten?.();
  }

  get size(): number {
    return this.#snapshots.size;
  }

  /** Whether it shows the product as it is at this instant, but for changes that nobody told of. */
  isFresh(snapshot: ProductSnapshot): boolean {
    const nowMs = this.#options.nowMs();
    return (
      nowMs < snapshot.asOfMs + this.#options.ttlMs() &&
      (snapshot.nextReleaseAtMs === null || nowMs < snapshot.nextReleaseAtMs)
    );
  }

  #refill(productId: number): Promise<ProductSnapshot | null> {
    const underWay = this.#refills.get(productId);
    if (underWay !== undefined) {
      return underWay;
    }
    const refill: Promise<ProductSnapshot | null> = this.#options
      .read(productId)
      .then((snapshot) => {
        if (snapshot !== null && this.#refills.get(productId) === refill) {
          this.put(snapshot);
        }
        return snapshot;
      })
      .finally(() => {
        if (this.#refills.get(productId) === refill) {
          this.#refills.delete(productId);
        }
      });
    this.#refills.set(productId, refill);
    return refill;
  }
}
