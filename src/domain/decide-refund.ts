import type { BeginRefund, PostponeRefund, ReopenRefund, SettleRefund } from './commands.ts';
import type { Draft } from './draft.ts';
import type { OrderStatus } from './order.ts';
import type { OutcomeOf } from './outcomes.ts';
import { referenceIn } from './payment.ts';
import { hasFailed, type Refund } from './refund.ts';

/**
 * How long a provider surely knows the key of a request: Stripe forgets one after 24 hours at the earliest. An hour less, for the time
 * that an attempt takes.
 */
const keyKnownMs = 23 * 3_600_000;

/** Longer than any message that helps, and short enough to be kept by every database. */
const errorLengthMax = 1000;

/**
 * Notes that a refund is about to be sent, so that it is known afterwards whatever becomes of the process, and that nobody else sends it
 * meanwhile.
 */
export function decideBeginRefund(
  draft: Draft,
  { refundId, leaseSeconds }: BeginRefund,
): OutcomeOf<BeginRefund> {
  const refund = draft.refunds.get(refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  const { nextAttemptAtMs, firstSentAtMs } = refund;
  if (
    refund.status !== 'due' ||
    referenceIn(refund.paymentName) === null ||
    (nextAttemptAtMs !== null && nextAttemptAtMs > draft.nowMs)
  ) {
    return { kind: 'refund_not_to_send', refund };
  }
  const begun: Refund = {
    ...refund,
    attempts: refund.attempts + 1,
    firstSentAtMs: firstSentAtMs ?? draft.nowMs,
    nextAttemptAtMs: draft.nowMs + leaseSeconds * 1000,
  };
  draft.refunds.update(refundId, begun);
  const mayBeForgotten =
    refund.providerReference !== null || (firstSentAtMs !== null && draft.nowMs - firstSentAtMs > keyKnownMs);
  return { kind: 'refund_begun', refund: begun, mayBeForgotten };
}

/** Lets a refund rest until its next attempt. One that has succeeded in the meantime stays as it is. */
export function decidePostponeRefund(draft: Draft, command: PostponeRefund): OutcomeOf<PostponeRefund> {
  const refund = draft.refunds.get(command.refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  if (refund.status !== 'due') {
    return { kind: 'refund_postponed', refund };
  }
  const postponed: Refund = {
    ...refund,
    nextAttemptAtMs: draft.nowMs + command.delayMs,
    providerReference: command.providerReference ?? refund.providerReference,
    lastError: command.error?.slice(0, errorLengthMax) ?? null,
  };
  draft.refunds.update(refund.id, postponed);
  if (postponed.lastError !== null) {
    draft.tell({ kind: 'refund_postponed', refund: postponed });
  }
  return { kind: 'refund_postponed', refund: postponed };
}

/**
 * Records that the money of a refund went back. An order that was owed it ends as refunded. Again is a no-op.
 */
export function decideSettleRefund(draft: Draft, command: SettleRefund): OutcomeOf<SettleRefund> {
  const refund = draft.refunds.get(command.refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  if (refund.status === 'succeeded') {
    return { kind: 'refund_settled', refund };
  }
  return { kind: 'refund_settled', refund: settleRefund(draft, refund, command.providerReference ?? null) };
}

/** Marks a refund that is due as succeeded, and its order, if it was waiting for that money, as refunded. */
export function settleRefund(draft: Draft, refund: Refund, providerReference: string | null): Refund {
  const settled: Refund = {
    ...refund,
    status: 'succeeded',
    providerReference: providerReference ?? refund.providerReference,
    // Somebody sent it by other means: why the provider did not is kept, so that the same word again does not make it due again.
    lastError: providerReference === null && hasFailed(refund) ? refund.lastError : null,
  };
  draft.refunds.update(refund.id, settled);
  draft.tell({ kind: 'refund_succeeded', refund: settled });
  moveOrder(draft, refund, 'refund_due', 'refunded');
  return settled;
}

/**
 * Takes back that a refund succeeded: the provider says that it failed afterwards, so it is due again, at once. Not so for word of
 * another refund than the provider's latest, which comes too late; for a failure that was known when an operator settled the refund by
 * other means; and for a refund that somebody made at the provider, which is not ours to repeat.
 */
export function decideReopenRefund(draft: Draft, command: ReopenRefund): OutcomeOf<ReopenRefund> {
  const refund = draft.refunds.get(command.refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  const isOfAnother =
    refund.providerReference !== null && refund.providerReference !== command.providerReference;
  const wasKnown = refund.status === 'succeeded' && hasFailed(refund);
  if (isOfAnother || wasKnown || refund.reason === 'returned' || refund.reason === 'returned_in_part') {
    return { kind: 'refund_reopened', refund };
  }
  const reopened: Refund = {
    ...refund,
    status: 'due',
    // One that is due may be on its way at this moment: then its next attempt stays where it is.
    nextAttemptAtMs: refund.status === 'succeeded' ? null : refund.nextAttemptAtMs,
    providerReference: command.providerReference,
    lastError: command.error.slice(0, errorLengthMax),
  };
  draft.refunds.update(refund.id, reopened);
  if (refund.status === 'succeeded') {
    moveOrder(draft, refund, 'refunded', 'refund_due');
    draft.tell({ kind: 'refund_reopened', refund: reopened });
  }
  return { kind: 'refund_reopened', refund: reopened };
}

/** Only the refund of its late payment decides how an order ends. */
function moveOrder(draft: Draft, { orderId, reason }: Refund, from: OrderStatus, to: OrderStatus): void {
  const order = orderId === null ? undefined : draft.orders.get(orderId);
  if (order?.status === from && reason === 'late_payment') {
    draft.orders.update(order.id, { ...order, status: to });
  }
}
