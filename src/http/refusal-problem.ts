import type { Refusal } from '../domain/outcomes.ts';
import type { Failure } from '../engine/answer.ts';
import type { Problem } from './problem.ts';
import { invalidRequest } from './problem.ts';
import { timeText, timeTextOrNull } from './time-text.ts';

/** Whether an outcome is anything but a success. */
export function isRefused<Outcome extends { readonly kind: string }>(
  outcome: Outcome | Refusal | Failure,
): outcome is Refusal | Failure {
  return outcome.kind === 'refused' || outcome.kind === 'failed';
}

/**
 * The error that tells a client of a refusal or a failure.
 *
 * @throws Error for a defect
 */
export function problemOf(refusal: Refusal | Failure): Problem {
  switch (refusal.code) {
    case 'insufficient_stock':
      return {
        code: refusal.code,
        detail: `${refusal.requested} asked for, ${refusal.availableStock} available.`,
        fields: {
          available_stock: refusal.availableStock,
          requested: refusal.requested,
          next_release_at: timeTextOrNull(refusal.nextReleaseAtMs),
        },
      };
    case 'sale_not_open':
      return {
        code: refusal.code,
        fields: {
          opens_at: timeTextOrNull(refusal.opensAtMs),
          closes_at: timeTextOrNull(refusal.closesAtMs),
        },
      };
    case 'hold_already_ordered':
      return { code: refusal.code, fields: { order_id: refusal.orderId } };
    case 'order_not_refundable':
      return {
        code: refusal.code,
        detail:
          refusal.orderStatus === 'paid'
            ? 'All of its payment goes back already.'
            : `The order is ${refusal.orderStatus}.`,
        fields: { order_status: refusal.orderStatus },
      };
    case 'payment_already_settled':
      return {
        code: refusal.code,
        ...(refusal.orderId === null ? {} : { fields: { order_id: refusal.orderId } }),
      };
    case 'payment_event_not_waiting':
      return { code: refusal.code, fields: { result: refusal.result } };
    case 'payment_event_resolved':
      return {
        code: refusal.code,
        detail: `The decision was ${refusal.choice}.`,
        fields: { decision: refusal.choice },
      };
    case 'order_not_payable':
    case 'order_not_cancellable':
      return {
        code: refusal.code,
        detail: `The order is ${refusal.orderStatus}.`,
        fields: { order_status: refusal.orderStatus },
      };
    case 'stock_below_held':
      return { code: refusal.code, fields: { stock: refusal.stock, held_stock: refusal.heldStock } };
    case 'refund_in_progress':
      return { code: refusal.code, fields: { retry_at: timeText(refusal.untilMs) } };
    case 'version_mismatch':
      return { code: refusal.code, fields: { version: refusal.version } };
    case 'invalid_request':
      return invalidRequest([{ field: refusal.field, message: refusal.message }]);
    case 'product_not_found':
    case 'hold_not_found':
    case 'order_not_found':
    case 'refund_not_found':
    case 'payment_event_not_found':
    case 'nothing_to_refund':
    case 'hold_consumed':
    case 'hold_expired':
    case 'hold_released':
    case 'idempotency_key_reused':
    case 'overloaded':
    case 'database_unavailable':
    case 'shutting_down':
      return { code: refusal.code };
    case 'internal_error':
      // The error handler answers it, and logs it under the id of the request.
      throw new Error('a command tripped a defect', { cause: refusal.cause });
  }
}
