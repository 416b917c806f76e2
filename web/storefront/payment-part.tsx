import { moneyText } from '../number-text.ts';
import type { Ordered, PaymentAction } from './purchase.ts';

type PaymentPartProps = {
  readonly purchase: Ordered;
  pay(action: PaymentAction): void;
  cancel(): void;
};

/** Where the buyer pays. What stands here depends on who takes the payment. */
export function PaymentPart({ purchase, pay, cancel }: PaymentPartProps) {
  const { order, doing, sent } = purchase;
  const isBusy = doing !== null;
  if (sent === 'succeed' || sent === 'fail') {
    return <p class="wait">Waiting for the confirmation…</p>;
  }
  const provider = order.payment?.provider ?? null;
  return (
    <div class="actions">
      {provider === 'simulated' ? (
        <button type="button" class="primary" aria-disabled={isBusy} onClick={() => pay('succeed')}>
          {doing === 'paying' ? 'Paying…' : `Pay ${moneyText(order.total, order.currency)}`}
        </button>
      ) : (
        <Placeholder provider={provider} />
      )}
      <button type="button" aria-disabled={isBusy} onClick={cancel}>
        {doing === 'cancelling' ? 'Cancelling…' : 'Cancel order'}
      </button>
      {provider === 'simulated' && sent === null ? (
        <fieldset class="development">
          <legend>For development</legend>
          <button type="button" aria-disabled={isBusy} onClick={() => pay('fail')}>
            Fail to pay
          </button>
          <button type="button" aria-disabled={isBusy} onClick={() => pay('delay')}>
            Pay late
          </button>
        </fieldset>
      ) : null}
    </div>
  );
}

/** What the people of the shop have to put here. */
function Placeholder({ provider }: { readonly provider: string | null }) {
  return provider === 'stripe' ? (
    <p class="placeholder">
      Stripe's <a href="https://docs.stripe.com/payments/payment-element">Payment Element</a> goes here. It
      gets the <code>client_secret</code> of the order's <code>payment</code>.
    </p>
  ) : (
    <p class="placeholder">
      The shop's own payment goes here. An event at <code>/api/v1/payments/webhook</code> marks the order as
      paid.
    </p>
  );
}
