import type { IncomingPaymentEvent } from '../../src/domain/payment.ts';
import { priceMinor, type Verb } from './verb.ts';

/** One cent less than half of what a unit costs. */
const partMinor = priceMinor / 2 - 1;

type ToldEvent = {
  readonly words: string;
  readonly about: 'order' | 'hold' | 'both';
  readonly status: IncomingPaymentEvent['status'];
  readonly amount: 'right' | 'wrong' | 'part' | 'none';
  readonly reference: string | null;
  /** Of a fact: what the provider calls it, and its time there. */
  readonly factId?: string;
  readonly occurredAtMs?: number;
};

/**
 * What a provider tells. Each has one key for each buyer, so that telling it again is a duplicate. The money is named by the reference:
 * `pays` and `pays for the hold` are two events for one payment.
 */
const toldEvents = {
  pays: { words: 'pays', about: 'order', status: 'paid', amount: 'right', reference: 'pi_1' },
  paysForHold: {
    words: 'pays, told of under the hold',
    about: 'hold',
    status: 'paid',
    amount: 'right',
    reference: 'pi_1',
  },
  paysForBoth: {
    words: 'pays, told of under hold and order',
    about: 'both',
    status: 'paid',
    amount: 'none',
    reference: 'pi_1',
  },
  paysTwice: {
    words: 'pays a second time',
    about: 'order',
    status: 'paid',
    amount: 'right',
    reference: 'pi_2',
  },
  paysTwiceForHold: {
    words: 'pays a second time, told of under the hold',
    about: 'hold',
    status: 'paid',
    amount: 'right',
    reference: 'pi_2',
  },
  paysNamelessly: {
    words: 'pays, and the provider names no reference',
    about: 'order',
    status: 'paid',
    amount: 'none',
    reference: null,
  },
  paysNamelesslyForHold: {
    words: 'pays, told of under the hold and without a reference',
    about: 'hold',
    status: 'paid',
    amount: 'none',
    reference: null,
  },
  paysWrongly: {
    words: 'pays a wrong amount',
    about: 'order',
    status: 'paid',
    amount: 'wrong',
    reference: 'pi_3',
  },
  paysWronglyForHold: {
    words: 'pays a wrong amount, told of under the hold',
    about: 'hold',
    status: 'paid',
    amount: 'wrong',
    reference: 'pi_3',
  },
  fails: { words: 'fails to pay', about: 'order', status: 'failed', amount: 'none', reference: null },
  failsForHold: {
    words: 'fails to pay, told of under the hold',
    about: 'hold',
    status: 'failed',
    amount: 'none',
    reference: null,
  },
  declines: {
    words: 'has a card declined',
    about: 'order',
    status: 'declined',
    amount: 'none',
    reference: 'pi_1',
  },
  hasAllReturned: {
    words: 'gets all of the payment back at the provider',
    about: 'order',
    status: 'refunded',
    amount: 'right',
    reference: 'pi_1',
    occurredAtMs: 2,
  },
  hasPartReturned: {
    words: 'gets a part of the payment back at the provider',
    about: 'order',
    status: 'refunded',
    amount: 'part',
    reference: 'pi_1',
    occurredAtMs: 1,
  },
  refundFails: {
    words: 'learns that the refund of all failed',
    about: 'order',
    status: 'refund_failed',
    amount: 'right',
    reference: 'pi_1',
    factId: 're_1',
    occurredAtMs: 3,
  },
  disputes: {
    words: 'disputes the payment',
    about: 'order',
    status: 'disputed',
    amount: 'right',
    reference: 'pi_1',
    factId: 'dp_1',
    occurredAtMs: 1,
  },
  losesMoney: {
    words: 'takes the money back by the dispute',
    about: 'order',
    status: 'dispute_lost',
    amount: 'right',
    reference: 'pi_1',
    factId: 'dp_1',
    occurredAtMs: 2,
  },
  winsDispute: {
    words: 'gives the disputed money back',
    about: 'order',
    status: 'dispute_won',
    amount: 'right',
    reference: 'pi_1',
    factId: 'dp_1',
    occurredAtMs: 3,
  },
} as const satisfies Readonly<Record<string, ToldEvent>>;

export type ToldName = keyof typeof toldEvents;

/** A provider tells something, for the first time or again. */
export function told(name: ToldName): Verb {
  const { words, about, status, amount, reference, factId, occurredAtMs }: ToldEvent = toldEvents[name];
  return {
    place: 'buyer',
    words: (who) => `${who} ${words}`,
    rank: 0,
    isOurs: false,
    takesUnits: true,
    command: ({ story, names }) => {
      const key = names.text(name);
      // Told again, it says what it said, also when the buyer holds something else by now.
      const before = story.events.find((event) => event.key === key);
      const total = priceMinor * (story.hold?.quantity ?? 1);
      const amountMinor =
        before === undefined
          ? { right: total, wrong: total + 1, part: partMinor, none: null }[amount]
          : before.amountMinor;
      return {
        kind: 'apply_payment_event',
        event: {
          key,
          orderId: about === 'hold' ? null : names.orderId,
          holdId: about === 'order' ? null : names.holdId,
          status,
          amountMinor,
          currency: amountMinor === null ? null : 'USD',
          reference: reference === null ? null : names.text(reference),
          ...(factId === undefined ? {} : { factId: names.text(factId) }),
          ...(occurredAtMs === undefined ? {} : { occurredAtMs }),
        },
      };
    },
  };
}
