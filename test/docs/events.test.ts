import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { OutgoingContent, OutgoingEvent, OutgoingEventType } from '../../src/domain/outgoing-event.ts';
import { eventBodyText } from '../../src/http/event-presenters.ts';
import { aDispute, aHold, anOrder, aProduct, aRefund } from '../support/server-with.ts';

const document = readFileSync('docs/events.md', 'utf8');

const order = { order: anOrder, refunds: [] };
const ended = (status: 'paid' | 'expired' | 'failed' | 'cancelled') => ({
  order: { ...anOrder, status },
  refunds: [],
});
const product = { ...aProduct, held: 50 };

/** What each example in the document is about. Written out as a record, so that the compiler misses none. */
const contents: Readonly<Record<OutgoingEventType, OutgoingContent['data']>> = {
  'order.created': order,
  'order.paid': ended('paid'),
  'order.expired': ended('expired'),
  'order.failed': ended('failed'),
  'order.cancelled': ended('cancelled'),
  'refund.due': aRefund,
  'refund.succeeded': { ...aRefund, status: 'succeeded' },
  'refund.failed': {
    ...aRefund,
    owedMinor: 0,
    amountMinor: 4_000,
    reason: 'returned_in_part',
    status: 'succeeded',
  },
  'dispute.opened': aDispute,
  'dispute.won': { ...aDispute, status: 'won' },
  'dispute.lost': { ...aDispute, status: 'lost' },
  'payment.unmatched': {
    key: 'pay_abc123',
    orderId: anOrder.id,
    holdId: null,
    productId: null,
    status: 'paid',
    amountMinor: 239_998,
    currency: 'USD',
    reference: 'pi_1',
    result: 'unmatched',
    answer: { result: 'parked' },
    receivedAtMs: Date.UTC(2026, 10, 26, 9, 20),
  },
  'product.sold_out': product,
  'product.available_again': { ...product, held: 48 },
};
const types = Object.keys(contents) as readonly OutgoingEventType[];

const examples = [...document.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => text);

it('docs/events.md has one example for each event, and no other', () => {
  expect(examples.map((text) => JSON.parse(text).type)).toEqual(types);
});

it.each(types)('docs/events.md shows of %s what is sent', (type) => {
  const event = {
    type,
    data: contents[type],
    id: 1,
    productId: 1,
    orderId: anOrder.id,
    holdId: aHold.id,
    productVersion: 8,
    position: 0,
    createdAtMs: type === 'order.created' ? anOrder.createdAtMs : Date.UTC(2026, 10, 27, 9, 20),
  } as OutgoingEvent;
  const sent = JSON.parse(eventBodyText(event));
  expect(JSON.parse(examples[types.indexOf(type)] ?? '{}')).toEqual(sent);
});
