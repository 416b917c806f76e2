import type { ChangeStock, CreateProduct, SeedProduct, SeedProducts, UpdateProduct } from './commands.ts';
import type { Draft } from './draft.ts';
import { claimUnits } from './expiry.ts';
import { currencyDecimals, toMinor } from './money.ts';
import type { NextRelease } from './next-release.ts';
import type { Deferred, OutcomeOf } from './outcomes.ts';
import type { Product, StockChange } from './product.ts';
import { stockMax } from './product.ts';
import { currentSnapshot } from './product-snapshots.ts';
import { productVersion } from './product-version.ts';

/** Puts a product on sale. Its first stock is a stock change like any later one. */
export function decideCreateProduct(
  draft: Draft,
  command: CreateProduct,
): OutcomeOf<CreateProduct, NextRelease> {
  const { opensAtMs, closesAtMs } = command;
  if (opensAtMs !== null && closesAtMs !== null && closesAtMs <= opensAtMs) {
    return invalid('closes_at', 'expected an instant after opens_at');
  }
  const refusal = draft.rules.refusalOfPrice?.(command.priceMinor, command.currency) ?? null;
  if (refusal !== null) {
    return invalid('price', refusal);
  }
  const lostInCommit = draft.stockChanges.get(command.stockChangeId);
  const existing = lostInCommit && draft.products.get(lostInCommit.productId);
  if (existing !== undefined) {
    return { kind: 'product_created', product: currentSnapshot(draft, existing.id) };
  }
  const { id } = insertProduct(draft, command, command.stockChangeId, command.reason, {
    opensAtMs,
    closesAtMs,
  });
  return { kind: 'product_created', product: currentSnapshot(draft, id) };
}

/** Puts the demo products on sale, all of them or, when there is any product already, none. */
export function decideSeedProducts(draft: Draft, { products }: SeedProducts): OutcomeOf<SeedProducts> {
  if (!draft.hasNoProducts()) {
    return { kind: 'products_seeded', created: 0 };
  }
  for (const product of products) {
    insertProduct(draft, product, draft.newId(), 'seed', { opensAtMs: null, closesAtMs: null });
  }
  return { kind: 'products_seeded', created: products.length };
}

function insertProduct(
  draft: Draft,
  { name, priceMinor, currency, stock }: SeedProduct,
  stockChangeId: number,
  reason: string,
  saleWindow: Pick<Product, 'opensAtMs' | 'closesAtMs'>,
): Product {
  const product: Product = {
    id: draft.takeProductId(),
    name,
    priceMinor,
    currency,
    stock,
    held: 0,
    version: 1,
    ...saleWindow,
  };
  draft.products.insert(product.id, product);
  recordStockChange(draft, { id: stockChangeId, productId: product.id, change: stock, reason });
  return product;
}

/**
 * Changes name, price or sale window. A new price concerns new holds only: a hold keeps the price at which it
 * was made.
 *
 * An edit that is based on another version is refused, unless the product has all of its values already. RFC 9110, section 13.1.1,
 * permits that exception: the answer to the first attempt may be lost, or the outcome of its commit unknown.
 */
export function decideUpdateProduct(
  draft: Draft,
  command: UpdateProduct,
): OutcomeOf<UpdateProduct, NextRelease> {
  const product = draft.products.get(command.productId);
  if (product === undefined) {
    return { kind: 'refused', code: 'product_not_found' };
  }
  const priceMinor =
    command.price === undefined ? product.priceMinor : toMinor(command.price, product.currency);
  if (priceMinor === null) {
    const decimals = currencyDecimals(product.currency);
    return invalid(
      'price',
      `expected at most ${decimals} decimals, as ${product.currency} has, got ${command.price}`,
    );
  }
  // A price that stays is no new price: an edit of a name may repeat one that was set before the provider was connected.
  if (priceMinor !== product.priceMinor) {
    const refusal = draft.rules.refusalOfPrice?.(priceMinor, product.currency) ?? null;
    if (refusal !== null) {
      return invalid('price', refusal);
    }
  }
  const opensAtMs = command.opensAtMs === undefined ? product.opensAtMs : command.opensAtMs;
  const closesAtMs = command.closesAtMs === undefined ? product.closesAtMs : command.closesAtMs;
  const updated: Product = {
    ...product,
    name: command.name ?? product.name,
    priceMinor,
    opensAtMs,
    closesAtMs,
  };
  const version = productVersion(product);
  if (command.expectedVersions?.includes(version) === false && productVersion(updated) !== version) {
    return { kind: 'refused', code: 'version_mismatch', version };
  }
  if (opensAtMs !== null && closesAtMs !== null && closesAtMs <= opensAtMs) {
    return invalid('closes_at', 'expected an instant after opens_at');
  }
  draft.products.update(product.id, updated);
  return { kind: 'product_updated', product: currentSnapshot(draft, product.id) };
}

/** Adds units to the shelf or takes some away, never below what is held. */
export function decideChangeStock(
  draft: Draft,
  command: ChangeStock,
): OutcomeOf<ChangeStock, NextRelease> | Deferred {
  const product = draft.products.get(command.productId);
  if (product === undefined) {
    return { kind: 'refused', code: 'product_not_found' };
  }
  if (draft.stockChanges.get(command.stockChangeId) !== undefined) {
    // The outcome of this command's commit was unknown: it did take place.
    return { kind: 'stock_changed', product: currentSnapshot(draft, product.id) };
  }
  if (product.stock + command.change > stockMax) {
    return invalid(
      'change',
      `expected a stock of at most ${stockMax}, got ${product.stock + command.change}`,
    );
  }
  const taken = Math.max(0, -command.change);
  if (draft.availableStock(product) < taken) {
    const heldStock = product.held - draft.overdueUnits(product.id);
    return { kind: 'refused', code: 'stock_below_held', stock: product.stock, heldStock };
  }
  if (taken > 0 && claimUnits(draft, product.id, taken) === 'deferred') {
    return { kind: 'deferred' };
  }
  const current = draft.products.get(product.id) ?? product;
  const updated: Product = { ...current, stock: current.stock + command.change };
  draft.products.update(product.id, updated);
  recordStockChange(draft, { ...command, id: command.stockChangeId });
  return { kind: 'stock_changed', product: currentSnapshot(draft, product.id) };
}

/** Accounts for units that came or went by another way than a sale. The product's stock is the caller's. */
export function recordStockChange(draft: Draft, change: Omit<StockChange, 'createdAtMs'>): void {
  draft.stockChanges.insert(change.id, {
    id: change.id,
    productId: change.productId,
    change: change.change,
    reason: change.reason,
    createdAtMs: draft.nowMs,
  });
}

function invalid(field: string, message: string): OutcomeOf<UpdateProduct> & { kind: 'refused' } {
  return { kind: 'refused', code: 'invalid_request', field, message };
}
