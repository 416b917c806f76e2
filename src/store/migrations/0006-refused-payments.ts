import type { ColumnTypes } from '../dialects/dialect.ts';
import type { SchemaSteps } from './migrations.ts';

/** Payments that a provider can never take. The version before this one does not notice the new table, and never deletes failed orders. */
export function refusedPayments(types: ColumnTypes): SchemaSteps {
  return (schema) => [
    schema
      .createTable('refused_payments')
      .addColumn('order_id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('hold_id', types.id, (column) => column.notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('provider', types.word, (column) => column.notNull())
      .addColumn('price_minor', types.id, (column) => column.notNull())
      .addColumn('reason', types.text, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addForeignKeyConstraint('refused_payments_order_exists', ['order_id'], 'orders', ['id']),
    schema.createIndex('refused_payments_created').on('refused_payments').column('created_at'),
  ];
}
