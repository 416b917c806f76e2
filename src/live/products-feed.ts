import type { ProductSnapshot } from '../domain/product.ts';
import { ProductsWatch } from './products-watch.ts';

export type ProductsFeedOptions = {
  /** Reads all products from the database. */
  readonly read: () => Promise<readonly ProductSnapshot[]>;
  /** The database's clock. */
  readonly nowMs: () => number;
  /** How old what is shown may get where nobody told of a change, in ms. */
  readonly refreshMs: number;
};

export type ProductsListener = {
  /** What has changed since the last time. Resolves when everybody was told of it; never rejects. */
  readonly changed: (products: readonly ProductSnapshot[]) => Promise<void>;
  /** The least time between two tellings, in ms; asked each time. */
  readonly restMs: () => number;
};

/**
 * What all viewers of products are told, found out once for the whole process: from what the cache is told of commits, here and
 * elsewhere, and from reads where nobody tells of a change: at a deadline, and now and then.
 *
 * - **asleep**: nobody watches. What it is told is let go; it reads nothing and has no timer.
 * - **watching**: from the first viewer to the last.
 */
export class ProductsFeed {
  readonly #options: ProductsFeedOptions;
  #listener: ProductsListener = { changed: async () => {}, restMs: () => 0 };
  #watch: { readonly products: ProductsWatch; readonly started: Promise<void> } | null = null;

  constructor(options: ProductsFeedOptions) {
    this.#options = options;
  }

  /** To be called before anybody watches. */
  listen(listener: ProductsListener): void {
    this.#listener = listener;
  }

  /** Wakes the feed. Resolves when it knows all products; rejects, asleep again, when they cannot be read. */
  watch(): Promise<void> {
    if (this.#watch === null) {
      const products = new ProductsWatch(this.#options, this.#listener);
      const started = products.start().catch((error: unknown) => {
        if (this.#watch?.products === products) {
          this.sleep();
        }
        throw error;
      });
      this.#watch = { products, started };
    }
    return this.#watch.started;
  }

  sleep(): void {
    this.#watch?.products.stop();
    this.#watch = null;
  }

  /** All products as they are known, by id. */
  products(): readonly ProductSnapshot[] {
    return this.#watch?.products.all() ?? [];
  }

  /** A product as somebody's commit left it, or as it was read. */
  put(snapshot: ProductSnapshot): void {
    this.#watch?.products.put(snapshot);
  }

  /** Messages may have been missed: everything is read again. */
  forget(): void {
    this.#watch?.products.readSoon();
  }
}
