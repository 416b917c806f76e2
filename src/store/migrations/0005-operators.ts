import { sql } from 'kysely';
import type { ColumnTypes } from '../dialects/dialect.ts';
import type { SchemaSteps } from './migrations.ts';

/**
 * What operators decide about money, and which request stored a key. The version before this one writes keys without the new column, and
 * does not notice the new table. Payments are never deleted, so their decisions stay too. `payment_name` has no foreign key: for an event that needs nothing more there may be no payment.
 */
export function operators(types: ColumnTypes): SchemaSteps {
  return (schema) => [
    schema.alterTable('request_keys').addColumn('receipt_id', types.id),

    schema
      .createTable('operator_decisions')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('choice', types.word, (column) => column.notNull())
      .addColumn('event_key', types.key)
      .addColumn('payment_name', types.paymentName, (column) => column.notNull())
      .addColumn('order_id', types.id)
      .addColumn('hold_id', types.id)
      .addColumn('product_id', types.id)
      .addColumn('amount_minor', types.id)
      .addColumn('currency', types.word)
      .addColumn('restocked', types.integer, (column) => column.notNull())
      .addColumn('reason', types.name, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addUniqueConstraint('operator_decisions_event', ['event_key'])
      .addCheckConstraint('operator_decisions_choice', sql`choice in ('pay', 'refund', 'nothing_due')`),
    schema
      .createIndex('operator_decisions_order')
      .on('operator_decisions')
      .columns(['order_id', 'created_at']),
    schema.createIndex('operator_decisions_created').on('operator_decisions').columns(['created_at', 'id']),
  ];
}
