import { describe, expect, it } from 'vitest';
import type { Order, OrderStatus, RefundOfOrder } from '../../src/client/checkout-client.ts';
import { moneyText } from '../number-text.ts';
import type { Item, Purchase } from './purchase.ts';
import { disputeLines, refundLines, stepOf, viewOf, wordsOf } from './purchase-words.ts';

const item: Item = { productId: 1, name: 'Phone', price: 1199.99, currency: 'USD', quantity: 2 };
const idle = { doing: null, isSlow: false, refusal: null };
const held = { kind: 'held', item, holdId: 7, expiresAt: '2026-11-27T09:02:00Z', ...idle } as const;
const order: Order = {
  order_id: 9,
  hold_id: 7,
  product_id: 1,
  quantity: 2,
  total: 2399.98,
  currency: 'USD',
  status: 'pending',
  payment_due_at: '2026-11-27T09:12:00Z',
  payment: null,
  refunds: [],
};
const refund: RefundOfOrder = {
  refund_id: 1,
  amount: 2399.98,
  currency: 'USD',
  status: 'due',
  reason: 'late_payment',
};
const ordered = (status: OrderStatus, more: object = {}): Purchase => ({
  kind: 'ordered',
  item,
  order: { ...order, status },
  sent: null,
  ...idle,
  ...more,
});
const lost = { code: 'no_answer', problem: null, retryAtMs: null, atMs: 0 } as const;

describe('what a buyer reads', () => {
  it.each<[string, Purchase, RegExp]>([
    ['restoring', { kind: 'restoring', item, isSlow: false }, /We ask the shop/],
    ['restoring', { kind: 'restoring', item, isSlow: true }, /No answer yet/],
    ['asking', { kind: 'asking', item, key: 'k', isSlow: false }, /Nothing is charged/],
    ['asking', { kind: 'asking', item, key: 'k', isSlow: true }, /you will not get two/],
    ['held', held, /until .*\. Order before then\.$/],
    ['held', { ...held, doing: 'ordering', isSlow: true }, /you will not get two/],
    ['held', { ...held, refusal: lost }, /safely try again/],
    ['over', { ...held, doing: 'looking' }, /One moment/],
    ['expired', { kind: 'hold_ended', item, how: 'expired' }, /Nothing was charged/],
    ['given_back', { kind: 'hold_ended', item, how: 'given_back' }, /Nothing was charged/],
    ['pending', ordered('pending'), /Pay before then\.$/],
    ['pending', ordered('pending', { doing: 'cancelling' }), /One moment/],
    ['pending', ordered('pending', { doing: 'paying', isSlow: true }), /you will not pay twice/],
    ['pending', ordered('pending', { sent: 'delay' }), /too late/],
    ['pending', ordered('pending', { refusal: lost }), /^No answer yet\. /],
    ['confirming', ordered('pending', { sent: 'succeed' }), /wait for its confirmation/],
    ['paid', ordered('paid'), /^You have paid .*2.399.98.* for 2.×.Phone\.$/],
    ['failed', ordered('failed'), /You were not charged/],
    ['expired', ordered('expired'), /nothing was charged/],
    ['expired', ordered('expired', { sent: 'delay' }), /all of your money back/],
    ['cancelled', ordered('cancelled'), /nothing was charged/],
    ['refund_due', ordered('refund_due'), /All of it goes back: .*2.399.98/],
    ['refunded', ordered('refunded'), /sent back all of it: .*2.399.98/],
  ])('in row %#: %s', (view, purchase, sentence) => {
    const words = wordsOf(purchase);
    expect(viewOf(purchase)).toBe(view);
    expect(words.title).toMatch(/^[A-Z].+[^.]$/);
    expect(words.sentence).toMatch(sentence);
  });

  it.each<[Purchase, number | null]>([
    [{ kind: 'none' }, null],
    [{ kind: 'asking', item, key: 'k', isSlow: false }, 0],
    [held, 1],
    [ordered('pending'), 2],
    [ordered('paid'), 3],
    [ordered('failed'), null],
  ])('is how far the purchase is, in row %#', (purchase, step) => {
    expect(stepOf(purchase)).toBe(step);
  });

  it('names each payment that goes back, where the state of the order does not say so', () => {
    const money = moneyText(2399.98, 'USD');
    const second = { ...refund, reason: 'second_payment', status: 'succeeded' } as const;
    expect(refundLines({ ...order, status: 'paid', refunds: [refund, second] })).toEqual([
      `${money} goes back to you: it came too late.`,
      `${money} has gone back to you: the order was paid already.`,
    ]);
    expect(refundLines({ ...order, status: 'refund_due', refunds: [refund] })).toEqual([]);
  });

  it('names what is left of a refund of which a part came back already', () => {
    const part = { ...refund, reason: 'second_payment', returned: 400 } as const;
    expect(refundLines({ ...order, status: 'paid', refunds: [part] })).toEqual([
      `${moneyText(2399.98, 'USD')} goes back to you: the order was paid already. You already have ${moneyText(400, 'USD')} of it.`,
    ]);
  });

  it('names each claim of the bank, and counts money once that the bank has returned', () => {
    const dispute = { dispute_id: 'dp_1', amount: 40, currency: 'USD' } as const;
    const disputes = (['open', 'won', 'lost'] as const).map((status) => ({ ...dispute, status }));
    expect(disputeLines({ ...order, status: 'paid', disputes })).toEqual([
      'Your bank claims $40.00 back from us. The claim is not decided yet.',
      'Your bank has dropped its claim for $40.00. Your payment stands.',
      'Your bank has returned $40.00 to you.',
    ]);
    expect(disputeLines({ ...order, status: 'paid' })).toEqual([]);

    const lost: Order = { ...order, status: 'refunded', disputes: [{ ...dispute, status: 'lost' }] };
    const paidBack = { ...refund, status: 'succeeded', returned: 40 } as const;
    for (const refunds of [[], [paidBack]]) {
      expect(wordsOf(ordered('refunded', { order: { ...lost, refunds } })).sentence).toBe(
        'You have all of it back. Your bank has returned $40.00 to you.',
      );
    }
    expect(disputeLines(lost)).toEqual([]);
  });
});
