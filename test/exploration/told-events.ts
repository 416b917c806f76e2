import type { IncomingPaymentEvent } from '../../src/domain/payment.ts';
import { priceMinor, type Verb } from './verb.ts';

type ToldEvent = {
  readonly words: string;
  readonly about: 'order' | 'hold' | 'both';
  readonly status: IncomingPaymentEvent['status'];
  readonly amount: 'right' | 'wrong' | 'none';
  readonly reference: string | null;
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
} as const satisfies Readonly<Record<string, ToldEvent>>;

export type ToldName = keyof typeof toldEvents;

/** A provider tells something, for the first time or again. */
export function told(name: ToldName): Verb {
  const { words, about, status, amount, reference }: ToldEvent = toldEvents[name];
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
        before === undefined ? { right: total, wrong: total + 1, none: null }[amount] : before.amountMinor;
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
        },
      };
    },
  };
}
