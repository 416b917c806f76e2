import { useState } from 'preact/hooks';
import type { Product } from '../../src/client/checkout-client.ts';
import { countText, moneyText } from '../number-text.ts';
import { type Availability, availabilityOf, nextChangeOf, quantityMaxOf } from './availability.ts';
import type { Item } from './purchase.ts';
import { QuantityStepper } from './quantity-stepper.tsx';
import { clockTime, timeLeft } from './time-text.ts';
import { useCountdown } from './use-countdown.ts';

export type ProductCardProps = {
  readonly product: Product;
  readonly nowMs: () => number;
  /** False: another purchase is under way. */
  readonly canHold: boolean;
  onHold(item: Item): void;
};

/** One product: what it costs, what is left, and the button that holds it. */
export function ProductCard({ product, nowMs, canHold, onHold }: ProductCardProps) {
  const [wanted, setWanted] = useState(1);
  const remainingMs = useCountdown(nextChangeOf(product, nowMs()), nowMs);
  const availability = availabilityOf(product, nowMs());
  const max = quantityMaxOf(availability);
  const quantity = Math.min(wanted, max);
  const isAvailable = availability.kind === 'available';
  const isReady = isAvailable && canHold;
  const { id: productId, name, price, currency } = product;

  return (
    <li class={`product ${availability.kind}`}>
      <h3 id={`product-${productId}`}>{name}</h3>
      <p class="price">{moneyText(price, currency)}</p>
      <div class="left">
        <Bar availability={availability} />
        <p class={isAvailable && availability.isLow ? 'low' : undefined}>
          {availabilityText(availability, remainingMs)}
        </p>
      </div>
      <div class="take">
        <QuantityStepper name={name} quantity={quantity} max={max} onChange={setWanted} />
        <button
          type="button"
          class="primary"
          id={`hold-${productId}`}
          aria-describedby={`product-${productId}${canHold ? '' : ' how-to-hold'}`}
          aria-disabled={!isReady}
          onClick={() => {
            if (isReady) {
              onHold({ productId, name, price, currency, quantity });
            }
          }}
        >
          {buttonText(availability, quantity)}
        </button>
      </div>
    </li>
  );
}

function Bar({ availability }: { readonly availability: Availability }) {
  const share =
    availability.kind === 'available'
      ? availability.left / availability.of
      : availability.kind === 'not_open'
        ? 1
        : 0;
  // What is left of very much is still to be seen.
  const percent = share > 0 ? Math.max(2, share * 100) : 0;
  return (
    <div class="bar" aria-hidden="true">
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

/** @param remainingMs until the sale opens */
function availabilityText(availability: Availability, remainingMs: number): string {
  switch (availability.kind) {
    case 'available':
      return availability.left === 1 && availability.of === 1
        ? 'The last one'
        : `${countText(availability.left)} left of ${countText(availability.of)}`;
    case 'all_held':
      return availability.nextReleaseAt === null
        ? 'All held: some may come back'
        : `All held: some may come back at ${clockTime(availability.nextReleaseAt)}`;
    case 'sold_out':
      return 'Sold out';
    case 'not_open':
      return `Opens at ${clockTime(availability.opensAt)}, in ${timeLeft(remainingMs)}`;
    case 'closed':
      return 'The sale has closed';
  }
}

function buttonText(availability: Availability, quantity: number): string {
  switch (availability.kind) {
    case 'available':
      return `Hold ${quantity}`;
    case 'all_held':
      return 'All held';
    case 'sold_out':
      return 'Sold out';
    case 'not_open':
      return 'Not open yet';
    case 'closed':
      return 'Closed';
  }
}
