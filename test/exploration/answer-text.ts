import type { Outcome } from '../../src/domain/outcomes.ts';
import type { PaymentAnswer } from '../../src/domain/payment.ts';

/** What a command came to, in a few words. The same words are what was expected of it, see `expectedAnswer`. */
export function answerText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'refused':
      return outcome.code === 'insufficient_stock'
        ? `insufficient_stock, ${outcome.availableStock} available`
        : outcome.code;
    case 'hold_created':
    case 'order_created':
      return outcome.replayed ? `${outcome.kind}, again` : outcome.kind;
    case 'payment_event_answered':
      return paymentAnswerText(outcome.answer, outcome.replayed);
    case 'parked_event_rechecked':
      return outcome.result ?? 'unknown event';
    default:
      return outcome.kind;
  }
}

export function paymentAnswerText(answer: PaymentAnswer, replayed: boolean): string {
  const text =
    answer.result === 'parked'
      ? 'parked'
      : `${answer.result}, order ${answer.orderStatus}, ${answer.stockDeducted} deducted`;
  return replayed ? `${text}, again` : text;
}
