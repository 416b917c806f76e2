import type { ApplyPaymentEvent, ApplyProviderRefund, ReopenRefund } from '../../domain/commands.ts';
import { isCurrency } from '../../domain/money.ts';
import type { PaymentStatus } from '../../domain/payment.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import { stripeMetadata } from './stripe-metadata.ts';

/** An event as Stripe sends it, as far as every event is alike. */
export type StripeEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly object: StripeObject };
};

/** What an event is about: the fields depend on its type, and on the version of Stripe's API that the endpoint was made with. */
export type StripeObject = Readonly<Record<string, unknown>>;

/** A field that is not as Stripe has it: its path in the event, and what was expected. */
export type StripeFieldError = { readonly field: string; readonly message: string };

/** What an event asks for: a command, or nothing; else what is wrong with it. */
export type StripeEventMeaning =
  | { readonly kind: 'command'; readonly command: ApplyPaymentEvent | ApplyProviderRefund | ReopenRefund }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'malformed'; readonly errors: readonly StripeFieldError[] };

/** A declined card changes nothing: the buyer may try another one on the same intent. */
const statusByType: ReadonlyMap<string, PaymentStatus> = new Map([
  ['payment_intent.succeeded', 'paid'],
  ['payment_intent.canceled', 'failed'],
  ['payment_intent.payment_failed', 'declined'],
]);

/** Each of them tells of a refund; which ones come depends on how the money goes back. */
const refundTypes: readonly string[] = ['refund.failed', 'refund.updated', 'charge.refund.updated'];

const nothing: StripeEventMeaning = { kind: 'nothing' };

/** Money in Stripe's units, or that there is none, or what is wrong with it. */
type StripeMoney = { readonly minor: number; readonly currency: string } | null | StripeFieldError;

/**
 * What an event of Stripe says in our words. Payments that carry none of our ids are somebody else's, as are all other types of events:
 * an account of Stripe may serve more than this shop.
 */
export function readStripeEvent({ id, type, data: { object } }: StripeEvent): StripeEventMeaning {
  const status = statusByType.get(type);
  if (status !== undefined) {
    return readPayment(id, status, object);
  }
  if (type === 'charge.refunded') {
    return readRefundedCharge(object);
  }
  return refundTypes.includes(type) ? readRefund(object) : nothing;
}

function readPayment(key: string, status: PaymentStatus, intent: StripeObject): StripeEventMeaning {
  const orderId = idIn(intent, stripeMetadata.orderId);
  const holdId = idIn(intent, stripeMetadata.holdId);
  if (orderId === null && holdId === null) {
    return nothing;
  }
  const reference = textIn(intent, 'id');
  if (reference === null) {
    return malformed({ field: 'data.object.id', message: 'expected the id of a payment intent' });
  }
  // Only money that came in counts. A try that failed has a price, and nothing was paid.
  const received = intent.amount_received === undefined ? 'amount' : 'amount_received';
  const money = status === 'paid' ? moneyIn(intent, received) : null;
  if (money !== null && 'field' in money) {
    return malformed(money);
  }
  return {
    kind: 'command',
    command: {
      kind: 'apply_payment_event',
      event: {
        key,
        orderId,
        holdId,
        status,
        amountMinor: money?.minor ?? null,
        currency: money?.currency ?? null,
        reference,
      },
    },
  };
}

function readRefundedCharge(charge: StripeObject): StripeEventMeaning {
  const reference = textIn(charge, 'payment_intent');
  if (reference === null) {
    return nothing;
  }
  const money = moneyIn(charge, 'amount_refunded');
  if (money === null || 'field' in money) {
    return malformed(money ?? { field: 'data.object.amount_refunded', message: 'expected an amount' });
  }
  return {
    kind: 'command',
    command: {
      kind: 'apply_provider_refund',
      reference,
      refundedMinor: money.minor,
      currency: money.currency,
      // The sum of all its refunds: which one was the last is not said.
      providerReference: null,
    },
  };
}

/** Of a refund counts only that it failed: that money went back is said by its charge. */
function readRefund(refund: StripeObject): StripeEventMeaning {
  const refundId = idIn(refund, stripeMetadata.refundId);
  const providerReference = textIn(refund, 'id');
  const hasFailed = refund.status === 'failed' || refund.status === 'canceled';
  if (refundId === null || providerReference === null || !hasFailed) {
    return nothing;
  }
  const reason = textIn(refund, 'failure_reason') ?? refund.status;
  return {
    kind: 'command',
    command: {
      kind: 'reopen_refund',
      refundId,
      providerReference,
      error: `Stripe sent it and says now that it failed: ${reason}`,
    },
  };
}

function malformed(...errors: readonly StripeFieldError[]): StripeEventMeaning {
  return { kind: 'malformed', errors };
}

/** An id of ours. Metadata is text, and somebody may have written it by hand. */
function idIn({ metadata }: StripeObject, name: string): number | null {
  const text: unknown =
    typeof metadata === 'object' && metadata !== null && Object.hasOwn(metadata, name)
      ? (metadata as StripeObject)[name]
      : undefined;
  const id = typeof text === 'string' && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
  return Number.isSafeInteger(id) ? id : null;
}

/** A name as Stripe gives them to its objects: printable and short, so it can be kept. */
function textIn(object: StripeObject, name: string): string | null {
  const text = object[name];
  return typeof text === 'string' && /^[!-~]{1,255}$/.test(text) ? text : null;
}

function moneyIn(object: StripeObject, name: string): StripeMoney {
  const amount = object[name];
  if (amount === undefined) {
    return null;
  }
  const currency = typeof object.currency === 'string' ? object.currency.toUpperCase() : '';
  if (!isCurrency(currency)) {
    return { field: 'data.object.currency', message: 'expected a currency code of ISO 4217 such as usd' };
  }
  const minor =
    typeof amount === 'number' && Number.isSafeInteger(amount) ? fromStripeAmount(amount, currency) : null;
  return minor === null || minor < 1
    ? { field: `data.object.${name}`, message: `expected an amount of ${currency} as Stripe has them` }
    : { minor, currency };
}
