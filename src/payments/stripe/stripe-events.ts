import type { IncomingHttpHeaders } from 'node:http';
import { readStripeEvent, type StripeEvent, type StripeEventMeaning } from './read-stripe-event.ts';
import { stripeVerifier } from './stripe-signatures.ts';

/** What an endpoint for Stripe's events needs to know of Stripe. */
export type StripeEvents = {
  /** Whether a body, exactly as it came, was signed by Stripe. */
  readonly verify: (rawBody: string, headers: IncomingHttpHeaders) => boolean;
  readonly read: (event: StripeEvent) => StripeEventMeaning;
};

/** @param secrets of the endpoint at Stripe; without one nobody can prove to be Stripe, so there is none */
export async function stripeEvents(secrets: readonly string[]): Promise<StripeEvents | undefined> {
  return secrets.length === 0 ? undefined : { verify: await stripeVerifier(secrets), read: readStripeEvent };
}
