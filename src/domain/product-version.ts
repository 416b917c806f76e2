import type { Product } from './product.ts';

/** The fields of a product that an operator edits, with the currency of the price. */
export type EditableProduct = Pick<Product, 'name' | 'priceMinor' | 'currency' | 'opensAtMs' | 'closesAtMs'>;

const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;

/**
 * Identifies the state of the edited fields, so that an edit can name the state that it is based on. The `version` of the row is not fit
 * for that: it grows with each batch that holds or sells a unit, so in a sale it changes before an operator has read it. Products with
 * the same name, price and window have the same version. An edit that is undone restores the earlier version.
 *
 * FNV-1a with 64 bits over the UTF-16 units of the fields as JSON. It detects edits that overlap by accident. It need not withstand an
 * attack, because every client that may send a version may also change the product.
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
