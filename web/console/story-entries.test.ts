import { describe, expect, it } from 'vitest';
import type {
  Decision,
  Delivery,
  Dispute,
  ListedHold,
  ListedOrder,
  ListedPaymentEvent,
  OutgoingEvent,
  Refund,
} from '../../src/client/checkout-client.ts';
import { at } from './sale-samples.ts';
import type { Story } from './story.ts';
import { storyEntries } from './story-entries.ts';

const hold: ListedHold = {
  hold_id: 11,
  product_id: 1,
  quantity: 2,
  status: 'consumed',
  expires_at: at(120),
  created_at: at(0),
  order_id: 22,
};
const order: ListedOrder = {
  order_id: 22,
  hold_id: 11,
  product_id: 1,
  quantity: 2,
  total: 100,
  currency: 'USD',
  status: 'paid',
  payment_due_at: at(600),
  payment: null,
  refunds: [],
  created_at: at(10),
};
const payment: ListedPaymentEvent = {
  idempotency_key: 'evt_1',
  order_id: 22,
  hold_id: 11,
  product_id: 1,
  status: 'paid',
  amount: 100,
  currency: 'USD',
  payment_reference: 'pi_1',
  result: 'processed',
  order_status: 'paid',
  stock_deducted: 2,
  received_at: at(20),
};
const refund: Refund = {
  refund_id: 33,
  order_id: 22,
  hold_id: 11,
  product_id: 1,
  payment: 'ref:pi_2',
  amount: 100,
  currency: 'USD',
  status: 'due',
  reason: 'second_payment',
  created_at: at(30),
};
const event: OutgoingEvent = {
  event_id: 44,
  webhook_id: 'evt_44',
  type: 'order.paid',
  product_id: 1,
  order_id: 22,
  hold_id: 11,
  data: {},
  created_at: at(20),
};
const delivery: Delivery = {
  event_id: 44,
  webhook_id: 'evt_44',
  type: 'order.paid',
  order_id: 22,
  endpoint: 'shop.example-1',
  status: 'delivered',
  attempts: 1,
  next_attempt_at: null,
  last_error: null,
  created_at: at(20),
};
const dispute: Dispute = {
  dispute_id: 'dp_1',
  order_id: 22,
  hold_id: 11,
  product_id: 1,
  payment: 'ref:pi_1',
  amount: 60,
  currency: 'USD',
  status: 'open',
  created_at: at(40),
};
const nothing: Story = {
  hold: null,
  order: null,
  payments: [],
  refunds: [],
  disputes: [],
  decisions: [],
  events: [],
};
const told = (story: Partial<Story>) => storyEntries({ ...nothing, ...story }, 'Phone');

describe('the story of a purchase', () => {
  it('goes from the hold to the last refund, with what others were told after its cause', () => {
    const second = {
      ...payment,
      idempotency_key: 'evt_2',
      result: 'refund_due',
      received_at: at(30),
    } as const;
    const entries = told({
      hold,
      order,
      payments: [second, payment],
      refunds: [refund],
      events: [{ event, deliveries: [delivery] }],
    });
    expect(entries.map(({ kind, title }) => [kind, title])).toEqual([
      ['step', '2 units of Phone held'],
      ['step', 'Ordered for $100.00'],
      ['money', 'Payment event: paid $100.00'],
      ['outside', 'Told others: order.paid'],
      ['trouble', 'Payment event: paid $100.00'],
      ['trouble', 'Refund of $100.00: due'],
    ]);
  });

  it('has a deadline as long as the hold is not consumed', () => {
    const titles = (status: ListedHold['status']) =>
      told({ hold: { ...hold, status } }).map(({ title }) => title);
    expect(titles('held')).toEqual(['2 units of Phone held', 'Deadline of the hold']);
    expect(titles('released')).toEqual(['2 units of Phone held', 'Units free again']);
    expect(titles('consumed')).toEqual(['2 units of Phone held']);
  });

  it.each<[Partial<Delivery>, RegExp, string]>([
    [{}, /^shop\.example-1: delivered, 1 attempt$/, 'outside'],
    [
      { status: 'dead', attempts: 10, last_error: 'answered 500' },
      /given up after 10 attempts, answered 500$/,
      'trouble',
    ],
    [
      { status: 'pending', attempts: 2, next_attempt_at: at(60), last_error: 'answered 500' },
      /on its way, 2 attempts, next .*, answered 500$/,
      'outside',
    ],
  ])('says how far an event has come: %j', (over, words, kind) => {
    const [entry] = told({ events: [{ event, deliveries: [{ ...delivery, ...over }] }] });
    expect(entry?.details[0]).toMatch(words);
    expect(entry?.kind).toBe(kind);
  });

  it('has what operators decided about the order and about a payment event, with the reasons', () => {
    const decision: Decision = {
      decision_id: 55,
      decision: 'refund',
      payment: 'ref:pi_1',
      order_id: 22,
      hold_id: 11,
      product_id: 1,
      amount: 40,
      currency: 'USD',
      restocked: 2,
      reason: 'arrived broken',
      decided_at: at(40),
    };
    const resolved = {
      ...payment,
      result: 'ignored',
      resolution: { decision: 'nothing_due', reason: 'told twice', decided_at: at(50) },
    } as const;
    const entries = told({ payments: [resolved], decisions: [decision] });
    expect(entries.map(({ title }) => title)).toEqual([
      'Payment event: paid $100.00',
      'Operator: refund of $40.00',
    ]);
    expect(entries[0]?.details.at(-1)).toMatch(/^operator, .*: nothing due, told twice$/);
    expect(entries[1]?.details).toEqual(['arrived broken', 'payment pi_1', '2 units put back on the shelf']);
  });

  it('has refunds with what went back by other ways, and disputes', () => {
    const closed = (status: Dispute['status']) => ({ ...dispute, dispute_id: `dp_${status}`, status });
    const entries = told({
      refunds: [{ ...refund, returned: 40 }],
      disputes: [closed('lost'), closed('won'), dispute],
    });
    expect(entries.map(({ kind, title, details }) => [kind, title, ...details])).toEqual([
      [
        'trouble',
        'Refund of $100.00: due',
        'second payment',
        '$40.00 of it went back by other ways',
        'payment pi_2',
        'refund 33',
      ],
      ['trouble', 'Dispute about $60.00: open', 'payment pi_1', 'dispute dp_1'],
      ['money', 'Dispute about $60.00: won', 'payment pi_1', 'dispute dp_won'],
      ['trouble', 'Dispute about $60.00: lost', 'payment pi_1', 'dispute dp_lost'],
    ]);
  });

  it('has events about refunds and disputes, also before their payment', () => {
    const lost = { ...payment, status: 'dispute_lost', amount: 60 } as const;
    const early = { ...lost, idempotency_key: 'evt_0', result: 'parked' } as const;
    expect(told({ payments: [lost, early] }).map(({ title, details }) => [title, details[0]])).toEqual([
      ['Payment event: dispute lost $60.00', 'it waits for its payment'],
      ['Payment event: dispute lost $60.00', 'it took effect'],
    ]);
  });

  it('has money that never found an order', () => {
    const unmatched = { ...payment, order_id: null, hold_id: null, result: 'unmatched' } as const;
    expect(told({ payments: [unmatched] }).map(({ kind, details }) => [kind, details[0]])).toEqual([
      ['trouble', 'its order stayed unknown'],
    ]);
  });
});
