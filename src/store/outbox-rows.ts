import type { Insertable, Selectable } from 'kysely';
import type { Delivery, OutgoingEvent } from '../domain/outgoing-event.ts';
import type { Codec } from './dialects/dialect.ts';
import type { DeliveriesTable, OutgoingEventsTable } from './tables.ts';

/** Outgoing events and their deliveries to rows and back. */
export function outboxRowMapping(codec: Codec) {
  return {
    outgoingEvent: (row: Selectable<OutgoingEventsTable>): OutgoingEvent =>
      ({
        id: row.id,
        type: row.type,
        data: JSON.parse(row.data),
        productId: row.product_id,
        orderId: row.order_id,
        holdId: row.hold_id,
        productVersion: row.product_version,
        position: row.position,
        createdAtMs: codec.decodeInstant(row.created_at),
      }) as OutgoingEvent,

    outgoingEventRow: (event: OutgoingEvent): Insertable<OutgoingEventsTable> => ({
      id: event.id,
      type: event.type,
      product_id: event.productId,
      order_id: event.orderId,
      hold_id: event.holdId,
      product_version: event.productVersion,
      position: event.position,
      data: JSON.stringify(event.data),
      created_at: codec.encodeInstant(event.createdAtMs),
    }),

    delivery: (row: Selectable<DeliveriesTable>): Delivery => ({
      id: row.id,
      eventId: row.event_id,
      endpoint: row.endpoint,
      status: row.status,
      attempts: row.attempts,
      nextAttemptAtMs: codec.decodeInstant(row.next_attempt_at),
      lastError: row.last_error,
      chain: row.chain,
      productVersion: row.product_version,
      position: row.position,
    }),

    deliveryRow: (delivery: Delivery): Insertable<DeliveriesTable> => ({
      id: delivery.id,
      event_id: delivery.eventId,
      endpoint: delivery.endpoint,
      status: delivery.status,
      attempts: delivery.attempts,
      next_attempt_at: codec.encodeInstant(delivery.nextAttemptAtMs),
      last_error: delivery.lastError,
      chain: delivery.chain,
      product_version: delivery.productVersion,
      position: delivery.position,
    }),
  };
}
