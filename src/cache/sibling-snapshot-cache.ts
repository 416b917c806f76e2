import type { ProductSnapshot } from '../domain/product.ts';
import { MemorySnapshotCache, type MemorySnapshotCacheOptions } from './memory-snapshot-cache.ts';
import type { SnapshotCache } from './snapshot-cache.ts';
import { SnapshotOutbox } from './snapshot-outbox.ts';

/** The way to the other processes that serve the same sale on this machine. */
export interface SiblingLink {
  /** Sends to all of them. Resolves when it is on its way, or cannot be; never rejects. */
  shareSnapshots(snapshots: readonly ProductSnapshot[]): Promise<void>;
  /** What they send comes in the order in which each of them sent it. */
  listen(listener: SiblingListener): void;
}

export type SiblingListener = {
  readonly snapshots: (snapshots: readonly ProductSnapshot[]) => void;
  /** One of them died, perhaps between a commit and the word of it. */
  readonly died: () => void;
};

/**
 * Snapshots in this process's memory, which the processes of one machine keep up to date by telling each other
 * what their commits left.
 */
export class SiblingSnapshotCache implements SnapshotCache {
  readonly #memory: MemorySnapshotCache;
  readonly #outbox: SnapshotOutbox;

  constructor(link: SiblingLink, options: MemorySnapshotCacheOptions) {
    const memory = new MemorySnapshotCache(options);
    this.#memory = memory;
    this.#outbox = new SnapshotOutbox((snapshots) => link.shareSnapshots(snapshots));
    link.listen({
      snapshots: (snapshots) => {
        for (const snapshot of snapshots) {
          // Never younger than this instant, whatever the clock of the other process said.
          memory.put({ ...snapshot, asOfMs: Math.min(snapshot.asOfMs, options.nowMs()) });
        }
      },
      died: () => memory.clear(),
    });
  }

  get(productId: number): Promise<ProductSnapshot | null> {
    return this.#memory.get(productId);
  }

  put(snapshot: ProductSnapshot): void {
    this.#memory.put(snapshot);
    this.#outbox.put(snapshot);
  }

  clear(): void {
    this.#memory.clear();
  }

  get size(): number {
    return this.#memory.size;
  }
}
