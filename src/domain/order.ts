/**
 * An order's states:
 *
 *     pending ──▶ paid
 *        │         ▲
 *        ▼         │ a late payment, units available
 *     failed, cancelled, expired ──▶ refund_due ──▶ refunded
 *                                  a late payment, units gone
 *
 * Nothing leaves `paid` because of a late `failed`.
 */
export type OrderStatus = 'pending' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'refund_due' | 'refunded';

/** A hold that its buyer turned into a purchase. One for each hold, ever. */
export type Order = {
  readonly id: number;
  readonly holdId: number;
  readonly productId: number;
  readonly quantity: number;
  readonly totalMinor: number;
  readonly currency: string;
  readonly status: OrderStatus;
  readonly paymentDueAtMs: number;
  readonly createdAtMs: number;
};

/** The status that readers see at `nowMs`: a pending order is expired from its deadline on. */
export function orderStatusAt(order: Pick<Order, 'status' | 'paymentDueAtMs'>, nowMs: number): OrderStatus {
  return order.status === 'pending' && nowMs >= order.paymentDueAtMs ? 'expired' : order.status;
}
