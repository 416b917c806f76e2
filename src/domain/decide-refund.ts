import type { SettleRefund } from './commands.ts';
import type { Draft } from './draft.ts';
import type { OutcomeOf } from './outcomes.ts';
import type { Refund } from './refund.ts';

/**
 * Records that the money of a refund went back. An order that was owed it ends as refunded. Again is a no-op.
 */
export function decideSettleRefund(draft: Draft, { refundId }: SettleRefund): OutcomeOf<SettleRefund> {
  const refund = draft.refunds.get(refundId);
  if (refund === undefined) {
    return { kind: 'refused', code: 'refund_not_found' };
  }
  if (refund.status === 'succeeded') {
    return { kind: 'refund_settled', refund };
  }
  const settled: Refund = { ...refund, status: 'succeeded' };
  draft.refunds.update(refundId, settled);
  draft.happened.push({ kind: 'refund_succeeded', refund: settled });
  const order = refund.orderId === null ? undefined : draft.orders.get(refund.orderId);
  if (order?.status === 'refund_due' && refund.reason === 'late_payment') {
    draft.orders.update(order.id, { ...order, status: 'refunded' });
  }
  return { kind: 'refund_settled', refund: settled };
}
