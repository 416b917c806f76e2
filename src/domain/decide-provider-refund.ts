import type { ApplyProviderRefund } from './commands.ts';
import { settleRefund } from './decide-refund.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import type { Order } from './order.ts';
import type { Deferred, OutcomeOf } from './outcomes.ts';
import type { Payment } from './payment.ts';
import { referenceName } from './payment.ts';
import type { Refund } from './refund.ts';
import { hasFailed, unsent } from './refund.ts';

/**
 * Takes over what a provider says has gone back of a payment. The amount is the sum so far, so word that comes twice or late changes
 * nothing:
 *
 * - money that is owed and has gone back is settled;
 * - a payment that bought its order, gone back in full, makes the order refunded. Its hold stays consumed and the stock as it is: only
 *   an operator knows whether the units came back;
 * - a part of it is noted beside it, and order and payment stay as they are;
 * - a flagged payment, gone back in full, needs nobody's look any more. Its order stays: it was paid with other money.
 */
export function decideProviderRefund(
  draft: Draft,
  command: ApplyProviderRefund,
): OutcomeOf<ApplyProviderRefund> | Deferred {
  const payment = draft.payments.get(referenceName(command.reference));
  if (payment === undefined) {
    return { kind: 'provider_refund_applied', result: 'ignored', refund: null, order: null };
  }
  if (!draft.holds.has(payment.holdId)) {
    // The payment came, or a flagged one turned out to be another product's, between the look for it and the lock: it is looked for
    // again.
    return { kind: 'deferred' };
  }
  const before = draft.refundOf(payment.name);
  const after = payment.currency === command.currency ? refundAfter(draft, payment, before, command) : before;
  return {
    kind: 'provider_refund_applied',
    result: after === before ? 'ignored' : 'processed',
    refund: after ?? null,
    order: orderOf(draft, payment) ?? null,
  };
}

function refundAfter(
  draft: Draft,
  payment: Payment,
  refund: Refund | undefined,
  { refundedMinor, providerReference }: ApplyProviderRefund,
): Refund | undefined {
  const isAll = refundedMinor >= payment.amountMinor;
  switch (payment.settlement) {
    case 'refunded':
      // Word that names no refund may be that of one which has failed, come late: the answer to the next attempt settles it.
      return refund?.status === 'due' && isAll && (providerReference !== null || !hasFailed(refund))
        ? settleRefund(draft, refund, providerReference)
        : refund;
    case 'flagged':
      return isAll
        ? recordReturn(draft, payment, refund, 'returned', payment.amountMinor, providerReference)
        : refund;
    case 'fulfilled': {
      if (isAll) {
        const order = orderOf(draft, payment);
        ensure(order?.status === 'paid', `payment ${payment.name} is fulfilled, its order ${order?.status}`);
        draft.orders.update(order.id, { ...order, status: 'refunded' });
        return recordReturn(draft, payment, refund, 'returned', payment.amountMinor, providerReference);
      }
      return refundedMinor > (refund?.amountMinor ?? 0)
        ? recordReturn(draft, payment, refund, 'returned_in_part', refundedMinor, providerReference)
        : refund;
    }
  }
}

/** One row for each payment: that of a part grows until it is the whole. */
function recordReturn(
  draft: Draft,
  payment: Payment,
  before: Refund | undefined,
  reason: 'returned' | 'returned_in_part',
  amountMinor: number,
  providerReference: string | null,
): Refund {
  const refund: Refund = {
    id: before?.id ?? draft.newId(),
    paymentName: payment.name,
    orderId: payment.orderId,
    holdId: payment.holdId,
    productId: payment.productId,
    amountMinor,
    currency: payment.currency,
    status: 'succeeded',
    reason,
    createdAtMs: before?.createdAtMs ?? draft.nowMs,
    ...unsent,
    providerReference: providerReference ?? before?.providerReference ?? null,
  };
  if (before === undefined) {
    draft.refunds.insert(refund.id, refund);
  } else {
    draft.refunds.update(refund.id, refund);
  }
  if (reason === 'returned') {
    draft.putPayment({ ...payment, settlement: 'refunded' });
  }
  draft.tell({ kind: 'refund_succeeded', refund });
  return refund;
}

function orderOf(draft: Draft, { orderId }: Payment): Order | undefined {
  return orderId === null ? undefined : draft.orders.get(orderId);
}
