import type { ProductSnapshot } from '../domain/product.ts';

/** What products look like, for those who only look. Never asked for a decision. */
export interface SnapshotCache {
  /**
   * The product at this instant, at most the cache's time to live ago, or null when there is no such product.
   */
  get(productId: number): Promise<ProductSnapshot | null>;
  /** A product as a commit left it. Never called before the commit. */
  put(snapshot: ProductSnapshot): void;
  clear(): void;
  /** How many products are known. */
  readonly size: number;
}

/** Whether `a` tells of a later state of the product than `b`. */
export function isNewer(a: ProductSnapshot, b: ProductSnapshot): boolean {
  return a.version > b.version || (a.version === b.version && a.asOfMs > b.asOfMs);
}
