import { sql } from 'kysely';
import type { ColumnTypes } from '../dialects/dialect.ts';
import type { SchemaSteps } from './migrations.ts';

/**
 * Payments that providers are asked for, refunds that are sent to them, and events for others. The version before this one writes
 * refunds without the new columns: each has a default or may be empty.
 */
export function paymentsAndEvents(types: ColumnTypes): SchemaSteps {
  return (schema) => [
    schema
      .alterTable('refunds')
      .addColumn('attempts', types.integer, (column) => column.notNull().defaultTo(0)),
    schema.alterTable('refunds').addColumn('next_attempt_at', types.farInstant),
    schema.alterTable('refunds').addColumn('first_sent_at', types.farInstant),
    schema.alterTable('refunds').addColumn('provider_reference', types.key),
    schema.alterTable('refunds').addColumn('last_error', types.text),

    schema
      .createTable('payment_intents')
      .addColumn('order_id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('hold_id', types.id, (column) => column.notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('provider', types.word, (column) => column.notNull())
      .addColumn('reference', types.key, (column) => column.notNull())
      .addColumn('client_secret', types.text, (column) => column.notNull())
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addUniqueConstraint('payment_intents_reference', ['reference', 'provider'])
      .addForeignKeyConstraint('payment_intents_order_exists', ['order_id'], 'orders', ['id'])
      .addCheckConstraint('payment_intents_status', sql`status in ('open', 'closed')`),
    schema.createIndex('payment_intents_open').on('payment_intents').columns(['status', 'created_at']),

    schema
      .createTable('outgoing_events')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('type', types.word, (column) => column.notNull())
      .addColumn('product_id', types.id)
      .addColumn('order_id', types.id)
      .addColumn('hold_id', types.id)
      .addColumn('product_version', types.id, (column) => column.notNull())
      .addColumn('position', types.integer, (column) => column.notNull())
      .addColumn('data', types.longText, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull()),
    schema.createIndex('outgoing_events_created').on('outgoing_events').columns(['created_at', 'id']),
    schema.createIndex('outgoing_events_order').on('outgoing_events').columns(['order_id', 'created_at']),
    schema.createIndex('outgoing_events_product').on('outgoing_events').columns(['product_id', 'created_at']),

    schema
      .createTable('deliveries')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('event_id', types.id, (column) => column.notNull())
      .addColumn('endpoint', types.key, (column) => column.notNull())
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('attempts', types.integer, (column) => column.notNull())
      .addColumn('next_attempt_at', types.instant, (column) => column.notNull())
      .addColumn('last_error', types.text)
      .addColumn('chain', types.id)
      .addColumn('product_version', types.id, (column) => column.notNull())
      .addColumn('position', types.integer, (column) => column.notNull())
      .addUniqueConstraint('deliveries_event', ['event_id', 'endpoint'])
      .addForeignKeyConstraint('deliveries_event_exists', ['event_id'], 'outgoing_events', ['id'])
      .addCheckConstraint('deliveries_status', sql`status in ('pending', 'delivered', 'dead')`),
    schema.createIndex('deliveries_due').on('deliveries').columns(['endpoint', 'status', 'next_attempt_at']),
    schema
      .createIndex('deliveries_first')
      .on('deliveries')
      .columns(['endpoint', 'status', 'chain', 'product_version', 'position']),

    schema
      .createTable('event_endpoints')
      .addColumn('endpoint', types.key, (column) => column.primaryKey().notNull())
      .addColumn('leased_by', types.key)
      .addColumn('leased_until', types.farInstant)
      .addColumn('switched_off_at', types.farInstant)
      .addColumn('reason', types.text),
  ];
}
