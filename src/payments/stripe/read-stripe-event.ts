import type { StripeModes } from '../../config/stripe-mode.ts';
import { readStripeFact } from './read-stripe-fact.ts';
import { readStripePayment } from './read-stripe-payment.ts';
import { ignoring, malformed, type StripeEventMeaning } from './stripe-event-meaning.ts';
import { idsIn, isObject, type StripeFieldError, shown } from './stripe-fields.ts';

/** An event as Stripe sends it, as far as events are alike. Thin events have no data, and write `created` as text. */
export type StripeEvent = {
  readonly id: string;
  readonly type: string;
  readonly object?: unknown;
  readonly created?: number | string;
  readonly livemode?: boolean;
  /** The connected account of a Connect platform that the event comes from. Events of the account itself have none. */
  readonly account?: string | null;
  readonly data?: { readonly object?: unknown };
};

/** The value of `object` in a thin event. */
const thinEvent = 'v2.core.event';

/**
 * What an event of Stripe says in our words. Payments that carry none of our ids belong to another shop, as do all other types of
 * events: an account of Stripe may serve more than this shop.
 */
export function readStripeEvent(event: StripeEvent, modes: StripeModes): StripeEventMeaning {
  if (event.object === thinEvent) {
    return { kind: 'thin' };
  }
  const { id, type, created, data } = event;
  const object = data?.object;
  if (!isObject(object)) {
    return malformed(eventError('data.object', 'the object that the event is about', object));
  }
  if (typeof created === 'string') {
    return malformed(eventError('created', 'a time in whole seconds since 1970', created));
  }
  const ids = idsIn(object);
  const reason = reasonToIgnore(event, modes);
  if (reason !== null) {
    return ignoring(ids, reason, 'act');
  }
  const snapshot = { id, type, object, ids, createdAtMs: created === undefined ? null : created * 1000 };
  return (
    readStripePayment(snapshot) ??
    readStripeFact(snapshot) ??
    ignoring(ids, 'events of this type have no effect')
  );
}

/** Why an event concerns another sale than this one; null: it may concern this one. */
function reasonToIgnore({ livemode, account }: StripeEvent, modes: StripeModes): string | null {
  if (account !== undefined && account !== null) {
    return `it comes from the connected account ${shown(account)}, and payments are made in the account of STRIPE_API_KEY`;
  }
  return livemode === false ? modes.testEventsIgnored : null;
}

function eventError(field: string, expected: string, got: unknown): StripeFieldError {
  return { field, message: `expected ${expected}, got ${shown(got)}` };
}
