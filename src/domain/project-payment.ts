import { ensure } from './defect.ts';
import { differs, disputeOf } from './dispute.ts';
import type { Draft } from './draft.ts';
import type { OrderStatus } from './order.ts';
import { type Payment, type PaymentDecision, type PaymentEvent, rowId, type Settlement } from './payment.ts';
import { foldFacts, type PaymentFacts } from './payment-facts.ts';
import type { Refund } from './refund.ts';
import { unsent } from './refund.ts';

/** How a payment stands: what was decided about it, and whether all of it has gone. */
export function settlementOf(decision: PaymentDecision, isGone: boolean): Settlement {
  switch (decision) {
    case 'fulfilled':
      return isGone ? 'refunded' : 'fulfilled';
    case 'owed':
    case 'returned':
      return 'refunded';
    case 'flagged':
    case 'nothing_due':
      return isGone ? 'refunded' : 'flagged';
  }
}

/**
 * Whether a payment stands for its order, so that facts that name the order alone are about it: it bought the order, or was meant to
 * and came back or came too late.
 */
function isMain(draft: Draft, { name, decision }: Payment): boolean {
  return (
    decision === 'fulfilled' ||
    decision === 'returned' ||
    (decision === 'owed' && draft.refundOf(name)?.reason === 'late_payment')
  );
}

/** The payment that stands for the order of a hold. */
export function mainPayment(draft: Draft, holdId: number): Payment | undefined {
  return draft.paymentsOfHold(holdId).find((payment) => isMain(draft, payment));
}

/** What is known of a payment's way back. */
export function factsOf(draft: Draft, payment: Payment): PaymentFacts {
  return foldFacts(payment, draft.factsOf(payment, isMain(draft, payment)), draft.refundOf(payment.name));
}

/**
 * What the payment's rows stand for before a fact is taken in, and after it. Facts that still wait count only afterwards: nothing was
 * written for them yet.
 */
export function factsAround(
  draft: Draft,
  payment: Payment,
  fact: PaymentEvent,
): { readonly before: PaymentFacts; readonly after: PaymentFacts } {
  const others = draft.factsOf(payment, isMain(draft, payment)).filter(({ key }) => key !== fact.key);
  const taken = others.filter(({ result }) => result !== 'parked' && result !== 'unmatched');
  const refund = draft.refundOf(payment.name);
  return { before: foldFacts(payment, taken, refund), after: foldFacts(payment, [...others, fact], refund) };
}

/**
 * Brings everything that follows from the facts about a payment in line with them: its settlement, its refund, its disputes and the
 * status of its order. A payment that was `returned` and is no longer gone is the caller's: only
 * that needs units.
 */
export function projectPayment(draft: Draft, name: string): void {
  const payment = draft.payments.get(name);
  ensure(payment !== undefined, `payment ${name} was not loaded`);
  const facts = factsOf(draft, payment);
  projectDisputes(draft, payment, facts);
  const refund = projectRefund(draft, payment, facts);
  const isGone = facts.goneMinor >= payment.amountMinor;
  const settlement = settlementOf(payment.decision, isGone);
  if (settlement !== payment.settlement) {
    draft.putPayment({ ...payment, settlement });
  }
  if (payment.decision === 'fulfilled') {
    moveOrder(draft, payment, isGone ? ['paid', 'refunded'] : ['refunded', 'paid']);
  } else if (payment.decision === 'owed' && refund?.reason === 'late_payment') {
    moveOrder(
      draft,
      payment,
      refund.status === 'succeeded' ? ['refund_due', 'refunded'] : ['refunded', 'refund_due'],
    );
  }
}

/**
 * The order and hold of a fact's row: those of its payment, where the fact names none. A fact keeps what it names, because the same
 * event has to be recognised when it is delivered again.
 */
export function targetOfFact(
  { orderId, holdId }: Pick<PaymentEvent, 'orderId' | 'holdId'>,
  payment: Payment,
): Pick<PaymentEvent, 'orderId' | 'holdId' | 'productId'> {
  return {
    orderId: orderId ?? payment.orderId,
    holdId: holdId ?? rowId(payment.holdId),
    productId: rowId(payment.productId),
  };
}

/** Lets the facts that waited for the payment count, and names its order and hold in their rows. */
export function takeInFacts(draft: Draft, payment: Payment): void {
  for (const event of draft.factsOf(payment, isMain(draft, payment))) {
    if (event.result !== 'parked' && event.result !== 'unmatched') {
      continue;
    }
    if (event.result === 'parked' && event.productId === null) {
      draft.parkedUnknownFacts -= 1;
    }
    const taken: PaymentEvent = { ...event, ...targetOfFact(event, payment), result: 'processed' };
    draft.events.update(event.key, taken);
    const answer = factAnswer(draft, payment, 'processed');
    draft.tell({ kind: 'payment_event_processed', event: taken, answer });
  }
}

/** What is said of a fact about a payment. */
export function factAnswer(draft: Draft, { orderId }: Payment, result: 'processed' | 'ignored') {
  const order = orderId === null ? undefined : draft.orders.get(orderId);
  return { result, orderId, orderStatus: order?.status ?? null, stockDeducted: 0 } as const;
}

