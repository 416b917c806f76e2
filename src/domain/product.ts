/** Something on sale, as its row says. Instants are ms since 1970, money is in minor units. */
export type Product = {
  readonly id: number;
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
  /** Units on the shelf: not yet sold, whether held or not. */
  readonly stock: number;
  /** Units of all holds that are held or ordered, overdue ones included. 0 ≤ held ≤ stock. */
  readonly held: number;
  /** Grows by one with each transaction that writes anything under the product. Orders snapshots of it. */
  readonly version: number;
  readonly opensAtMs: number | null;
  readonly closesAtMs: number | null;
};

/** Why and by how much an operator, or the seed, changed the stock. `Σ changes = stock + Σ consumed`. */
export type StockChange = {
  readonly id: number;
  readonly productId: number;
  readonly change: number;
  readonly reason: string;
  readonly createdAtMs: number;
};

/**
 * What buyers see of a product at one instant: overdue holds no longer count.
 *
 * @typeParam Release what is known of the next release
 */
export type ProductSnapshot<Release = number | null> = {
  /** The database's clock when it was taken. */
  readonly asOfMs: number;
  readonly id: number;
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly stock: number;
  readonly heldStock: number;
  /** The earliest deadline of an active hold. From this instant on the snapshot is out of date. */
  readonly nextReleaseAtMs: Release;
  readonly opensAtMs: number | null;
  readonly closesAtMs: number | null;
  readonly version: number;
};

/** The largest stock of one product. */
export const stockMax = 1_000_000_000;
/** The largest quantity of one hold. */
export const quantityMax = 1_000_000;
/** The highest price, in major units. */
export const priceMax = 9_999_999.99;

/**
 * Whether new holds are granted at `nowMs`: the window includes its opening and excludes its closing instant.
 */
export function isSaleOpen(product: Pick<Product, 'opensAtMs' | 'closesAtMs'>, nowMs: number): boolean {
  return (
    (product.opensAtMs === null || nowMs >= product.opensAtMs) &&
    (product.closesAtMs === null || nowMs < product.closesAtMs)
  );
}
