import type { Draft } from './draft.ts';
import type { DomainEvent } from './events.ts';
import type { Delivery, OutgoingContent, OutgoingEvent } from './outgoing-event.ts';
import { isFact, type PaymentEvent, rowId } from './payment.ts';
import type { Product } from './product.ts';
import type { Refund } from './refund.ts';
import type { Changes, State } from './state.ts';

type Outgoing = Pick<Changes, 'outgoingEvents' | 'deliveries'>;

const nothing: Outgoing = { outgoingEvents: [], deliveries: [] };

/** What others are told of what happened, null for what only concerns this service. */
export function contentOf(
  event: DomainEvent,
  refundsOf: (orderId: number) => readonly Refund[],
): OutgoingContent | null {
  switch (event.kind) {
    case 'order_created':
    case 'order_paid':
    case 'order_expired':
    case 'order_failed':
    case 'order_cancelled': {
      const data = { order: event.order, refunds: refundsOf(event.order.id) };
      return { type: orderTypes[event.kind], data };
    }
    case 'refund_due':
    case 'refund_reopened':
      return { type: 'refund.due', data: event.refund };
    case 'refund_succeeded':
      return { type: 'refund.succeeded', data: event.refund };
    case 'returned_money_came_back':
      return { type: 'refund.failed', data: event.refund };
    case 'dispute_opened':
      return { type: 'dispute.opened', data: event.dispute };
    case 'dispute_won':
      return { type: 'dispute.won', data: event.dispute };
    case 'dispute_lost':
      return { type: 'dispute.lost', data: event.dispute };
    case 'payment_event_unmatched':
      return mayBeForeign(event.event) ? null : { type: 'payment.unmatched', data: event.event };
    default:
      return null;
  }
}

/** A fact without our ids about an unknown payment: the payment may be one of another shop on the provider's account. */
function mayBeForeign(event: PaymentEvent): boolean {
  return isFact(event) && event.orderId === null && event.holdId === null;
}

const orderTypes = {
  order_created: 'order.created',
  order_paid: 'order.paid',
  order_expired: 'order.expired',
  order_failed: 'order.failed',
  order_cancelled: 'order.cancelled',
} as const;

/**
 * The events that a batch has for others, each with a delivery for each endpoint.
 *
 * @param changes all else that the batch writes: products have their new versions
 */
export function outgoingOf(draft: Draft, state: State, changes: Omit<Changes, keyof Outgoing>): Outgoing {
  const endpoints = draft.rules.eventEndpoints;
  if (endpoints.length === 0) {
    return nothing;
  }
  const { inserted, updated } = changes.products;
  const versions = new Map([...inserted, ...updated].map(({ id, version }) => [id, version]));
  const outgoingEvents = [...draft.told, ...turnsOf(state, updated)].map(
    (content, position): OutgoingEvent => {
      const about = aboutOf(content);
      return {
        ...content,
        id: draft.newId(),
        ...about,
        productVersion: about.productId === null ? 0 : (versions.get(about.productId) ?? 0),
        position,
        createdAtMs: draft.nowMs,
      };
    },
  );
  const deliveries = outgoingEvents.flatMap((event) =>
    endpoints.map(
      (endpoint): Delivery => ({
        id: draft.newId(),
        eventId: event.id,
        endpoint,
        status: 'pending',
        attempts: 0,
        nextAttemptAtMs: event.createdAtMs,
        lastError: null,
        chain: chainOf(event),
        productVersion: event.productVersion,
        position: event.position,
      }),
    ),
  );
  return { outgoingEvents, deliveries };
}

function chainOf({ orderId, productId }: OutgoingEvent): number | null {
  return orderId ?? (productId === null ? null : -productId);
}

/**
 * Products whose last free unit went, or that have free units again, over the whole batch. By the counters of the rows, in which units
 * of overdue holds count until somebody releases them: so each turn shows in one transaction and none has to be remembered.
 */
function turnsOf(state: State, updated: readonly Product[]): OutgoingContent[] {
  return updated.flatMap((product): OutgoingContent[] => {
    const before = state.products.get(product.id);
    const hadUnits = before !== undefined && before.stock > before.held;
    const hasUnits = product.stock > product.held;
    return before === undefined || hadUnits === hasUnits
      ? []
      : [{ type: hasUnits ? 'product.available_again' : 'product.sold_out', data: product }];
  });
}

function aboutOf(content: OutgoingContent): Pick<OutgoingEvent, 'productId' | 'orderId' | 'holdId'> {
  switch (content.type) {
    case 'order.created':
    case 'order.paid':
    case 'order.expired':
    case 'order.failed':
    case 'order.cancelled': {
      const { id, holdId, productId } = content.data.order;
      return { productId, orderId: id, holdId };
    }
    case 'refund.due':
    case 'refund.succeeded':
    case 'refund.failed':
    case 'dispute.opened':
    case 'dispute.won':
    case 'dispute.lost': {
      const { productId, orderId, holdId } = content.data;
      return { productId: rowId(productId), orderId, holdId: rowId(holdId) };
    }
    case 'payment.unmatched': {
      const { productId, orderId, holdId } = content.data;
      return { productId, orderId, holdId };
    }
    case 'product.sold_out':
    case 'product.available_again':
      return { productId: content.data.id, orderId: null, holdId: null };
  }
}
