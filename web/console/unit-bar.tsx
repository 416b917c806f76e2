import { countText } from '../number-text.ts';
import type { SaleProduct } from './sale-messages.ts';

/** Where the units of a product are. They add up to all that it ever had. */
export type UnitParts = {
  readonly sold: number;
  readonly ordered: number;
  readonly held: number;
  readonly available: number;
};

export function unitParts(product: SaleProduct): UnitParts {
  const { sold, held_stock, available_stock } = product;
  // What is ordered is held as well, and an order whose deadline has come is not held any more.
  const ordered = Math.min(product.ordered_stock, held_stock);
  return { sold, ordered, held: held_stock - ordered, available: available_stock };
}

const partNames = ['sold', 'ordered', 'held', 'available'] as const;

/** The units of a product as one bar, and in words for who does not see it. */
export function UnitBar({ parts }: { readonly parts: UnitParts }) {
  const all = Math.max(1, parts.sold + parts.ordered + parts.held + parts.available);
  const words = partNames.map((name) => `${countText(parts[name])} ${name}`).join(', ');
  return (
    <div class="bar" role="img" aria-label={words}>
      {partNames.map((name) => (
        <span key={name} data-part={name} style={{ width: `${(100 * parts[name]) / all}%` }} />
      ))}
    </div>
  );
}
