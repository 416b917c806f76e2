import { describe, expect, it } from 'vitest';
import { anOrder, aProduct, aRefund } from '../../test/support/server-with.ts';
import type { OutgoingContent, OutgoingEvent } from '../domain/outgoing-event.ts';
import { eventBodyText, webhookIdOf } from './event-presenters.ts';

const eventOf = (content: OutgoingContent): OutgoingEvent => ({
  ...content,
  id: 9_007_199_254_740_991,
  productId: 1,
  orderId: anOrder.id,
  holdId: anOrder.holdId,
  productVersion: 8,
  position: 0,
  createdAtMs: anOrder.createdAtMs,
});
const dataOf = (content: OutgoingContent) => JSON.parse(eventBodyText(eventOf(content))).data;

describe('the body of an event', () => {
  it('has type, timestamp and data as Standard Webhooks recommends, and stays the same', () => {
    const event = eventOf({ type: 'refund.due', data: aRefund });
    const text = eventBodyText(event);
    expect(text).toMatch(/^\{"type":"refund\.due","timestamp":"2026-11-27T09:00:59\.005Z","data":\{/);
    expect(eventBodyText(structuredClone(event))).toBe(text);
  });

  it('says nothing of what a buyer pays with', () => {
    const data = dataOf({ type: 'order.created', data: { order: anOrder, refunds: [] } });
    expect(data).toMatchObject({ order_id: anOrder.id, status: 'pending', refunds: [] });
    expect(data).not.toHaveProperty('payment');
  });

  it('counts the held stock of a product by its row, and does not guess its next deadline', () => {
    const data = dataOf({ type: 'product.sold_out', data: { ...aProduct, held: 50 } });
    expect(data).toMatchObject({ id: 1, stock: 50, held_stock: 50, available_stock: 0 });
    expect(data).not.toHaveProperty('next_release_at');
  });
});

it('an event is known to its receivers by its id', () => {
  expect(webhookIdOf(77)).toBe('evt_77');
});
