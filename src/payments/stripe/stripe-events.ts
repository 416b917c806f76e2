import type { IncomingHttpHeaders } from 'node:http';
import type { StripeModes } from '../../config/stripe-mode.ts';
import { readStripeEvent, type StripeEvent } from './read-stripe-event.ts';
import type { StripeEventMeaning } from './stripe-event-meaning.ts';
import { stripeVerifier } from './stripe-signatures.ts';

/** What an endpoint for Stripe's events needs to know of Stripe. */
export type StripeEvents = {
  /** Whether a body, exactly as it came, was signed by Stripe. */
  readonly verify: (rawBody: string, headers: IncomingHttpHeaders) => boolean;
  readonly read: (event: StripeEvent) => StripeEventMeaning;
  /** Whether an event is about live money while the service has a test key, so that refunds of it fail. */
  readonly needsLiveKey: (event: StripeEvent) => boolean;
};

/**
 * @param secrets of the endpoint at Stripe; without one the endpoint is closed, because its events cannot be verified
 * @param modes what is done with events of the test mode and of the live mode
 */
export async function stripeEvents(
  secrets: readonly string[],
  modes: StripeModes,
): Promise<StripeEvents | undefined> {
  if (secrets.length === 0) {
    return undefined;
  }
  return {
    verify: await stripeVerifier(secrets),
    read: (event) => readStripeEvent(event, modes),
    needsLiveKey: ({ livemode }) => livemode === true && modes.hasTestKey,
  };
}
