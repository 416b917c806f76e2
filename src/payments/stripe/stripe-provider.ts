import type { Stripe } from 'stripe';
import type {
  IntentState,
  PaymentIntent,
  PaymentProvider,
  RefundRequest,
  SentRefund,
} from '../payment-provider.ts';
import { ProviderError } from '../payment-provider.ts';
import { fromStripeAmount, toStripeAmount } from './stripe-amounts.ts';
import { refusalCodeOf, StripeApi, type StripeSettings } from './stripe-api.ts';
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
  };
}

async function makeRefund(
  api: StripeApi,
  refund: RefundRequest,
  signal: AbortSignal,
): Promise<Stripe.Refund> {
  try {
    return await api.makeOnce<Stripe.Refund>(
      signal,
      `refund_${refund.refundId}`,
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
        return hasFailed(now) ? null : now;
      },
    );
  } catch (error) {
    if (refusalCodeOf(error) === 'charge_already_refunded') {
      // All of this payment went back already, by whoever's hand: nothing is owed any more.
      const other = (await refundsOf(api, refund, signal)).find((each) => !hasFailed(each));
      if (other !== undefined) {
        return other;
      }
    }
    throw error;
  }
}

/** The refund that was made for this one of ours, by what it carries; null when there is none or it failed. */
async function findRefund(
  api: StripeApi,
  refund: RefundRequest,
  signal: AbortSignal,
): Promise<Stripe.Refund | null> {
  const ours = (await refundsOf(api, refund, signal)).find(
    (each) => each.metadata?.[stripeMetadata.refundId] === String(refund.refundId) && !hasFailed(each),
  );
  return ours ?? null;
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
    throw new ProviderError('refused', `Stripe has no amount for ${amountMinor} minor units of ${currency}`);
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
  return { status, reference: refund.id };
}
