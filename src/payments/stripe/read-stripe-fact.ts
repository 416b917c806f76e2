import type { FactStatus } from '../../domain/payment.ts';
import { ignoring, malformed, type StripeEventMeaning, type StripeSnapshot } from './stripe-event-meaning.ts';
import {
  fieldError,
  isObject,
  moneyIn,
  requiredText,
  type StripeFieldError,
  type StripeMoney,
  type StripeObject,
  textIn,
} from './stripe-fields.ts';

/** Each of them reports one refund; which ones come depends on how the money goes back. */
const refundTypes: readonly string[] = ['refund.failed', 'refund.updated', 'charge.refund.updated'];

/** A dispute that begins, or whose money is withdrawn, is open unless its status says that it has ended. */
const disputeBeginnings: readonly string[] = ['charge.dispute.created', 'charge.dispute.funds_withdrawn'];
/**
 * These count once the dispute has ended. `updated` may be the only event of a dispute that was `prevented`. `funds_reinstated` also
 * comes while a dispute is open, for the part of the payment that was refunded before.
 */
const disputeChanges: readonly string[] = ['charge.dispute.updated', 'charge.dispute.funds_reinstated'];
const disputeEnd = 'charge.dispute.closed';

/**
 * An event about money that goes back, or that a bank demands back; null for other types. Events without our ids count too: the payment
 * is known by its intent.
 */
export function readStripeFact(event: StripeSnapshot): StripeEventMeaning | null {
  const { type, object } = event;
  if (type === 'charge.refunded') {
    // The sum of all refunds of the charge. It names none of them.
    return factOf(event, 'refunded', null, moneyIn(object, 'amount_refunded', 0));
  }
  if (refundTypes.includes(type)) {
    return readRefund(event);
  }
  return [...disputeBeginnings, ...disputeChanges, disputeEnd].includes(type) ? readDispute(event) : null;
}

/** Of a refund counts only that it failed: its charge reports the money that went back. */
function readRefund(event: StripeSnapshot): StripeEventMeaning {
  const { type, object, ids } = event;
  if (type !== 'refund.failed' && object.status !== 'failed' && object.status !== 'canceled') {
    return ignoring(ids, 'the refund has not failed');
  }
  return factOf(
    event,
    'refund_failed',
    requiredText(object, 'id', 'the id of a refund'),
    moneyIn(object, 'amount'),
  );
}

function readDispute(event: StripeSnapshot): StripeEventMeaning {
  const { type, object, ids } = event;
  const status = endOf(object) ?? (disputeBeginnings.includes(type) ? 'disputed' : null);
  if (status === null) {
    return type === disputeEnd
      ? malformed(fieldError('status', 'one of won, lost, warning_closed, prevented', object.status))
      : ignoring(ids, 'the dispute has not ended');
  }
  return factOf(event, status, requiredText(object, 'id', 'the id of a dispute'), moneyIn(object, 'amount'));
}

/** How a dispute ended; null while it is open. */
function endOf(dispute: StripeObject): 'dispute_won' | 'dispute_lost' | null {
  switch (dispute.status) {
    case 'lost':
      return 'dispute_lost';
    case 'won':
    // An inquiry that never became a dispute: it withdraws no money.
    case 'warning_closed':
    // API versions before 2023-08-16: an inquiry that ended with a refund, which its charge reports.
    case 'charge_refunded':
      return 'dispute_won';
    case 'prevented':
      // Some networks credit the buyer to prevent a dispute, and Stripe withdraws that money without a refund.
      return netOf(dispute) < 0 ? 'dispute_lost' : 'dispute_won';
    default:
      return null;
  }
}

/** What a dispute moved so far, in the unit of the account's balance; below 0: more was withdrawn than reinstated. */
function netOf({ balance_transactions: moves }: StripeObject): number {
  return (Array.isArray(moves) ? moves : [])
    .map((move: unknown) => (isObject(move) && typeof move.amount === 'number' ? move.amount : 0))
    .reduce((sum, amount) => sum + amount, 0);
}

/**
 * @param factId Stripe's id of the dispute or of the refund that failed
 * @param money the sum that went back, the refund that failed, or the disputed amount
 */
function factOf(
  { id, createdAtMs, object, ids }: StripeSnapshot,
  status: FactStatus,
  factId: string | null | StripeFieldError,
  money: StripeMoney | StripeFieldError,
): StripeEventMeaning {
  const reference = textIn(object, 'payment_intent');
  if (reference === null) {
    return ignoring(
      ids,
      'data.object.payment_intent is missing, and every payment here has an intent',
      'act',
    );
  }
  if (factId !== null && typeof factId !== 'string') {
    return malformed(factId);
  }
  if ('field' in money) {
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
        ...money,
        reference,
        factId,
        occurredAtMs: createdAtMs,
      },
    },
  };
}
