import type { BeginRefund, PostponeRefund, RecordReturnedSum, SettleRefund } from './commands.ts';
import type { Draft } from './draft.ts';
import type { OutcomeOf } from './outcomes.ts';
import { referenceIn } from './payment.ts';
import { projectPayment } from './project-payment.ts';
import { leftToSend, type Refund, type RefundSend } from './refund.ts';

/**
 * How long a provider surely knows the key of a request: Stripe forgets one after 24 hours at the earliest. An hour less, for the time
 * that an attempt takes.
 */
const keyKnownMs = 23 * 3_600_000;

/** Longer than any message that helps, and short enough to be kept by every database. */
const errorLengthMax = 1000;

/**
 * Notes that a refund is about to be sent, so that it is known afterwards whatever becomes of the process, and that one worker at a time
 * sends it. An open dispute may take the money back by itself, so the refund waits for its end.
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
    (nextAttemptAtMs !== null && nextAttemptAtMs > draft.nowMs) ||
    draft.disputesOf(refund.paymentName).some(({ status }) => status === 'open')
  ) {
    return { kind: 'refund_not_to_send', refund };
  }
  const leasedUntilMs = draft.nowMs + leaseSeconds * 1000;
  const begun: Refund = {
    ...refund,
    attempts: refund.attempts + 1,
    attemptMinor: leftToSend(refund),
    firstSentAtMs: firstSentAtMs ?? draft.nowMs,
    nextAttemptAtMs: leasedUntilMs,
    leasedUntilMs,
  };
  draft.refunds.update(refundId, begun);
  const mayBeForgotten =
    refund.providerReference !== null ||
    (refund.attempts > 0 && refund.attemptMinor !== begun.attemptMinor) ||
    (firstSentAtMs !== null && draft.nowMs - firstSentAtMs > keyKnownMs);
  return { kind: 'refund_begun', refund: begun, mayBeForgotten };
}

/** Lets a refund rest until its next attempt. One that has succeeded in the meantime only loses its lease. */
export function decidePostponeRefund(draft: Draft, command: PostponeRefund): OutcomeOf<PostponeRefund> {
  const refund = draft.refunds.get(command.refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  const rested: Refund = { ...refund, leasedUntilMs: null };
  if (refund.status !== 'due') {
    draft.refunds.update(refund.id, rested);
    return { kind: 'refund_postponed', refund: rested };
  }
  const postponed: Refund = {
    ...rested,
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
 * Records money that was sent for a refund. A report of the provider counts once by the provider's id. An operator's report counts for
 * what is left, and is refused while a worker is sending the same money.
 */
export function decideSettleRefund(draft: Draft, command: SettleRefund): OutcomeOf<SettleRefund> {
  const refund = draft.refunds.get(command.refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  const { sent } = command;
  if (sent === undefined) {
    if (refund.leasedUntilMs !== null && refund.leasedUntilMs > draft.nowMs && refund.status === 'due') {
      return { kind: 'refused', code: 'refund_in_progress', untilMs: refund.leasedUntilMs };
    }
    return refund.status === 'succeeded'
      ? { kind: 'refund_settled', refund }
      : settleWith(draft, refund, { reference: null, amountMinor: leftToSend(refund), atMs: draft.nowMs });
  }
  return refund.sends.some(({ reference }) => reference === sent.reference)
    ? { kind: 'refund_settled', refund }
    : settleWith(draft, refund, sent);
}

function settleWith(draft: Draft, refund: Refund, send: RefundSend): OutcomeOf<SettleRefund> {
  draft.refunds.update(refund.id, {
    ...refund,
    sends: [...refund.sends, send],
    leasedUntilMs: null,
    providerReference: send.reference ?? refund.providerReference,
    lastError: null,
  });
  projectPayment(draft, refund.paymentName);
  return { kind: 'refund_settled', refund: draft.refunds.get(refund.id) ?? refund };
}

/**
 * Takes over what the provider says has gone back of the payment of an owed refund. An answer from before another one changes nothing,
 * and of a refund that is not owed the provider is not asked.
 */
export function decideRecordReturnedSum(
  draft: Draft,
  { refundId, returnedMinor: minor, currency, atMs }: RecordReturnedSum,
): OutcomeOf<RecordReturnedSum> {
  const refund = draft.refunds.get(refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  const isOlder = refund.lookedUp !== null && refund.lookedUp.atMs >= atMs;
  if (refund.owedMinor === 0 || currency !== refund.currency || isOlder) {
    return { kind: 'returned_sum_recorded', refund };
  }
  draft.refunds.update(refundId, { ...refund, lookedUp: { minor, atMs } });
  projectPayment(draft, refund.paymentName);
  return { kind: 'returned_sum_recorded', refund: draft.refunds.get(refundId) ?? refund };
}
