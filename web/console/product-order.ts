import type { SaleProduct } from './sale-messages.ts';
import { bustleAt, type SaleState } from './sale-state.ts';

/** Up to here a list is read at a glance, and everything in it keeps its place. */
const glanceMax = 20;

/** Products whose name has every word of the filter, and the one whose id it is. */
function matching(products: Iterable<SaleProduct>, filter: string): readonly SaleProduct[] {
  const words = filter.toLowerCase().split(/\s+/);
  return [...products].filter(({ id, name }) => {
    const text = name.toLowerCase();
    return words.every((word) => text.includes(word)) || filter.trim() === String(id);
  });
}

/** The ids of a few products as they are numbered, those of many with the busiest first. */
export function idsInOrder(
  { products, bustle }: SaleState,
  filter: string,
  nowMs: number,
): readonly number[] {
  const shown = matching(products.values(), filter);
  if (shown.length <= glanceMax) {
    return shown.map(({ id }) => id);
  }
  return shown
    .map(({ id, held_stock }) => ({ id, held: held_stock, units: bustleAt(bustle.get(id), nowMs) }))
    .sort((a, b) => b.units - a.units || b.held - a.held || a.id - b.id)
    .map(({ id }) => id);
}
