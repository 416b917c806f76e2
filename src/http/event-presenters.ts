import type { OutgoingContent, OutgoingEvent } from '../domain/outgoing-event.ts';
import type { Product } from '../domain/product.ts';
import type { DeliveryOfEvent, EndpointState } from '../store/outbox.ts';
import {
  presentDisputeItem,
  presentOrderItem,
  presentPaymentEvent,
  presentProduct,
  presentRefund,
} from './presenters.ts';
import type { DeliveryItem, EndpointItem, EventItem } from './schemas/events.ts';
import { timeText, timeTextOrNull } from './time-text.ts';

/** What receivers know an event by: the same at each attempt. */
export function webhookIdOf(eventId: number): string {
  return `evt_${eventId}`;
}

/** The body that is sent and signed: as the Standard Webhooks specification recommends, with data as the API's own answers have it. */
export function eventBodyText(event: OutgoingEvent): string {
  return JSON.stringify({
    type: event.type,
    timestamp: timeText(event.createdAtMs),
    data: presentData(event, event.createdAtMs),
  });
}

function presentData(content: OutgoingContent, atMs: number): Record<string, unknown> {
  switch (content.type) {
    case 'order.created':
    case 'order.paid':
    case 'order.expired':
    case 'order.failed':
    case 'order.cancelled': {
      // What the order is paid with is the buyer's alone.
      const { payment: _, ...order } = presentOrderItem(content.data, atMs);
      return order;
    }
    case 'refund.due':
    case 'refund.succeeded':
    case 'refund.failed':
      return presentRefund(content.data);
    case 'dispute.opened':
    case 'dispute.won':
    case 'dispute.lost':
      return presentDisputeItem(content.data);
    case 'payment.unmatched':
      return presentPaymentEvent(content.data);
    case 'product.sold_out':
    case 'product.available_again':
      return presentProductOfEvent(content.data, atMs);
  }
}

/** Held stock is that of the row here, which the event is about; the next deadline is not known to it. */
function presentProductOfEvent(product: Product, atMs: number): Record<string, unknown> {
  const { next_release_at: _, ...shown } = presentProduct({
    ...product,
    asOfMs: atMs,
    heldStock: product.held,
    nextReleaseAtMs: null,
  });
  return shown;
}

export function presentEvent(event: OutgoingEvent): EventItem {
  return {
    event_id: event.id,
    webhook_id: webhookIdOf(event.id),
    type: event.type,
    product_id: event.productId,
    order_id: event.orderId,
    hold_id: event.holdId,
    data: presentData(event, event.createdAtMs),
    created_at: timeText(event.createdAtMs),
  };
}

export function presentDelivery({ delivery, event }: DeliveryOfEvent): DeliveryItem {
  return {
    event_id: event.id,
    webhook_id: webhookIdOf(event.id),
    type: event.type,
    order_id: event.orderId,
    endpoint: delivery.endpoint,
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: delivery.status === 'pending' ? timeText(delivery.nextAttemptAtMs) : null,
    last_error: delivery.lastError,
    created_at: timeText(event.createdAtMs),
  };
}

/** @param configured the ids of the endpoints that this process has in its configuration */
export function presentEndpoint(state: EndpointState, configured: readonly string[]): EndpointItem {
  return {
    endpoint: state.endpoint,
    configured: configured.includes(state.endpoint),
    pending: state.pending,
    dead: state.dead,
    switched_off_at: timeTextOrNull(state.switchedOffAtMs),
    reason: state.reason,
  };
}

/** All endpoints by name, those too that nothing is known of but their configuration. */
export function allEndpoints(
  states: readonly EndpointState[],
  configured: readonly string[],
): readonly EndpointState[] {
  const known = new Set(states.map(({ endpoint }) => endpoint));
  const untouched = configured
    .filter((endpoint) => !known.has(endpoint))
    .map((endpoint) => ({
      endpoint,
      leasedBy: null,
      leasedUntilMs: null,
      switchedOffAtMs: null,
      reason: null,
      pending: 0,
      dead: 0,
    }));
  return [...states, ...untouched].sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1));
}
