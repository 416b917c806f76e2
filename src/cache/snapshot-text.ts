import type { ProductSnapshot } from '../domain/product.ts';

/** A snapshot as it travels between nodes. */
export function snapshotText(snapshot: ProductSnapshot): string {
  return JSON.stringify(snapshot);
}

/**
 * The snapshot in a text that came from outside of this process, or null when it is none: another version of
 * this service may have written it, or somebody else.
 */
export function snapshotFrom(text: string): ProductSnapshot | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) {
    return null;
  }
  const fields = new Map(Object.entries(parsed));
  const isWhole = (Object.entries(kinds) as [string, (value: unknown) => boolean][]).every(([name, isKind]) =>
    isKind(fields.get(name)),
  );
  // Each field was looked at, which the compiler cannot follow.
  return isWhole && fields.size === Object.keys(kinds).length ? (parsed as ProductSnapshot) : null;
}

const isNumber = (value: unknown): boolean => Number.isSafeInteger(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isInstant = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isInstantOrNull = (value: unknown): boolean => value === null || isInstant(value);

const kinds: Readonly<Record<keyof ProductSnapshot, (value: unknown) => boolean>> = {
  asOfMs: isInstant,
  id: isNumber,
  name: isText,
  priceMinor: isNumber,
  currency: isText,
  stock: isNumber,
  heldStock: isNumber,
  nextReleaseAtMs: isInstantOrNull,
  opensAtMs: isInstantOrNull,
  closesAtMs: isInstantOrNull,
  version: isNumber,
};
