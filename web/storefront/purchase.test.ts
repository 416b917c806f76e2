import { describe, expect, it } from 'vitest';
import type { Hold, Order } from '../../src/client/checkout-client.ts';
import {
  deadlineOf,
  type Item,
  isUnderWay,
  nextPurchase,
  noPurchase,
  type Purchase,
  type PurchaseEvent,
} from './purchase.ts';
import { viewOf } from './purchase-words.ts';
import type { Refusal } from './refusals.ts';

const item: Item = { productId: 1, name: 'Phone', price: 1199.99, currency: 'USD', quantity: 2 };
const refusal: Refusal = { code: 'overloaded', problem: null, retryAtMs: null, atMs: 0 };
const hold: Hold = {
  hold_id: 7,
  expires_at: '2026-11-27T09:02:00Z',
  product_id: 1,
  quantity: 2,
  status: 'held',
  order_id: null,
};
const released: Hold = { ...hold, status: 'released' };
const order: Order = {
  order_id: 9,
  hold_id: 7,
  product_id: 1,
  quantity: 2,
  total: 2399.98,
  currency: 'USD',
  status: 'pending',
  payment_due_at: '2026-11-27T09:12:00Z',
  payment: { provider: 'simulated', client_secret: 'sim_7_secret' },
  refunds: [],
};
const idle = { doing: null, isSlow: false, refusal: null };

const states = {
  none: noPurchase,
  restoring: { kind: 'restoring', item, isSlow: false },
  asking: { kind: 'asking', item, key: 'k', isSlow: false },
  refused: { kind: 'refused', item, key: 'k', refusal },
  held: { kind: 'held', item, holdId: 7, expiresAt: hold.expires_at, ...idle },
  ordering: { kind: 'held', item, holdId: 7, expiresAt: hold.expires_at, ...idle, doing: 'ordering' },
  looking: { kind: 'held', item, holdId: 7, expiresAt: hold.expires_at, ...idle, doing: 'looking' },
  expired: { kind: 'hold_ended', item, how: 'expired' },
  pending: { kind: 'ordered', item, order, ...idle, sent: null },
  paying: { kind: 'ordered', item, order, ...idle, sent: null, doing: 'paying' },
  paid: { kind: 'ordered', item, order: { ...order, status: 'paid' }, ...idle, sent: null },
  failed: { kind: 'ordered', item, order: { ...order, status: 'failed' }, ...idle, sent: null },
} as const satisfies Record<string, Purchase>;

const events = {
  restoring: { type: 'restoring', item },
  hold_wanted: { type: 'hold_wanted', item, key: 'new' },
  order_wanted: { type: 'order_wanted' },
  give_back_wanted: { type: 'give_back_wanted' },
  payment_wanted: { type: 'payment_wanted' },
  cancel_wanted: { type: 'cancel_wanted' },
  closed: { type: 'closed' },
  deadline_came: { type: 'deadline_came' },
  no_answer_yet: { type: 'no_answer_yet' },
  held: { type: 'hold_answered', hold },
  released: { type: 'hold_answered', hold: released },
  given_back: { type: 'given_back' },
  payment_sent: { type: 'payment_sent', action: 'succeed' },
  pending: { type: 'order_answered', order },
  paid: { type: 'order_answered', order: { ...order, status: 'paid' } },
  refused: { type: 'refused', refusal },
} as const satisfies Record<string, PurchaseEvent>;

