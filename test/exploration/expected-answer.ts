import type { Command } from '../../src/domain/commands.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { OrderStatus } from '../../src/domain/order.ts';
import { type IncomingPaymentEvent, isFact } from '../../src/domain/payment.ts';
import { goneOf } from '../history/fold-facts.ts';
import { paymentAnswerText } from './answer-text.ts';
import type { Story } from './story.ts';
import { priceMinor } from './verb.ts';

/** What is known before a command, counted from the rows by the exploration itself. */
export type Situation = {
  readonly nowMs: number;
  /** The rows of the buyer that it is about. */
  readonly story: Story;
  /** Units of its product that nobody has an active claim on. */
  readonly available: number;
  readonly parkedUnknown: number;
  readonly parkedUnknownFacts: number;
  readonly parkedMax: number;
};

/**
 * What the contract says that a command by itself has to come to, in the words of `answerText`. It is read off the rows without any rule
 * of the domain. Null where the contract leaves it open.
 */
export function expectedAnswer(command: Command, situation: Situation): string | null {
  const { story, available, nowMs } = situation;
  const { hold, order } = story;
  const isGone = hold !== null && (hold.status === 'released' || isOver(hold, nowMs));
  switch (command.kind) {
    case 'create_hold':
      if (hold !== null) {
        const isSame = hold.quantity === command.quantity && hold.productId === command.productId;
        return isSame ? 'hold_created, again' : 'idempotency_key_reused';
      }
      return available >= command.quantity ? 'hold_created' : `insufficient_stock, ${available} available`;
    case 'create_order':
      if (hold === null) {
        return 'hold_not_found';
      }
      if (order !== null) {
        return command.idempotencyKey === null ? 'hold_already_ordered' : 'order_created, again';
      }
      if (isGone) {
        return hold.releaseReason === 'released' ? 'hold_released' : 'hold_expired';
      }
      return 'order_created';
    case 'release_hold':
      if (hold === null) {
        return 'hold_not_found';
      }
      if (hold.status === 'consumed') {
        return 'hold_consumed';
      }
      return hold.status === 'ordered' && !isGone ? 'hold_already_ordered' : 'hold_let_go';
    case 'cancel_order': {
      if (order === null) {
        return 'order_not_found';
      }
      const status = order.status === 'pending' && isGone ? 'expired' : order.status;
      return status === 'pending' || status === 'cancelled' ? 'order_cancelled' : 'order_not_cancellable';
    }
    case 'change_stock':
      return available + command.change >= 0 ? 'stock_changed' : 'stock_below_held';
    case 'apply_payment_event':
      return expectedOfEvent(command.event, situation);
    default:
      return null;
  }
}

/** Whether the units are still the buyer's, by the rows alone. */
export function isReserved(hold: Hold, nowMs: number): boolean {
  return (hold.status === 'held' || hold.status === 'ordered') && hold.expiresAtMs > nowMs;
}

function isOver(hold: Hold, nowMs: number): boolean {
  return (hold.status === 'held' || hold.status === 'ordered') && hold.expiresAtMs <= nowMs;
}

function expectedOfEvent(event: IncomingPaymentEvent, situation: Situation): string | null {
  const { story, parkedUnknown, parkedUnknownFacts, parkedMax } = situation;
  const known = story.events.find(({ key }) => key === event.key);
  if (known !== undefined) {
    return paymentAnswerText(known.answer, true);
  }
  const isNamed = event.holdId !== null && story.hold !== null;
  if (isFact(event)) {
    if (story.payments.some(({ name }) => name === `ref:${event.reference}`)) {
      return null; // Whether it says anything new is a matter of all facts: the state afterwards is checked.
    }
    return story.order !== null || isNamed || parkedUnknownFacts < parkedMax ? 'parked' : 'overloaded';
  }
  if (story.order === null) {
    if (isNamed && event.orderId !== null) {
      return 'invalid_request';
    }
    if (event.status === 'declined') {
      return 'payment_event_ignored';
    }
    return isNamed || parkedUnknown < parkedMax ? 'parked' : 'overloaded';
  }
  return expectedOfOrder(event, situation, story.order.status);
}

/** The table of payment events, line by line, for an order that is there. */
function expectedOfOrder(
  event: IncomingPaymentEvent,
  { story, available, nowMs }: Situation,
  rowStatus: OrderStatus,
): string {
  const { hold, payments } = story;
  const quantity = hold?.quantity ?? 0;
  const isOverdue = rowStatus === 'pending' && hold !== null && isOver(hold, nowMs);
  const status = isOverdue ? 'expired' : rowStatus;
  const answer = (result: string, after: string, deducted: number) =>
    `${result}, order ${after}, ${deducted} deducted`;
  const name = event.reference === null ? `key:${event.key}` : `ref:${event.reference}`;
  const settled = payments.filter(({ settlement }) => settlement !== 'flagged');
  if (event.status === 'declined' || settled.some((payment) => payment.name === name)) {
    return answer('ignored', status, 0);
  }
  if (event.status === 'failed') {
    return status === 'pending' ? answer('processed', 'failed', 0) : answer('ignored', status, 0);
  }
  if (event.amountMinor !== null && event.amountMinor !== priceMinor * quantity) {
    return answer('amount_mismatch', status, 0);
  }
  const totalMinor = priceMinor * quantity;
  const facts = story.events.filter((fact) => isFact(fact) && fact.reference === event.reference);
  const gone = goneOf(event.reference === null ? [] : facts, totalMinor);
  const isUnpaid =
    status === 'pending' || status === 'failed' || status === 'cancelled' || status === 'expired';
  if (isUnpaid && gone.returnedMinor + gone.lostMinor >= totalMinor) {
    return answer('processed', 'refunded', 0);
  }
  if (status === 'pending') {
    return answer('processed', 'paid', quantity);
  }
  if (status === 'failed' || status === 'cancelled' || status === 'expired') {
    return available >= quantity
      ? answer('processed', 'paid', quantity)
      : answer('refund_due', 'refund_due', 0);
  }
  const isOtherMoney =
    settled.length === 0 ||
    (event.reference !== null && settled.every((payment) => payment.name.startsWith('ref:')));
  return answer(isOtherMoney ? 'refund_due' : 'possible_second_payment', status, 0);
}