function projectDisputes(draft: Draft, payment: Payment, { disputes }: PaymentFacts): void {
  const known = new Map(draft.disputesOf(payment.name).map((dispute) => [dispute.id, dispute]));
  for (const fact of disputes) {
    const before = known.get(fact.id);
    const isMoved =
      before !== undefined && (before.orderId !== payment.orderId || before.holdId !== payment.holdId);
    if (!differs(before, fact) && !isMoved) {
      continue;
    }
    const dispute = disputeOf(payment, fact, before?.createdAtMs ?? draft.nowMs);
    draft.putDispute(dispute);
    if (before?.status !== dispute.status) {
      draft.tell({
        kind: dispute.status === 'open' ? 'dispute_opened' : `dispute_${dispute.status}`,
        dispute,
      });
    }
  }
}

function projectRefund(draft: Draft, payment: Payment, facts: PaymentFacts): Refund | undefined {
  const before = draft.refundOf(payment.name);
  if (before === undefined && facts.returnedMinor === 0) {
    return undefined;
  }
  const owedMinor = before?.owedMinor ?? 0;
  const { returnedMinor: backMinor, sentMinor, goneMinor } = facts;
  const isAll = backMinor >= payment.amountMinor;
  const reason = isAll ? 'returned' : 'returned_in_part';
  const base = before ?? newRefund(draft, payment, { owedMinor, reason });
  const status = goneMinor >= owedMinor ? 'succeeded' : 'due';
  const isAgainDue = before?.status === 'succeeded' && status === 'due';
  const after: Refund = {
    ...base,
    orderId: payment.orderId,
    holdId: payment.holdId,
    productId: payment.productId,
    amountMinor: Math.max(owedMinor, backMinor),
    returnedMinor: (owedMinor === 0 ? backMinor : goneMinor) - sentMinor,
    sentMinor,
    status,
    reason: owedMinor === 0 ? reason : base.reason,
    nextAttemptAtMs:
      status === 'due' ? nextAttempt(draft, base, { isAgainDue, goneMinor }) : base.nextAttemptAtMs,
    lastError: isAgainDue ? cameBack : status === 'succeeded' ? null : base.lastError,
  };
  if (before === undefined) {
    draft.refunds.insert(after.id, after);
  } else {
    draft.refunds.update(after.id, after);
  }
  tellOfRefund(draft, before, after);
  return after;
}

/** Providers give times in whole seconds: a second of the provider has surely ended after it. */
const wholeSecondMs = 2_000;

/**
 * When the refund is sent next. After money came back it waits for another second of the provider: a returned sum and a failure of one
 * second have no order, so the sum with the new refund would be taken for one from before the failure. After more money went back it
 * does not wait: the provider refused or failed another sum than the one that is left now.
 */
function nextAttempt(
  draft: Draft,
  before: Refund,
  { isAgainDue, goneMinor }: { readonly isAgainDue: boolean; readonly goneMinor: number },
): number | null {
  // A worker that is still sending keeps its lease.
  const planned = isAgainDue ? before.leasedUntilMs : before.nextAttemptAtMs;
  const goneBefore = before.returnedMinor + before.sentMinor;
  if (before.owedMinor > 0 && goneMinor < goneBefore) {
    return Math.max(planned ?? 0, draft.nowMs + wholeSecondMs);
  }
  return goneMinor > goneBefore && before.leasedUntilMs === null ? null : planned;
}

/** For operators, beside a refund that is due once more. */
const cameBack = 'money that had gone back came back: a refund failed, or a lost dispute was won after all';

function tellOfRefund(draft: Draft, before: Refund | undefined, after: Refund): void {
  const isNew = before === undefined || before.status === 'due';
  if (after.status === 'due') {
    if (before?.status === 'succeeded') {
      draft.tell({ kind: 'refund_reopened', refund: after });
    }
    return;
  }
  if (after.owedMinor > 0 && isNew) {
    draft.tell({ kind: 'refund_succeeded', refund: after });
  } else if (after.amountMinor > (before?.amountMinor ?? 0)) {
    draft.tell({ kind: 'refund_succeeded', refund: after });
  } else if (before !== undefined && after.amountMinor < before.amountMinor) {
    draft.tell({ kind: 'returned_money_came_back', refund: after });
  }
}

/** A refund of a payment that has none, before the facts about the payment are projected to it. */
export function newRefund(
  draft: Draft,
  payment: Payment,
  { owedMinor, reason }: Pick<Refund, 'owedMinor' | 'reason'>,
): Refund {
  return {
    id: draft.newId(),
    paymentName: payment.name,
    orderId: payment.orderId,
    holdId: payment.holdId,
    productId: payment.productId,
    amountMinor: owedMinor,
    owedMinor,
    returnedMinor: 0,
    sentMinor: 0,
    currency: payment.currency,
    status: 'due',
    reason,
    createdAtMs: draft.nowMs,
    ...unsent,
  };
}

function moveOrder(
  draft: Draft,
  { orderId }: Payment,
  [from, to]: readonly [from: OrderStatus, to: OrderStatus],
): void {
  const order = orderId === null ? undefined : draft.orders.get(orderId);
  if (order?.status === from) {
    draft.orders.update(order.id, { ...order, status: to });
  }
}