/** What each event makes of each state: the view it leads to, with what is being done; `·` is no change at all. */
const table: Readonly<Record<keyof typeof states, Partial<Record<keyof typeof events, string>>>> = {
  none: { restoring: 'restoring', hold_wanted: 'asking' },
  restoring: {
    closed: 'none',
    no_answer_yet: 'restoring slow',
    held: 'held',
    released: 'expired',
    pending: 'pending',
    paid: 'paid',
    refused: 'none',
  },
  asking: {
    closed: 'none',
    no_answer_yet: 'asking slow',
    held: 'held',
    released: 'expired',
    pending: 'pending',
    paid: 'paid',
    refused: 'refused',
  },
  refused: { restoring: 'restoring', hold_wanted: 'asking', closed: 'none' },
  held: {
    closed: 'none',
    order_wanted: 'held ordering',
    give_back_wanted: 'held giving_back',
    deadline_came: 'over looking',
    released: 'expired',
    given_back: 'given_back',
    pending: 'pending',
    paid: 'paid',
    refused: 'held refusal',
  },
  ordering: {
    closed: 'none',
    no_answer_yet: 'held ordering slow',
    released: 'expired',
    given_back: 'given_back',
    pending: 'pending',
    paid: 'paid',
    refused: 'held refusal',
  },
  looking: {
    closed: 'none',
    no_answer_yet: 'over looking slow',
    released: 'expired',
    given_back: 'given_back',
    pending: 'pending',
    paid: 'paid',
    refused: 'held refusal',
  },
  expired: { restoring: 'restoring', hold_wanted: 'asking', closed: 'none' },
  pending: {
    closed: 'none',
    payment_wanted: 'pending paying',
    cancel_wanted: 'pending cancelling',
    payment_sent: 'confirming',
    pending: 'pending',
    paid: 'paid',
    refused: 'pending refusal',
  },
  paying: {
    closed: 'none',
    no_answer_yet: 'pending paying slow',
    payment_sent: 'confirming',
    pending: 'pending paying',
    paid: 'paid',
    refused: 'pending refusal',
  },
  paid: {
    restoring: 'restoring',
    hold_wanted: 'asking',
    closed: 'none',
    pending: 'pending',
    paid: 'paid',
  },
  failed: {
    restoring: 'restoring',
    hold_wanted: 'asking',
    closed: 'none',
    pending: 'pending',
    paid: 'paid',
  },
};

function summary(purchase: Purchase): string {
  const parts = [viewOf(purchase)];
  if ('doing' in purchase && purchase.doing !== null) {
    parts.push(purchase.doing);
  }
  if ('isSlow' in purchase && purchase.isSlow) {
    parts.push('slow');
  }
  if (purchase.kind !== 'refused' && 'refusal' in purchase && purchase.refusal !== null) {
    parts.push('refusal');
  }
  return parts.join(' ');
}

describe.each(Object.entries(states))('a purchase that is %s', (state, purchase) => {
  it.each(Object.entries(events))('goes on after %s as the table says', (name, event) => {
    const next = nextPurchase(purchase, event);
    const expected = table[state as keyof typeof states][name as keyof typeof events] ?? '·';
    expect(next === purchase ? '·' : summary(next)).toBe(expected);
  });
});

describe('a hold', () => {
  const held: Purchase = states.held;

  it('that was let go before its time was given back, in another tab for example', () => {
    const early = { ...released, expires_at: '2026-11-27T09:01:00Z' };
    expect(nextPurchase(held, { type: 'hold_answered', hold: early })).toMatchObject({ how: 'given_back' });
  });

  it.each([
    ['hold_expired', 'expired'],
    ['hold_not_found', 'expired'],
    ['hold_released', 'given_back'],
  ] as const)('that is refused as %s has ended', (code, how) => {
    const next = nextPurchase(held, { type: 'refused', refusal: { ...refusal, code } });
    expect(next).toMatchObject({ kind: 'hold_ended', how });
  });

  it('keeps its own quantity, which is what counts', () => {
    const next = nextPurchase(states.asking, { type: 'hold_answered', hold: { ...hold, quantity: 1 } });
    expect(next).toMatchObject({ kind: 'held', holdId: 7, item: { quantity: 1, name: 'Phone' } });
  });
});

describe('a payment', () => {
  it('is still on its way when the order is seen pending once more', () => {
    const sent = nextPurchase(states.paying, { type: 'payment_sent', action: 'succeed' });
    expect(nextPurchase(sent, events.pending)).toMatchObject({ sent: 'succeed', doing: null });
  });

  it('that comes late is remembered when its order has expired', () => {
    const sent = nextPurchase(states.paying, { type: 'payment_sent', action: 'delay' });
    const expired = { ...order, status: 'expired' } as const;
    expect(nextPurchase(sent, { type: 'order_answered', order: expired })).toMatchObject({ sent: 'delay' });
  });
});

describe('what runs out', () => {
  it.each([
    ['none', null, false],
    ['restoring', null, true],
    ['asking', null, true],
    ['refused', null, false],
    ['held', '2026-11-27T09:02:00Z', true],
    ['expired', null, false],
    ['pending', '2026-11-27T09:12:00Z', true],
    ['paid', null, false],
  ] as const)('%s: deadline %s, under way %s', (state, deadline, underWay) => {
    expect([deadlineOf(states[state]), isUnderWay(states[state])]).toEqual([deadline, underWay]);
  });
});
