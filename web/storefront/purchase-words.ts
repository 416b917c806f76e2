import type { Order, RefundReason } from '../../src/client/checkout-client.ts';
import { moneyText } from '../number-text.ts';
import type { Item, Ordered, Purchase } from './purchase.ts';
import { refusalWords, type Words } from './refusals.ts';
import { clockTime } from './time-text.ts';

const stillTrying = 'No answer yet. We keep trying, and you will not get two.';

/** `2 × Phone`, not to be broken at the sign. */
export function itemText({ quantity, name }: Item): string {
  return `${quantity}\u00a0×\u00a0${name}`;
}

/** What it costs: as ordered, or before that as the page showed it. */
export function costText(purchase: Exclude<Purchase, { kind: 'none' }>): string {
  if (purchase.kind === 'ordered') {
    return moneyText(purchase.order.total, purchase.order.currency);
  }
  const { price, quantity, currency } = purchase.item;
  // Prices have few enough digits for this to be exact when it is rounded to them.
  return moneyText(price * quantity, currency);
}

/** What is the matter and what it means for the buyer, in each state. */
export function wordsOf(purchase: Purchase): Words {
  switch (purchase.kind) {
    case 'none':
      return { title: 'Nothing is held for you yet', sentence: '' };
    case 'restoring':
      return {
        title: 'Looking for your purchase…',
        sentence: purchase.isSlow
          ? 'No answer yet. We keep asking; what is yours stays yours.'
          : 'We ask the shop how far it is.',
      };
    case 'asking':
      return {
        title: 'Holding it for you…',
        sentence: purchase.isSlow ? stillTrying : 'Nothing is charged for a hold.',
      };
    case 'refused':
      return refusalWords(purchase.refusal);
    case 'held':
      return heldWords(purchase);
    case 'hold_ended':
      return purchase.how === 'expired'
        ? {
            title: 'Your time ran out',
            sentence: 'The hold has ended and its units are on sale again. Nothing was charged.',
          }
        : { title: 'You gave it back', sentence: 'Others can have it now. Nothing was charged.' };
    case 'ordered':
      return orderedWords(purchase);
  }
}

function heldWords(purchase: Extract<Purchase, { kind: 'held' }>): Words {
  const { doing, isSlow, refusal, item, expiresAt } = purchase;
  if (doing === 'looking') {
    return { title: 'Your time is up', sentence: isSlow ? 'No answer yet. We keep asking.' : 'One moment…' };
  }
  return {
    title: item.quantity === 1 ? 'It is held for you' : 'They are held for you',
    sentence:
      doing !== null && isSlow
        ? stillTrying
        : refusal !== null
          ? inShort(refusalWords(refusal))
          : `Nobody else can have ${item.quantity === 1 ? 'it' : 'them'} until ${clockTime(expiresAt)}. Order before then.`,
  };
}

function orderedWords(purchase: Ordered): Words {
  const { order, item } = purchase;
  const due = clockTime(order.payment_due_at);
  switch (order.status) {
    case 'pending':
      return pendingWords(purchase, due);
    case 'paid':
      return {
        title: 'Thank you, it is yours!',
        sentence: `You have paid ${moneyText(order.total, order.currency)} for ${itemText(item)}.`,
      };
    case 'failed':
      return {
        title: 'The payment failed',
        sentence: 'You were not charged, and the units are on sale again. You can start again.',
      };
    case 'expired':
      return {
        title: 'The time to pay ran out',
        sentence:
          purchase.sent === 'delay'
            ? 'If your payment still comes, you get what you ordered as long as it is left, or all of your money back.'
            : `It had to be paid by ${due}. The units are on sale again, and nothing was charged.`,
      };
    case 'cancelled':
      return {
        title: 'Your order is cancelled',
        sentence: 'The units are on sale again, and nothing was charged.',
      };
    case 'refund_due':
      return {
        title: 'Your money goes back to you',
        sentence: `Your payment came after the order had ended, and the units had gone to others. All of it goes back: ${refundSum(order)}.`,
      };
    case 'refunded':
      return { title: 'Your money is back', sentence: refundedSentence(order) };
  }
}

