import type { Product } from '../../src/client/checkout-client.ts';
import { PaymentPart } from './payment-part.tsx';
import type { Held, PaymentAction, Purchase } from './purchase.ts';
import { RetryButton } from './retry-button.tsx';

/** What a buyer can do; each is a no-op where it means nothing. */
export type PurchaseSteps = {
  holdAgain(quantity: number): void;
  order(): void;
  giveBack(): void;
  pay(action: PaymentAction): void;
  cancel(): void;
  close(): void;
};

export type PurchaseActionsProps = {
  readonly purchase: Purchase;
  /** What is being bought, as it is now; undefined while the products have not come. */
  readonly product: Product | undefined;
  readonly nowMs: () => number;
  readonly take: PurchaseSteps;
};

/** The buttons of each state: the next step first, the way out last. */
export function PurchaseActions({ purchase, product, nowMs, take }: PurchaseActionsProps) {
  switch (purchase.kind) {
    case 'none':
    case 'restoring':
    case 'asking':
      return null;
    case 'refused':
    case 'hold_ended':
      return (
        <div class="actions">
          <RetryButton purchase={purchase} product={product} nowMs={nowMs} onHold={take.holdAgain} />
          <CloseButton onClick={take.close} />
        </div>
      );
    case 'held':
      return <HeldActions held={purchase} take={take} />;
    case 'ordered':
      break;
  }
  switch (purchase.order.status) {
    case 'pending':
      return <PaymentPart purchase={purchase} pay={take.pay} cancel={take.cancel} />;
    case 'paid':
    case 'refund_due':
    case 'refunded':
      return (
        <div class="actions">
          <CloseButton onClick={take.close} />
        </div>
      );
    case 'failed':
    case 'expired':
    case 'cancelled':
      return (
        <div class="actions">
          <RetryButton purchase={purchase} product={product} nowMs={nowMs} onHold={take.holdAgain} />
          <CloseButton onClick={take.close} />
        </div>
      );
  }
}

function HeldActions({ held, take }: { readonly held: Held; readonly take: PurchaseSteps }) {
  const { doing } = held;
  if (doing === 'looking') {
    return null;
  }
  return (
    <div class="actions">
      <button type="button" class="primary" aria-disabled={doing !== null} onClick={take.order}>
        {doing === 'ordering' ? 'Ordering…' : 'Order now'}
      </button>
      <button type="button" aria-disabled={doing !== null} onClick={take.giveBack}>
        {doing === 'giving_back' ? 'Giving back…' : 'Give back'}
      </button>
    </div>
  );
}

function CloseButton({ onClick }: { onClick(): void }) {
  return (
    <button type="button" onClick={onClick}>
      Back to the sale
    </button>
  );
}
