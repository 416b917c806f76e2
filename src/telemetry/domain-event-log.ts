import type { Dispute } from '../domain/dispute.ts';
import type { DomainEvent } from '../domain/events.ts';
import { toDecimal } from '../domain/money.ts';
import type { OperatorDecision } from '../domain/operator-decision.ts';
import type { PaymentEvent } from '../domain/payment.ts';
import type { Refund } from '../domain/refund.ts';
import * as logEvents from './log-events.ts';
import type { Logger } from './logger.ts';

/** Writes what a committed batch did to the log, one line for each event. */
export function logDomainEvent(log: Logger, event: DomainEvent): void {
  switch (event.kind) {
    case 'hold_created':
      logEvents.holdCreated(log, {
        holdId: event.hold.id,
        productId: event.hold.productId,
        quantity: event.hold.quantity,
        availableStockRemaining: event.availableStockRemaining,
      });
      break;
    case 'hold_expired':
    case 'hold_released': {
      const write = event.kind === 'hold_expired' ? logEvents.holdExpired : logEvents.holdReleased;
      const { id, productId, quantity } = event.hold;
      write(log, { holdId: id, productId, quantity });
      break;
    }
    case 'order_created': {
      const { id, holdId, totalMinor, currency } = event.order;
      logEvents.orderCreated(log, { orderId: id, holdId, total: toDecimal(totalMinor, currency) });
      break;
    }
    case 'order_expired':
      logEvents.orderExpired(log, { orderId: event.order.id, holdId: event.order.holdId });
      break;
    case 'order_cancelled':
      logEvents.orderCancelled(log, { orderId: event.order.id, holdId: event.order.holdId });
      break;
    case 'order_failed':
      logEvents.orderFailed(log, { orderId: event.order.id, holdId: event.order.holdId });
      break;
    case 'payment_refused': {
      const { id, holdId, productId, totalMinor, currency } = event.order;
      logEvents.paymentRefused(log, {
        orderId: id,
        holdId,
        productId,
        total: toDecimal(totalMinor, currency),
        currency,
        provider: event.provider,
        reason: event.reason,
      });
      break;
    }
    case 'payment_event_processed':
      logEvents.webhookProcessed(log, {
        idempotencyKey: event.event.key,
        orderId: event.answer.orderId,
        status: event.answer.orderStatus,
        stockDeducted: event.answer.stockDeducted,
      });
      break;
    case 'payment_event_duplicate':
      logEvents.duplicateWebhookDetected(log, { idempotencyKey: event.key });
      break;
    case 'payment_event_parked':
      logEvents.paymentEventParked(log, idsOf(event.event));
      break;
    case 'payment_event_unmatched':
      logEvents.paymentEventUnmatched(log, idsOf(event.event));
      break;
    case 'possible_second_payment':
      logEvents.possibleSecondPayment(log, idsOf(event.event));
      break;
    case 'order_paid':
      break; // the line of its payment event, or of the operator's decision, has it
    case 'operator_decided':
      logEvents.operatorDecided(log, decisionFields(event.decision));
      break;
    case 'refund_due':
      logEvents.refundDue(log, fieldsOf(event.refund));
      break;
    case 'refund_succeeded':
      logEvents.refundSettled(log, fieldsOf(event.refund));
      break;
    case 'refund_reopened':
      logEvents.refundReopened(log, { ...fieldsOf(event.refund), error: event.refund.lastError });
      break;
    case 'returned_money_came_back':
      logEvents.returnedMoneyCameBack(log, fieldsOf(event.refund));
      break;
    case 'dispute_opened':
    case 'dispute_won':
    case 'dispute_lost':
      logEvents.disputeChanged(log, disputeFields(event.dispute));
      break;
    case 'refund_postponed':
      logEvents.refundPostponed(log, { ...fieldsOf(event.refund), error: event.refund.lastError });
      break;
  }
}

function decisionFields({ choice, eventKey, orderId, amountMinor, currency, reason }: OperatorDecision) {
  const amount = amountMinor === null || currency === null ? null : toDecimal(amountMinor, currency);
  return { decision: choice, idempotencyKey: eventKey, orderId, amount, currency, reason };
}

function disputeFields({ id, orderId, holdId, amountMinor, currency, status }: Dispute) {
  return { disputeId: id, orderId, holdId, amount: toDecimal(amountMinor, currency), currency, status };
}

function idsOf({ key, orderId, holdId }: PaymentEvent) {
  return { idempotencyKey: key, orderId, holdId };
}

function fieldsOf({ id, orderId, holdId, amountMinor, currency, reason }: Refund) {
  return { refundId: id, orderId, holdId, amount: toDecimal(amountMinor, currency), currency, reason };
}
