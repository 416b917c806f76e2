import type { Command } from '../../src/domain/commands.ts';
import { referenceIn } from '../../src/domain/payment.ts';
import { told } from './told-events.ts';
import type { Verb } from './verb.ts';

/** Who asks again for what there is already has got a new id for it, which is not to be used. */
const unusedIds = 5000;

function holds(quantity: number, productId: number): Verb {
  return {
    place: 'buyer',
    words: (who) => `${who} holds ${quantity === 1 ? 'a unit' : `${quantity} units`} of product ${productId}`,
    rank: 3,
    isOurs: false,
    takesUnits: true,
    productId,
    command: ({ story, names }) => ({
      kind: 'create_hold',
      holdId: story.hold === null ? names.holdId : names.holdId + unusedIds,
      productId,
      quantity,
      idempotencyKey: names.text('hold'),
    }),
  };
}

function buyer(
  words: string,
  rank: Verb['rank'],
  command: Verb['command'],
  more: Partial<Pick<Verb, 'isOurs' | 'takesUnits' | 'isChoosy'>> = {},
): Verb {
  return {
    place: 'buyer',
    words: (who) => `${who} ${words}`,
    rank,
    isOurs: false,
    takesUnits: false,
    command,
    ...more,
  };
}

function product(words: (who: string) => string, isOurs: boolean, command: Verb['command']): Verb {
  return { place: 'product', words, rank: 1, isOurs, takesUnits: true, command };
}

const first = ['first', 'second', 'third'] as const;

function settles(index: number): Verb {
  return {
    ...buyer('', 0, ({ story }) => {
      const refund = story.refunds.filter(({ status }) => status === 'due')[index];
      return refund === undefined ? null : { kind: 'settle_refund', refundId: refund.id };
    }),
    words: (who) => `the ${first[index]} refund due to ${who} goes back`,
    isOurs: true,
    isChoosy: true,
  };
}

function waits(what: 'recheck_parked_event' | 'abandon_parked_event', index: number): Verb {
  const done = what === 'recheck_parked_event' ? 'is looked at again' : 'has waited for too long';
  return {
    ...buyer('', 0, ({ story }) => {
      const event = story.events.filter((row) => row.result === 'parked' && row.productId === null)[index];
      return event === undefined ? null : { kind: what, event };
    }),
    words: (who) => `the ${first[index]} parked event of ${who} ${done}`,
    isOurs: true,
    takesUnits: true,
    isChoosy: true,
  };
}

/** The provider returns all of a flagged payment, because an operator has asked for it there. */
const returnsFlagged: Verb = {
  ...buyer('', 0, ({ story, names }) => {
    const payment = story.payments.find(
      (row) => row.settlement === 'flagged' && referenceIn(row.name) !== null,
    );
    return payment === undefined
      ? null
      : {
          kind: 'apply_payment_event',
          event: {
            key: names.text('returns flagged'),
            orderId: null,
            holdId: null,
            status: 'refunded',
            amountMinor: null,
            currency: null,
            reference: referenceIn(payment.name),
            occurredAtMs: 1,
          },
        };
  }),
  words: (who) => `an operator sends all of ${who}'s flagged payment back at the provider`,
  isOurs: true,
  isChoosy: true,
};

/** Everything that can be done in a world. */
const namedVerbs = {
  holdsOne: holds(1, 1),
  holdsTwo: holds(2, 1),
  holdsOneOfOther: holds(1, 2),
  holdsTwoOfOther: holds(2, 2),
  orders: buyer('orders', 2, ({ story, names }) => ({
    kind: 'create_order',
    orderId: story.order === null ? names.orderId : names.orderId + unusedIds,
    holdId: names.holdId,
    idempotencyKey: names.text('order'),
  })),
  // Only a second time: the id of the first order is the one that events name.
  ordersInOtherTab: buyer(
    'orders again in another tab',
    2,
    ({ story, names }) =>
      story.order === null
        ? null
        : {
            kind: 'create_order',
            orderId: names.orderId + unusedIds,
            holdId: names.holdId,
            idempotencyKey: null,
          },
    { isChoosy: true },
  ),
  releases: buyer('lets the hold go', 1, ({ names }) => ({ kind: 'release_hold', holdId: names.holdId })),
  cancels: buyer('cancels the order', 1, ({ names }) => ({ kind: 'cancel_order', orderId: names.orderId })),
  pays: told('pays'),
  paysForHold: told('paysForHold'),
  paysForBoth: told('paysForBoth'),
  paysTwice: told('paysTwice'),
  paysTwiceForHold: told('paysTwiceForHold'),
  paysNamelessly: told('paysNamelessly'),
  paysNamelesslyForHold: told('paysNamelesslyForHold'),
  paysWrongly: told('paysWrongly'),
  paysWronglyForHold: told('paysWronglyForHold'),
  fails: told('fails'),
  failsForHold: told('failsForHold'),
  declines: told('declines'),
  settlesFirst: settles(0),
  settlesSecond: settles(1),
  settlesThird: settles(2),
  rechecksFirst: waits('recheck_parked_event', 0),
  rechecksSecond: waits('recheck_parked_event', 1),
  abandonsFirst: waits('abandon_parked_event', 0),
  abandonsSecond: waits('abandon_parked_event', 1),
  hasAllReturned: told('hasAllReturned'),
  hasPartReturned: told('hasPartReturned'),
  refundFails: told('refundFails'),
  disputes: told('disputes'),
  losesMoney: told('losesMoney'),
  winsDispute: told('winsDispute'),
  returnsFlagged,
  expiresOne: product(
    (who) => `the worker releases one overdue hold of ${who}`,
    true,
    ({ names }) => ({ kind: 'expire_holds', productId: names.productId, limit: 1 }),
  ),
  expiresAll: product(
    (who) => `the worker releases all overdue holds of ${who}`,
    true,
    ({ names }) => ({ kind: 'expire_holds', productId: names.productId, limit: 100 }),
  ),
  restocks: product(
    (who) => `an operator adds a unit of ${who}`,
    false,
    ({ names }) => stockChange(names.productId, 1),
  ),
  shrinks: product(
    (who) => `an operator takes a unit of ${who} away`,
    false,
    ({ names }) => stockChange(names.productId, -1),
  ),
} as const satisfies Readonly<Record<string, Verb>>;

export type VerbName = keyof typeof namedVerbs;

export const verbs: Readonly<Record<VerbName, Verb>> = namedVerbs;

function stockChange(productId: number, change: number): Command {
  return { kind: 'change_stock', stockChangeId: 1, productId, change, reason: 'counted' };
}
