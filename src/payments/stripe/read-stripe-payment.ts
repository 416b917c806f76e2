import type { MoneyStatus } from '../../domain/payment.ts';
import { ignoring, malformed, type StripeEventMeaning, type StripeSnapshot } from './stripe-event-meaning.ts';
import { fieldError, moneyIn, requiredText, textIn } from './stripe-fields.ts';

/** A declined card changes nothing: the buyer may try another one on the same intent. */
const statusOfIntent: ReadonlyMap<string, MoneyStatus> = new Map([
  ['payment_intent.succeeded', 'paid'],
  ['payment_intent.canceled', 'failed'],
  ['payment_intent.payment_failed', 'declined'],
]);

/**
 * `async_payment_failed` ends the session: Stripe documents that the buyer has to place a new order, and the intent of a session can be
 * confirmed by that session only.
 */
const statusOfSession: ReadonlyMap<string, MoneyStatus> = new Map([
  ['checkout.session.completed', 'paid'],
  ['checkout.session.async_payment_succeeded', 'paid'],
  ['checkout.session.async_payment_failed', 'failed'],
  ['checkout.session.expired', 'failed'],
]);

const anIntentId = 'the id of a payment intent';

/** An event about money that comes in; null for other types. */
export function readStripePayment(event: StripeSnapshot): StripeEventMeaning | null {
  const ofIntent = statusOfIntent.get(event.type);
  if (ofIntent !== undefined) {
    return named(event) ?? readIntent(event, ofIntent);
  }
  const ofSession = statusOfSession.get(event.type);
  return ofSession === undefined ? null : (named(event) ?? readSession(event, ofSession));
}

/** Null for a payment that names an order or a hold; the others belong to another shop on the account. */
function named({ ids }: StripeSnapshot): StripeEventMeaning | null {
  const isNamed = ids !== null && (ids.orderId ?? ids.holdId) !== null;
  return isNamed
    ? null
    : ignoring(ids, 'the metadata names neither an order nor a hold by its id in decimal digits', 'act');
}

function readIntent(event: StripeSnapshot, status: MoneyStatus): StripeEventMeaning {
  const { object } = event;
  const reference = requiredText(object, 'id', anIntentId);
  if (typeof reference !== 'string') {
    return malformed(reference);
  }
  // What was received counts. Old versions of the API have the price alone.
  const received =
    object.amount_received === undefined && object.amount !== undefined ? 'amount' : 'amount_received';
  return moneyEvent(event, status, reference, received);
}

function readSession(event: StripeSnapshot, status: MoneyStatus): StripeEventMeaning {
  const { object, type, ids } = event;
  if (type === 'checkout.session.completed' && object.payment_status !== 'paid') {
    switch (object.payment_status) {
      case 'unpaid':
        return ignoring(ids, 'payment_status is unpaid: the payment of the session is still on its way');
      case 'no_payment_required':
        return ignoring(ids, 'payment_status is no_payment_required: the session took no money', 'act');
      default:
        return malformed(
          fieldError('payment_status', 'one of paid, unpaid, no_payment_required', object.payment_status),
        );
    }
  }
  // A session that expired may never have had an intent. A paid one in the mode `payment` always has one, and the intent's own event
  // names the same payment by it.
  const reference =
    status === 'paid'
      ? requiredText(object, 'payment_intent', `${anIntentId}, as sessions in the mode payment have it`)
      : textIn(object, 'payment_intent');
  return reference !== null && typeof reference !== 'string'
    ? malformed(reference)
    : moneyEvent(event, status, reference, 'amount_total');
}

/** @param amountName the field that says how much was paid */
function moneyEvent(
  { id, object, ids }: StripeSnapshot,
  status: MoneyStatus,
  reference: string | null,
  amountName: string,
): StripeEventMeaning {
  // Only money that came in counts. A payment that failed has a price, and nothing was paid.
  const money = status === 'paid' ? moneyIn(object, amountName) : null;
  if (money !== null && 'field' in money) {
    return malformed(money);
  }
  return {
    kind: 'command',
    command: {
      kind: 'apply_payment_event',
      event: {
        key: id,
        orderId: ids?.orderId ?? null,
        holdId: ids?.holdId ?? null,
        status,
        amountMinor: money?.amountMinor ?? null,
        currency: money?.currency ?? null,
        reference,
      },
    },
  };
}
