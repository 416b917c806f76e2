import type { ProductSnapshot } from '../../src/domain/product.ts';

/** A product as a cache keeps it, with ten units that nobody holds. */
export function productSnapshot(over: Partial<ProductSnapshot> = {}): ProductSnapshot {
  return {
    asOfMs: 0,
    id: 1,
    name: 'Phone',
    priceMinor: 100,
    currency: 'USD',
    stock: 10,
    heldStock: 0,
    nextReleaseAtMs: null,
    opensAtMs: null,
    closesAtMs: null,
    version: 1,
    ...over,
  };
}
