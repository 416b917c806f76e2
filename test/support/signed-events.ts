import { signStandardWebhook, signStripeEvent } from '../../src/payments/sign-test-event.ts';
import type { CheckoutClient, Reply } from './checkout-client.ts';

export const webhookSecret = `whsec_${Buffer.from('a secret that is long enough').toString('base64')}`;
export const stripeSecret = 'whsec_of_an_endpoint_at_stripe';

export const webhookPath = '/api/v1/payments/webhook';
export const stripePath = '/api/v1/payments/webhook/stripe';

/** With these both endpoints are open, for signed events only. */
export const bothSecrets = { WEBHOOK_SECRETS: webhookSecret, STRIPE_WEBHOOK_SECRETS: stripeSecret } as const;

/** What a request needs to be believed where `bothSecrets` are set: nothing unless it is an event. */
export async function signEvent(path: string, body: string): Promise<Readonly<Record<string, string>>> {
  switch (path) {
    case webhookPath:
      return signStandardWebhook({ secret: webhookSecret, id: 'msg_1', body });
    case stripePath:
      return signStripeEvent({ secret: stripeSecret, body });
    default:
      return {};
  }
}

/** Sends an event as Stripe does. @param event `created` is in seconds since 1970; now unless given */
export async function sendStripeEvent(
  checkout: CheckoutClient,
  event: {
    readonly id: string;
    readonly type: string;
    readonly object: object;
    readonly created?: number;
  },
): Promise<Reply> {
  const { id, type, object, created = Math.floor(Date.now() / 1000) } = event;
  const body = JSON.stringify({ id, object: 'event', type, created, livemode: false, data: { object } });
  return checkout.post(stripePath, body, await signEvent(stripePath, body));
}

/** The payment of an order as Stripe knows it. */
export function stripeIntent(
  named: { readonly order_id?: number; readonly hold_id?: number },
  fields: Readonly<Record<string, unknown>> = {},
) {
  const { order_id, hold_id } = named;
  return {
    id: `pi_${order_id ?? hold_id}`,
    object: 'payment_intent',
    metadata: {
      ...(order_id === undefined ? {} : { flash_sale_order_id: String(order_id) }),
      ...(hold_id === undefined ? {} : { flash_sale_hold_id: String(hold_id) }),
    },
    ...fields,
  };
}
