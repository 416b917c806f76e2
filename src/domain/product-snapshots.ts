import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import type { UnfinishedSnapshot } from './next-release.ts';
import type { Product } from './product.ts';
import type { Changes, State } from './state.ts';

/** A product right after a command, with the version that it has once the batch is written. */
export function currentSnapshot(draft: Draft, productId: number): UnfinishedSnapshot {
  const product = draft.products.get(productId);
  ensure(product !== undefined, `product ${productId} was not locked`);
  const versions = draft.products.isUpdated(productId) ? 1 : 0;
  return snapshotOf(draft, { ...product, version: product.version + versions });
}

/** All products of a batch as they are after it. */
export function snapshotsAfter(
  draft: Draft,
  state: State,
  changes: Changes,
): ReadonlyMap<number, UnfinishedSnapshot> {
  const snapshots = new Map<number, UnfinishedSnapshot>();
  for (const product of [
    ...state.products.values(),
    ...changes.products.updated,
    ...changes.products.inserted,
  ]) {
    snapshots.set(product.id, snapshotOf(draft, product));
  }
  return snapshots;
}

function snapshotOf(draft: Draft, product: Product): UnfinishedSnapshot {
  return {
    asOfMs: draft.nowMs,
    id: product.id,
    name: product.name,
    priceMinor: product.priceMinor,
    currency: product.currency,
    stock: product.stock,
    heldStock: product.held - draft.overdueUnits(product.id),
    nextReleaseAtMs: draft.nextReleaseAtMs(product.id),
    opensAtMs: product.opensAtMs,
    closesAtMs: product.closesAtMs,
    version: product.version,
  };
}
