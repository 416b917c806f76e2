import type { Product } from '../../src/client/checkout-client.ts';
import { availabilityOf, quantityMaxOf } from './availability.ts';
import type { Purchase } from './purchase.ts';
import { useCountdown } from './use-countdown.ts';

type RetryButtonProps = {
  readonly purchase: Extract<Purchase, { kind: 'refused' | 'hold_ended' | 'ordered' }>;
  readonly product: Product | undefined;
  readonly nowMs: () => number;
  onHold(quantity: number): void;
};

/** Holds again what the buyer wanted, or as much as there is. It wakes up when that can be had. */
export function RetryButton({ purchase, product, nowMs, onHold }: RetryButtonProps) {
  const { item } = purchase;
  const retryAtMs = purchase.kind === 'refused' ? purchase.refusal.retryAtMs : null;
  const waitMs = useCountdown(retryAtMs === null ? null : new Date(retryAtMs).toISOString(), nowMs);
  // Without an answer nobody knows whether the units are held for this buyer already, so it is the same wish again.
  const isUnknown = purchase.kind === 'refused' && purchase.refusal.code === 'no_answer';
  const availability = product === undefined || isUnknown ? null : availabilityOf(product, nowMs());
  const canHold = availability === null || availability.kind === 'available';
  const quantity =
    availability?.kind === 'available' ? Math.min(item.quantity, quantityMaxOf(availability)) : item.quantity;
  const isReady = canHold && waitMs === 0;
  return (
    <button
      type="button"
      class="primary"
      aria-disabled={!isReady}
      onClick={() => {
        if (isReady) {
          onHold(quantity);
        }
      }}
    >
      {waitMs > 0
        ? `Try again in ${Math.ceil(waitMs / 1_000)} s`
        : availability === null
          ? 'Try again'
          : canHold
            ? `Hold ${quantity}${quantity < item.quantity ? ' instead' : ' again'}`
            : 'None to hold now'}
    </button>
  );
}
