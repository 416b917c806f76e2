/** An event to be sent to an endpoint of this service, exactly as it will be sent. */
export type TestEvent = {
  /** `whsec_…`: one of the endpoint's secrets. */
  readonly secret: string;
  readonly body: string;
  /** When it was signed, in ms since 1970; now unless given. More than 300 s away from the endpoint's clock it is refused. */
  readonly atMs?: number;
};

/**
 * The headers with which an event proves where it comes from, as the Standard Webhooks specification has them. For tests of a shop, and
 * as an example for a provider of one's own.
 *
 * @param id the event's id, which counts as its key when the body has none
 */
export async function signStandardWebhook({
  secret,
  id,
  body,
  atMs = Date.now(),
}: TestEvent & { readonly id: string }): Promise<Readonly<Record<string, string>>> {
  const { Webhook } = await import('standardwebhooks');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(atMs / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(atMs), body),
  };
}

/** The header with which Stripe signs its events, made by Stripe's own library. */
export async function signStripeEvent({
  secret,
  body,
  atMs = Date.now(),
}: TestEvent): Promise<Readonly<Record<string, string>>> {
  const { Stripe } = await import('stripe');
  const timestamp = Math.floor(atMs / 1000);
  return {
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }),
  };
}
