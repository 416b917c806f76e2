import type { Product } from './product.ts';

/** What an operator edits of a product, and its currency, without which a price says nothing. */
export type EditableProduct = Pick<Product, 'name' | 'priceMinor' | 'currency' | 'opensAtMs' | 'closesAtMs'>;

const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;

/**
 * Names the state of what an operator edits, so that an edit can say which state it is based on. The `version` of the row does not do
 * for that: it grows with each batch that holds or sells a unit, so in a sale it is out of date before an operator has read it.
 * Two products with the same name, price and window have the same version, and an edit that is taken back restores the version before it.
 *
 * FNV-1a with 64 bits over the UTF-16 units of the fields as JSON. It finds edits that overlap by accident; it is not a protection, and needs none: all who
 * may send a version may change the product anyway.
 */
export function productVersion({
  name,
  priceMinor,
  currency,
  opensAtMs,
  closesAtMs,
}: EditableProduct): string {
  const text = JSON.stringify([name, priceMinor, currency, opensAtMs, closesAtMs]);
  let hash = offset;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * prime);
  }
  return hash.toString(16).padStart(16, '0');
}