function pendingWords({ doing, sent, isSlow, refusal }: Ordered, due: string): Words {
  if (doing === 'cancelling') {
    return { title: 'Cancelling…', sentence: isSlow ? 'No answer yet. We keep trying.' : 'One moment…' };
  }
  if (doing === 'paying' || sent === 'succeed' || sent === 'fail') {
    return {
      title: 'Your payment is on its way',
      sentence: isSlow
        ? 'No answer yet. Please wait: you will not pay twice.'
        : 'We wait for its confirmation. You can also come back later, your order stays here.',
    };
  }
  if (refusal !== null) {
    return { title: 'Ordered. Now pay', sentence: inShort(refusalWords(refusal)) };
  }
  return {
    title: 'Ordered. Now pay',
    sentence:
      sent === 'delay'
        ? `The payment will come a second after ${due}, too late.`
        : `It is kept for you until ${due}. Pay before then.`,
  };
}

function inShort({ title, sentence }: Words): string {
  return `${title}. ${sentence}`;
}

/** A refund's amount may contain what the bank returned, so the two are not added up. */
function refundedSentence(order: Order): string {
  const { disputes = [], currency } = order;
  const lost = disputes.filter(({ status }) => status === 'lost');
  if (lost.length === 0) {
    return `We have sent back all of it: ${refundSum(order)}.`;
  }
  const sum = lost.reduce((all, { amount }) => all + amount, 0);
  return `You have all of it back. Your bank has returned ${moneyText(sum, currency)} to you.`;
}

function refundSum({ refunds, total, currency }: Order): string {
  const sum = refunds.reduce((all, { amount }) => all + amount, 0);
  return moneyText(sum > 0 ? sum : total, currency);
}

const refundReasons: Readonly<Record<RefundReason, string>> = {
  late_payment: 'it came too late',
  amount_mismatch: 'it was not the amount of the order',
  second_payment: 'the order was paid already',
  hold_ended: 'the hold had ended',
  requested: 'the shop returns it',
  returned: 'it was returned',
  returned_in_part: 'a part of it was returned',
};

/** One line for each payment that goes back, for orders whose state does not say so itself. */
export function refundLines({ status, refunds }: Order): readonly string[] {
  if (status === 'refund_due' || status === 'refunded') {
    return [];
  }
  return refunds.map(({ amount, currency, reason, status: refundStatus, returned }) => {
    const how = refundStatus === 'due' ? 'goes back to you' : 'has gone back to you';
    const line = `${moneyText(amount, currency)} ${how}: ${refundReasons[reason]}.`;
    return refundStatus === 'due' && returned !== undefined
      ? `${line} You already have ${moneyText(returned, currency)} of it.`
      : line;
  });
}

/** One line for each claim of the buyer's bank, for orders whose state does not say so itself. */
export function disputeLines({ status, disputes = [] }: Order): readonly string[] {
  return status === 'refunded'
    ? []
    : disputes.map((dispute) => disputeLine(moneyText(dispute.amount, dispute.currency), dispute.status));
}

function disputeLine(money: string, status: 'open' | 'won' | 'lost'): string {
  switch (status) {
    case 'open':
      return `Your bank claims ${money} back from us. The claim is not decided yet.`;
    case 'won':
      return `Your bank has dropped its claim for ${money}. Your payment stands.`;
    case 'lost':
      return `Your bank has returned ${money} to you.`;
  }
}

export const steps = ['Hold', 'Order', 'Pay'] as const;

/** Which step is the buyer's next: its place among `steps`, their number when all are done, null when the purchase has ended. */
export function stepOf(purchase: Purchase): number | null {
  switch (purchase.kind) {
    case 'asking':
      return 0;
    case 'held':
      return 1;
    case 'ordered':
      return purchase.order.status === 'pending' ? 2 : purchase.order.status === 'paid' ? steps.length : null;
    default:
      return null;
  }
}

/** Names what is shown: another name is another view, with other buttons. */
export function viewOf(purchase: Purchase): string {
  switch (purchase.kind) {
    case 'held':
      return purchase.doing === 'looking' ? 'over' : 'held';
    case 'ordered':
      return purchase.order.status === 'pending'
        ? purchase.sent === 'succeed' || purchase.sent === 'fail'
          ? 'confirming'
          : 'pending'
        : purchase.order.status;
    case 'hold_ended':
      return purchase.how;
    default:
      return purchase.kind;
  }
}
