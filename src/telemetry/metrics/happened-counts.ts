import type { DomainEvent } from '../../domain/events.ts';
import { Tally } from './tally.ts';

/** What has happened to holds, orders, payments and refunds in the batches of a process since it started. */
export class HappenedCounts {
  readonly #byKind = new Tally<DomainEvent['kind']>([
    'hold_created',
    'hold_expired',
    'hold_released',
    'order_created',
    'order_paid',
    'order_expired',
    'order_cancelled',
    'order_failed',
    'payment_refused',
    'payment_event_processed',
    'payment_event_duplicate',
    'payment_event_parked',
    'payment_event_unmatched',
    'possible_second_payment',
    'refund_due',
    'refund_succeeded',
    'refund_reopened',
    'refund_postponed',
    'returned_money_came_back',
    'dispute_opened',
    'dispute_won',
    'dispute_lost',
  ]);
  /** Payment events that were decided, by the result that their senders were answered. */
  readonly paymentResults = new Tally<string>([
    'processed',
    'ignored',
    'amount_mismatch',
    'refund_due',
    'possible_second_payment',
  ]);

  add(event: DomainEvent): void {
    this.#byKind.add(event.kind);
    if (event.kind === 'payment_event_processed') {
      this.paymentResults.add(event.answer.result);
    }
  }

  of(kind: DomainEvent['kind']): number {
    return this.#byKind.of(kind);
  }
}
