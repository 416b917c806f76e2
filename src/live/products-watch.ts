import { setImmediate as restOfTurn } from 'node:timers/promises';
import { isNewer } from '../cache/snapshot-cache.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { ProductsFeedOptions, ProductsListener } from './products-feed.ts';

/** How long after a deadline its product is read: the clock of a database server is known to some milliseconds only. */
const afterDeadlineMs = 30;
/**
 * The least time between two reads for deadlines. These are whole seconds; a little less, so that a read which
 * was late makes none later.
 */
const deadlineGapMs = 900;
/** When a read that failed is tried again, and the least time between two reads for any other reason. */
const readAgainMs = 1_000;

/** Products while somebody watches them: what is known of each, and what of that the viewers have not been told yet. */
export class ProductsWatch {
  readonly #options: ProductsFeedOptions;
  readonly #listener: ProductsListener;
  readonly #known = new Map<number, ProductSnapshot>();
  readonly #untold = new Set<number>();
  #isStopped = false;
  #isTelling = false;
  #endRest: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off, by the database's clock like all instants here. While it reads, nothing is earlier than this. */
  #wakeAtMs = Number.NEGATIVE_INFINITY;
  #deadlineReadFromMs = Number.NEGATIVE_INFINITY;
  #refreshAtMs = Number.POSITIVE_INFINITY;

  constructor(options: ProductsFeedOptions, listener: ProductsListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Resolves when all products are known. */
  async start(): Promise<void> {
    this.#refreshAtMs = this.#options.nowMs() + this.#refreshMs;
    this.#take(await this.#options.read());
    this.#untold.clear();
    this.#wakeAt(this.#dueMs());
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#endRest();
  }

  all(): readonly ProductSnapshot[] {
    return [...this.#known.values()].toSorted((a, b) => a.id - b.id);
  }

  put(snapshot: ProductSnapshot): void {
    const known = this.#known.get(snapshot.id);
    if (known !== undefined && !isNewer(snapshot, known)) {
      return;
    }
    this.#known.set(snapshot.id, snapshot);
    if (known === undefined || !looksLike(snapshot, known)) {
      this.#untold.add(snapshot.id);
      this.#tell();
    }
    const dueMs = this.#deadlineDueMs(snapshot);
    if (dueMs < this.#wakeAtMs) {
      this.#wakeAt(dueMs);
    }
  }

  readSoon(): void {
    this.#refreshAtMs = Math.min(this.#refreshAtMs, this.#options.nowMs() + readAgainMs);
    if (this.#refreshAtMs < this.#wakeAtMs) {
      this.#wakeAt(this.#refreshAtMs);
    }
  }

  get #refreshMs(): number {
    return Math.max(readAgainMs, this.#options.refreshMs);
  }

  #take(products: readonly ProductSnapshot[]): void {
    for (const product of products) {
      this.put(product);
    }
  }

  /** When something has to be read, by what is known now. */
  #dueMs(): number {
    let dueMs = this.#refreshAtMs;
    for (const product of this.#known.values()) {
      dueMs = Math.min(dueMs, this.#deadlineDueMs(product));
    }
    return dueMs;
  }

  #deadlineDueMs({ nextReleaseAtMs }: ProductSnapshot): number {
    return nextReleaseAtMs === null
      ? Number.POSITIVE_INFINITY
      : Math.max(nextReleaseAtMs + afterDeadlineMs, this.#deadlineReadFromMs);
  }

  #wakeAt(atMs: number): void {
    clearTimeout(this.#timer);
    this.#wakeAtMs = atMs;
    if (!this.#isStopped) {
      this.#timer = setTimeout(() => this.#wake(), Math.max(0, atMs - this.#options.nowMs()));
    }
  }

  /** The deadline for which it was to wake may be gone: then it sleeps on. */
  async #wake(): Promise<void> {
    const nowMs = this.#options.nowMs();
    const dueMs = this.#dueMs();
    if (dueMs > nowMs) {
      this.#wakeAt(dueMs);
      return;
    }
    this.#wakeAtMs = Number.NEGATIVE_INFINITY;
    if (this.#refreshAtMs > nowMs) {
      this.#deadlineReadFromMs = nowMs + deadlineGapMs;
    }
    this.#refreshAtMs = nowMs + this.#refreshMs;
    try {
      this.#take(await this.#options.read());
    } catch {
      // Nothing is said of what is not known. Deadlines wait for the next try like all else.
      this.#refreshAtMs = this.#options.nowMs() + readAgainMs;
      this.#deadlineReadFromMs = this.#refreshAtMs;
    }
    this.#wakeAt(this.#dueMs());
  }

  #tell(): void {
    if (!this.#isTelling) {
      this.#isTelling = true;
      this.#tellWhileThereIs();
    }
  }

  async #tellWhileThereIs(): Promise<void> {
    // All that one commit left goes together.
    await restOfTurn();
    while (this.#untold.size > 0 && !this.#isStopped) {
      const products = this.all().filter(({ id }) => this.#untold.has(id));
      this.#untold.clear();
      await Promise.all([this.#listener.changed(products), this.#rest(this.#listener.restMs())]);
    }
    this.#isTelling = false;
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether viewers would see the same. */
function looksLike(a: ProductSnapshot, b: ProductSnapshot): boolean {
  return (
    a.stock === b.stock &&
    a.heldStock === b.heldStock &&
    a.nextReleaseAtMs === b.nextReleaseAtMs &&
    a.name === b.name &&
    a.priceMinor === b.priceMinor &&
    a.currency === b.currency &&
    a.opensAtMs === b.opensAtMs &&
    a.closesAtMs === b.closesAtMs
  );
}
