import type { VerbName } from './verbs.ts';

/** A small world to be explored. */
export type World = {
  readonly name: string;
  readonly products: 1 | 2;
  /** Units of each product at the start. */
  readonly stock: number;
  /** Units that an operator may bring it to. */
  readonly stockMax: number;
  readonly buyers: number;
  readonly holdSeconds: number;
  readonly paymentSeconds: number;
  readonly parkedMax: number;
  /** Overdue holds that one batch may release. */
  readonly overdueRowsMax: number;
  /** `last ms`: what happens a millisecond before a whole second is tried too. */
  readonly instants: 'seconds' | 'last ms';
  /** Released holds that nothing hangs on are deleted some day, and their buyers come back. */
  readonly comingBack: boolean;
  /** Batches of two commands, in each order, beside those of one. */
  readonly batches: 'single' | 'pairs';
  readonly verbs: readonly VerbName[];
};

const buying = ['holdsOne', 'orders', 'releases', 'cancels', 'expiresOne', 'expiresAll'] as const;
const settling = ['settlesFirst', 'settlesSecond', 'settlesThird', 'returnsFlagged'] as const;
/** For events that come before what they name. */
const waiting = ['rechecksFirst', 'rechecksSecond', 'abandonsFirst', 'abandonsSecond'] as const;
/** What becomes of a payment at the provider. */
const refunded = ['hasAllReturned', 'hasPartReturned', 'refundFails'] as const;
const disputed = ['disputes', 'losesMoney', 'winsDispute'] as const;
const waitingFacts = ['rechecksFirst', 'rechecksSecond', 'abandonsFirst'] as const;
/** Where each buyer has one payment at most. */
const settlingOne = ['settlesFirst', 'rechecksFirst', 'abandonsFirst'] as const;

const plain = {
  products: 1,
  stock: 1,
  stockMax: 1,
  buyers: 2,
  // Short ones, so that few seconds make every order of deadlines.
  holdSeconds: 1,
  paymentSeconds: 2,
  parkedMax: 2,
  overdueRowsMax: Number.MAX_SAFE_INTEGER,
  instants: 'seconds',
  comingBack: false,
  batches: 'single',
} as const satisfies Partial<World>;

/** Worlds that are explored to the end with the other tests. */
export const smallWorlds: readonly World[] = [
  {
    ...plain,
    name: 'one buyer, paid twice, failed or sent back',
    buyers: 1,
    verbs: [...buying, 'pays', 'paysTwice', 'fails', 'hasAllReturned', ...settling, ...waiting],
  },
  {
    ...plain,
    name: 'one buyer, paid wrongly or without a reference',
    buyers: 1,
    verbs: [...buying, 'pays', 'paysWrongly', 'paysNamelessly', ...settling, ...waiting],
  },
  {
    ...plain,
    name: 'one buyer, paid early',
    buyers: 1,
    verbs: [...buying, 'paysForHold', 'paysTwiceForHold', 'failsForHold', ...settling, ...waiting],
  },
  {
    ...plain,
    name: 'one buyer, refunds before and after the payment',
    buyers: 1,
    verbs: ['holdsOne', 'orders', 'expiresAll', 'pays', ...refunded, 'settlesFirst', ...waitingFacts],
  },
  {
    ...plain,
    name: 'one buyer, a dispute before and after the payment',
    buyers: 1,
    verbs: ['holdsOne', 'orders', 'expiresAll', 'pays', ...disputed, 'settlesFirst', ...waitingFacts],
  },
  {
    ...plain,
    name: 'one buyer, paid early and back before the order',
    buyers: 1,
    parkedMax: 1,
    verbs: [
      ...(['holdsOne', 'orders', 'releases', 'expiresAll', 'paysForHold'] as const),
      ...(['hasAllReturned', 'refundFails', 'settlesFirst', 'rechecksFirst', 'abandonsFirst'] as const),
    ],
  },
  {
    ...plain,
    name: 'the last unit, paid late',
    verbs: ['holdsOne', 'orders', 'cancels', 'expiresAll', 'pays', 'fails', ...settlingOne],
  },
  {
    ...plain,
    name: 'the last unit, paid early',
    parkedMax: 1,
    verbs: ['holdsOne', 'orders', 'releases', 'expiresAll', 'paysForHold', 'failsForHold', ...settlingOne],
  },
  {
    ...plain,
    name: 'stock that changes',
    stockMax: 2,
    verbs: [...buying, 'holdsTwo', 'restocks', 'shrinks', 'pays', ...settlingOne],
  },
  {
    ...plain,
    name: 'two products',
    products: 2,
    verbs: [...buying, 'holdsOneOfOther', 'pays', ...settlingOne],
  },
  {
    ...plain,
    name: 'two tabs, to the millisecond',
    instants: 'last ms',
    verbs: [...buying, 'ordersInOtherTab', 'pays', 'declines', ...settlingOne],
  },
  {
    ...plain,
    name: 'batches of two',
    batches: 'pairs',
    verbs: ['holdsOne', 'orders', 'releases', 'expiresAll', 'paysForHold', 'settlesFirst', 'abandonsFirst'],
  },
];

/** Worlds for `npm run explore`: those that come to an end first, so that their time is left to the others. */
export const largeWorlds: readonly World[] = [
  {
    ...plain,
    name: 'the last unit, its money back and here again',
    parkedMax: 1,
    verbs: ['holdsOne', 'orders', 'expiresAll', 'pays', 'hasAllReturned', 'refundFails', ...settlingOne],
  },
  {
    ...plain,
    name: 'two buyers, paid late and twice',
    verbs: [...buying, 'pays', 'paysTwice', ...settling, ...waiting],
  },
  {
    ...plain,
    name: 'two buyers, money sent back',
    verbs: [...buying, 'pays', 'hasAllReturned', 'hasPartReturned', 'refundFails', ...settlingOne],
  },
  {
    ...plain,
    name: 'two buyers, paid wrongly or without a reference',
    verbs: [
      'holdsOne',
      'orders',
      'expiresAll',
      'paysNamelessly',
      'paysWronglyForHold',
      ...settling,
      ...waiting,
    ],
  },
  {
    ...plain,
    name: 'three buyers, two products of two units',
    products: 2,
    stock: 2,
    stockMax: 2,
    buyers: 3,
    comingBack: true,
    verbs: [...buying, 'holdsOneOfOther', 'holdsTwo', 'holdsTwoOfOther', 'pays', ...settlingOne],
  },
  {
    ...plain,
    name: 'three buyers, stock that changes, one overdue hold at a time',
    stock: 2,
    stockMax: 2,
    buyers: 3,
    overdueRowsMax: 1,
    verbs: [...buying, 'holdsTwo', 'restocks', 'shrinks', 'pays', ...settlingOne],
  },
  {
    ...plain,
    name: 'three buyers, to the millisecond',
    stock: 2,
    stockMax: 2,
    buyers: 3,
    instants: 'last ms',
    comingBack: true,
    verbs: [...buying, 'ordersInOtherTab', 'pays', ...settlingOne],
  },
  {
    ...plain,
    name: 'three buyers, paid early',
    stock: 2,
    stockMax: 2,
    buyers: 3,
    holdSeconds: 2,
    paymentSeconds: 3,
    verbs: ['holdsOne', 'orders', 'releases', 'expiresAll', 'paysForHold', 'failsForHold', ...settlingOne],
  },
];
