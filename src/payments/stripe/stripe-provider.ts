import type { Stripe } from 'stripe';
import type {
  IntentState,
  PaymentIntent,
  PaymentProvider,
  RefundRequest,
  ReturnedSum,
  SentRefund,
} from '../payment-provider.ts';
import { ProviderError } from '../payment-provider.ts';
import { fromStripeAmount, refusalOfStripePrice, toStripeAmount } from './stripe-amounts.ts';
import { answeredAtMs, refusalCodeOf, StripeApi, type StripeSettings } from './stripe-api.ts';
import { stripeMetadata } from './stripe-metadata.ts';

/** As many as Stripe gives at once; more are fetched. */
const refundsPerPage = 100;
/** The SDK wants a bound; no payment is refunded so often. */
const refundsMax = 1000;

/**
 * Takes payments and sends refunds through Stripe. An order is one PaymentIntent, whose idempotency key is the order's id; both it and
 * the refunds carry our ids, so that Stripe's events name what they are about.
 */
export function stripeProvider(settings: StripeSettings): PaymentProvider {
  const api = new StripeApi(settings);

  const lookUpIntent = async (reference: string, signal: AbortSignal): Promise<IntentState> =>
    stateOf(await api.call(signal, (stripe) => stripe.paymentIntents.retrieve(reference)));

  return {
    name: 'stripe',

    refusalOfPrice: refusalOfStripePrice,

    async createIntent(order, signal): Promise<PaymentIntent> {
      const intent = await api.makeOnce<Stripe.PaymentIntent>(
        signal,
        String(order.orderId),
        (stripe, options) =>
          stripe.paymentIntents.create(
            {
              amount: amountOf(order),
              currency: order.currency.toLowerCase(),
              automatic_payment_methods: { enabled: true },
              metadata: {
                [stripeMetadata.orderId]: String(order.orderId),
                [stripeMetadata.holdId]: String(order.holdId),
              },
            },
            options,
          ),
        // What names an intent never changes.
        async (_stripe, intent) => intent,
      );
      if (intent.client_secret === null) {
        throw new ProviderError('refused', `Stripe gave no client secret for ${intent.id}`);
      }
      return { reference: intent.id, clientSecret: intent.client_secret };
    },

    lookUpIntent,

    async cancelIntent(reference, signal): Promise<IntentState> {
      try {
        return stateOf(await api.call(signal, (stripe) => stripe.paymentIntents.cancel(reference)));
      } catch (error) {
        // It was paid or cancelled before, or its payment is under way just now.
        if (refusalCodeOf(error) === 'payment_intent_unexpected_state') {
          return lookUpIntent(reference, signal);
        }
        throw error;
      }
    },

    async sendRefund(refund, signal): Promise<SentRefund> {
      const sent = refund.mayBeForgotten ? await findRefund(api, refund, signal) : null;
      return sentRefund(sent ?? (await makeRefund(api, refund, signal)));
    },

    async lookUpReturned(reference, signal): Promise<ReturnedSum> {
      const intent = await api.call(signal, (stripe) =>
        stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] }),
      );
      const charge = intent.latest_charge;
      if (charge === null || typeof charge === 'string') {
        throw new ProviderError('refused', `Stripe has no charge for ${reference}`);
      }
      const currency = charge.currency.toUpperCase();
      return { minor: minorOf(charge.amount_refunded, currency), currency, atMs: answeredAtMs(intent) };
    },
  };
}

/** @throws ProviderError */
async function makeRefund(
  api: StripeApi,
  refund: RefundRequest,
  signal: AbortSignal,
): Promise<Stripe.Refund> {
  try {
    return await api.makeOnce<Stripe.Refund>(
      signal,
      `refund_${refund.refundId}_${refund.owedMinor}_${refund.amountMinor}`,
      (stripe, options) =>
        stripe.refunds.create(
          {
            payment_intent: refund.paymentReference,
            amount: amountOf(refund),
            metadata: { [stripeMetadata.refundId]: String(refund.refundId) },
          },
          options,
        ),
      async (stripe, made) => {
        const now = await stripe.refunds.retrieve(made.id);
        // The sums of a recorded refund may come back: a part was returned by hand, failed, and another one was returned.
        return isUnrecorded(now, refund) ? now : null;
      },
      // The next key of a partial refund would send the money twice.
      () => findRefund(api, refund, signal),
    );
  } catch (error) {
    // Stripe refuses more than what is left of the payment, in most cases without a code. An earlier attempt may have sent it.
    const made = isRefusal(error) ? await findRefund(api, refund, signal) : null;
    if (made !== null) {
      return made;
    }
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProviderError && error.kind === 'refused';
}

/** A refund that was made for this one of ours and is not recorded yet; null when there is none or it failed. */
async function findRefund(
  api: StripeApi,
  refund: RefundRequest,
  signal: AbortSignal,
): Promise<Stripe.Refund | null> {
  const made = await refundsOf(api, refund, signal);
  return made.find((each) => isUnrecorded(each, refund)) ?? null;
}

/** Whether money is on its way for this refund of ours that is not recorded yet. */
function isUnrecorded(made: Stripe.Refund, { refundId, knownReferences }: RefundRequest): boolean {
  return (
    made.metadata?.[stripeMetadata.refundId] === String(refundId) &&
    !hasFailed(made) &&
    !knownReferences.includes(made.id)
  );
}

/** All refunds of the payment that a refund is for, newest first. */
function refundsOf(
  api: StripeApi,
  { paymentReference }: RefundRequest,
  signal: AbortSignal,
): Promise<readonly Stripe.Refund[]> {
  return api.call(signal, (stripe) =>
    stripe.refunds
      .list({ payment_intent: paymentReference, limit: refundsPerPage })
      .autoPagingToArray({ limit: refundsMax }),
  );
}

function amountOf({ amountMinor, currency }: { readonly amountMinor: number; readonly currency: string }) {
  const amount = toStripeAmount(amountMinor, currency);
  if (amount === null) {
    const refusal = `Stripe has no amount for ${amountMinor} minor units of ${currency}`;
    throw new ProviderError('refused', refusal, undefined, true);
  }
  return amount;
}

/** What `processing` is may still be paid, as may what waits for another card. */
function stateOf(intent: Stripe.PaymentIntent): IntentState {
  if (intent.status === 'canceled') {
    return { status: 'closed' };
  }
  if (intent.status !== 'succeeded') {
    return { status: 'open' };
  }
  const currency = intent.currency.toUpperCase();
  const amountMinor = fromStripeAmount(intent.amount_received, currency);
  if (amountMinor === null) {
    throw new ProviderError('refused', `${intent.id} was paid with ${intent.amount_received} ${currency}`);
  }
  return { status: 'paid', amountMinor, currency };
}

function hasFailed({ status }: Stripe.Refund): boolean {
  return status === 'failed' || status === 'canceled';
}

function sentRefund(refund: Stripe.Refund): SentRefund {
  const status = refund.status === 'succeeded' ? 'succeeded' : hasFailed(refund) ? 'failed' : 'pending';
  return {
    status,
    reference: refund.id,
    amountMinor: minorOf(refund.amount, refund.currency.toUpperCase()),
    createdAtMs: refund.created * 1000,
  };
}

/** @throws ProviderError when Stripe's amount is none of the currency */
function minorOf(amount: number, currency: string): number {
  const minor = fromStripeAmount(amount, currency);
  if (minor === null) {
    throw new ProviderError('refused', `Stripe returned ${amount} ${currency}, which has no minor units`);
  }
  return minor;
}
