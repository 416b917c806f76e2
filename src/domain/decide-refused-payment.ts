import { endOrder } from './apply-payment.ts';
import type { RefusePayment } from './commands.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { orderStatusAt } from './order.ts';
import type { OutcomeOf } from './outcomes.ts';
import type { RefusedPayment } from './refused-payment.ts';

/**
 * Ends a pending order whose payment the provider can never take, and releases its units. Otherwise each buyer in turn would hold them
 * until the payment deadline for nothing.
 *
 * A no-op for an order that is not pending: it has ended, or other money has paid it. Also a no-op where an intent is recorded: the
 * provider has taken the amount for another process, so the order can be paid.
 */
export function decideRefusePayment(
  draft: Draft,
  { orderId, provider, reason }: RefusePayment,
): OutcomeOf<RefusePayment> {
  const order = draft.orders.get(orderId);
  if (order === undefined) {
    return { kind: 'refused', code: 'order_not_found' };
  }
  const canBePaid = draft.paymentIntents.get(orderId) !== undefined;
  if (orderStatusAt(order, draft.nowMs) === 'pending' && !canBePaid) {
    const hold = draft.holds.get(order.holdId);
    ensure(hold !== undefined, `the hold of order ${orderId} was not loaded`);
    const { holdId, productId } = order;
    const refused: RefusedPayment = {
      orderId,
      holdId,
      productId,
      provider,
      priceMinor: hold.priceMinor,
      reason,
      createdAtMs: draft.nowMs,
    };
    draft.refusedPayments.push(refused);
    draft.tell({ kind: 'payment_refused', order: endOrder(draft, order, 'failed'), provider, reason });
  }
  return { kind: 'payment_refused', order: draft.orders.get(orderId) ?? order };
}
