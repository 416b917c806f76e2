import type { Dispute } from './dispute.ts';
import type { Hold } from './hold.ts';
import type { OperatorDecision } from './operator-decision.ts';
import type { Order } from './order.ts';
import type { PaymentAnswer, PaymentEvent } from './payment.ts';
import type { Refund } from './refund.ts';

/** What happened, for logs and metrics. Told only after the commit. */
export type DomainEvent =
  | { readonly kind: 'hold_created'; readonly hold: Hold; readonly availableStockRemaining: number }
  | { readonly kind: 'hold_expired'; readonly hold: Hold }
  | { readonly kind: 'hold_released'; readonly hold: Hold }
  | {
      readonly kind: 'order_created' | 'order_paid' | 'order_expired' | 'order_cancelled' | 'order_failed';
      readonly order: Order;
    }
  | {
      readonly kind: 'payment_event_processed';
      readonly event: PaymentEvent;
      readonly answer: Exclude<PaymentAnswer, { result: 'parked' }>;
    }
  | { readonly kind: 'payment_event_duplicate'; readonly key: string }
  | { readonly kind: 'payment_event_parked'; readonly event: PaymentEvent }
  | { readonly kind: 'payment_event_unmatched'; readonly event: PaymentEvent }
  | { readonly kind: 'possible_second_payment'; readonly event: PaymentEvent }
  /** The order has ended, because its provider can never take its payment. */
  | {
      readonly kind: 'payment_refused';
      readonly order: Order;
      readonly provider: string;
      readonly reason: string;
    }
  | { readonly kind: 'operator_decided'; readonly decision: OperatorDecision }
  | { readonly kind: 'refund_due'; readonly refund: Refund }
  | { readonly kind: 'refund_succeeded'; readonly refund: Refund }
  | { readonly kind: 'refund_reopened'; readonly refund: Refund }
  | { readonly kind: 'refund_postponed'; readonly refund: Refund }
  /** A refund that this service did not send failed after the provider had reported it. */
  | { readonly kind: 'returned_money_came_back'; readonly refund: Refund }
  | { readonly kind: 'dispute_opened' | 'dispute_won' | 'dispute_lost'; readonly dispute: Dispute };
