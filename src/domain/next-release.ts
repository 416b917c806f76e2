import type { Outcome } from './outcomes.ts';
import type { ProductSnapshot } from './product.ts';
import type { RequestKey } from './request-key.ts';

/**
 * The next release of a product where a batch knows a part of it. The hold with the earliest deadline was loaded and has ended or has
 * another deadline since. The holds that the batch did not load may have a deadline before `atMostMs`.
 */
export type PartOfNextRelease = {
  readonly productId: number;
  /** The earliest deadline among the active holds that the batch loaded or made. Null when there are none. */
  readonly atMostMs: number | null;
};

/** The earliest deadline of an active hold, null when no hold is active, or the part of it that the batch knows. */
export type NextRelease = number | null | PartOfNextRelease;

/** The earliest deadline among the holds of each product that a batch did not load. */
export type ReadReleases = ReadonlyMap<number, number | null>;

/** A snapshot whose next release may have to be completed by a read. */
export type UnfinishedSnapshot = ProductSnapshot<NextRelease>;

/** An outcome as `decide` returns it. */
export type UnfinishedOutcome = Outcome<NextRelease>;

export function finishSnapshot(snapshot: UnfinishedSnapshot, read: ReadReleases): ProductSnapshot {
  return { ...snapshot, nextReleaseAtMs: finishRelease(snapshot.nextReleaseAtMs, read) };
}

export function finishOutcome(outcome: UnfinishedOutcome, read: ReadReleases): Outcome {
  switch (outcome.kind) {
    case 'refused':
      return outcome.code === 'insufficient_stock'
        ? { ...outcome, nextReleaseAtMs: finishRelease(outcome.nextReleaseAtMs, read) }
        : outcome;
    case 'product_created':
      return { ...outcome, product: finishSnapshot(outcome.product, read) };
    case 'product_updated':
      return { ...outcome, product: finishSnapshot(outcome.product, read) };
    case 'stock_changed':
      return { ...outcome, product: finishSnapshot(outcome.product, read) };
    default:
      return outcome;
  }
}

/** A key with the answer that its command gets. */
export function finishRequestKey(key: RequestKey, read: ReadReleases): RequestKey {
  return key.scope === 'admin/products' || key.scope === 'admin/stock'
    ? ({ ...key, answer: finishOutcome(key.answer, read) } as RequestKey)
    : key;
}

function finishRelease(release: NextRelease, read: ReadReleases): number | null {
  if (release === null || typeof release === 'number') {
    return release;
  }
  const readMs = read.get(release.productId) ?? null;
  return release.atMostMs === null || readMs === null
    ? (release.atMostMs ?? readMs)
    : Math.min(release.atMostMs, readMs);
}
