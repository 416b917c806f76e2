import type { CheckoutClient, Reply } from '../support/checkout-client.ts';
import { sendStripeEvent, stripeIntent, webhookPath } from '../support/signed-events.ts';
import { currency, type EventName, total } from './events.ts';
import type { Fact, Variant } from './variants.ts';

/** The payment that the events are about, as its provider knows it. */
export type Paid = {
  /** Different for each payment. */
  readonly key: string;
  readonly about: { readonly order_id: number } | { readonly hold_id: number };
};

/** Reports one event by one of the routes. */
export type Send = (
  checkout: CheckoutClient,
  paid: Paid,
  name: EventName,
  variant: Variant,
) => Promise<Reply>;

const baseMs = Date.UTC(2030, 0, 1, 12);
const timeMs = ({ minute }: Fact) => baseMs + minute * 60_000;

/** As a provider reports them whose events have our form. */
export const sendGeneric: Send = (checkout, { key, about }, name, variant) =>
  checkout.post(webhookPath, {
    idempotency_key: `${name} ${key}`,
    ...about,
    ...(variant.hasReference ? { payment_reference: `pi_${key}` } : {}),
    ...(name === 'succeeded'
      ? { status: 'paid', amount: total, currency }
      : genericFact(variant.facts[name], key)),
  });

function genericFact(fact: Fact, key: string) {
  const { status, amount, id } = fact;
  return {
    status,
    ...(amount === null ? {} : { amount, currency }),
    ...(id === null ? {} : { [status === 'refund_failed' ? 'refund_id' : 'dispute_id']: `${id}_${key}` }),
    occurred_at: new Date(timeMs(fact)).toISOString(),
  };
}

/** As Stripe reports them. Refunds and disputes have their intent only, because its metadata stays with it. */
export const sendStripe: Send = (checkout, { key, about }, name, variant) => {
  const id = `evt ${name} ${key}`;
  const money = { currency: currency.toLowerCase() };
  if (name === 'succeeded') {
    const intent = stripeIntent(about, { id: `pi_${key}`, amount_received: cents(total), ...money });
    return sendStripeEvent(checkout, { id, type: 'payment_intent.succeeded', object: intent });
  }
  const fact = variant.facts[name];
  const { type, fields } = stripeFact(fact, key);
  return sendStripeEvent(checkout, {
    ...{ id, type, created: timeMs(fact) / 1000 },
    object: { payment_intent: `pi_${key}`, ...money, ...fields },
  });
};

function stripeFact({ status, amount, id }: Fact, key: string) {
  const sum = cents(amount ?? total);
  switch (status) {
    case 'refunded': {
      const fields = { id: `ch_${key}`, object: 'charge', amount: cents(total), amount_refunded: sum };
      return { type: 'charge.refunded', fields: { ...fields, refunded: sum === cents(total) } };
    }
    case 'refund_failed': {
      const fields = { id: `${id}_${key}`, object: 'refund', amount: sum, status: 'failed' };
      return { type: 'refund.failed', fields };
    }
    default: {
      const dispute = { id: `${id}_${key}`, object: 'dispute', amount: sum };
      return status === 'disputed'
        ? { type: 'charge.dispute.created', fields: { ...dispute, status: 'needs_response' } }
        : { type: 'charge.dispute.closed', fields: { ...dispute, status: stripeEnd[status] } };
    }
  }
}

const stripeEnd = { dispute_lost: 'lost', dispute_won: 'won' } as const;

function cents(amount: number): number {
  return amount * 100;
}
