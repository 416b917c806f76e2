import type { Order } from '../domain/order.ts';
import type { PaymentDecision } from '../domain/payment.ts';
import type { Refund } from '../domain/refund.ts';
import type { PaymentsTable } from './tables.ts';

/**
 * Whether the row does not say what was decided about a refunded payment: a version before the column writes none, and leaves the one of a
 * flagged payment that it settles.
 */
export function isUncertain({
  decision,
  settlement,
}: Pick<PaymentsTable, 'decision' | 'settlement'>): boolean {
  return (
    settlement === 'refunded' && (decision === null || decision === 'flagged' || decision === 'nothing_due')
  );
}

/** The decision by the refund and the order, by the same rules as migration 0004 and the audit. */
export function decisionBefore(
  stored: PaymentDecision | null,
  refund: Pick<Refund, 'owedMinor' | 'reason'> | undefined,
  order: Pick<Order, 'status'> | undefined,
): PaymentDecision {
  if (refund !== undefined && refund.owedMinor > 0 && refund.reason !== 'requested') {
    return 'owed';
  }
  return stored ?? (order?.status === 'refunded' ? 'fulfilled' : refund === undefined ? 'owed' : 'flagged');
}
