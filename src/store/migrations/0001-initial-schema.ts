import { sql } from 'kysely';
import type { ColumnTypes } from '../dialects/dialect.ts';
import type { SchemaSteps } from './migrations.ts';

/**
 * The constraints repeat the rules of the domain: whatever a process does wrong, the database does not sell
 * more than there is, keeps one order for each hold, one row for each payment event and one refund for each
 * payment.
 */
export function initialSchema(types: ColumnTypes): SchemaSteps {
  return (schema) => [
    schema
      .createTable('products')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('name', types.name, (column) => column.notNull())
      .addColumn('price_minor', types.id, (column) => column.notNull())
      .addColumn('currency', types.word, (column) => column.notNull())
      .addColumn('stock', types.integer, (column) => column.notNull())
      .addColumn('held', types.integer, (column) => column.notNull())
      .addColumn('version', types.id, (column) => column.notNull())
      .addColumn('opens_at', types.farInstant)
      .addColumn('closes_at', types.farInstant)
      .addCheckConstraint('products_stock', sql`stock >= 0`)
      .addCheckConstraint('products_held', sql`held >= 0 and held <= stock`)
      .addCheckConstraint('products_price', sql`price_minor > 0`),

    schema
      .createTable('stock_changes')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('units', types.integer, (column) => column.notNull())
      .addColumn('reason', types.name, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addForeignKeyConstraint('stock_changes_product_exists', ['product_id'], 'products', ['id']),
    schema.createIndex('stock_changes_product').on('stock_changes').column('product_id'),

    schema
      .createTable('holds')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('quantity', types.integer, (column) => column.notNull())
      .addColumn('price_minor', types.id, (column) => column.notNull())
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('open', types.boolean, (column) => column.notNull())
      .addColumn('consumed', types.boolean, (column) => column.notNull())
      .addColumn('release_reason', types.word)
      .addColumn('parked', types.word)
      .addColumn('expires_at', types.secondInstant, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addForeignKeyConstraint('holds_product_exists', ['product_id'], 'products', ['id'])
      .addCheckConstraint('holds_quantity', sql`quantity > 0`)
      .addCheckConstraint('holds_status', sql`status in ('held', 'ordered', 'consumed', 'released')`)
      .addCheckConstraint('holds_open', sql.raw(`${types.isTrue('open')} = (status in ('held', 'ordered'))`))
      .addCheckConstraint('holds_consumed', sql.raw(`${types.isTrue('consumed')} = (status = 'consumed')`))
      .addCheckConstraint('holds_reason', sql`(release_reason is not null) = (status = 'released')`),
    // Operators look for what runs out; the hot path looks for one product's overdue holds and its next
    // deadline.
    schema.createIndex('holds_expiry').on('holds').columns(['expires_at', 'consumed']),
    schema
      .createIndex('holds_deadlines')
      .on('holds')
      .columns(['product_id', 'open', 'expires_at', 'quantity']),

    schema
      .createTable('orders')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('hold_id', types.id, (column) => column.notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('quantity', types.integer, (column) => column.notNull())
      .addColumn('total_minor', types.id, (column) => column.notNull())
      .addColumn('minor_per_major', types.integer, (column) => column.notNull())
      .addColumn('total', types.decimal, (column) =>
        column.generatedAlwaysAs(types.quotient('total_minor', 'minor_per_major')).stored(),
      )
      .addColumn('currency', types.word, (column) => column.notNull())
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('payment_due_at', types.secondInstant, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addUniqueConstraint('orders_hold', ['hold_id'])
      .addForeignKeyConstraint('orders_hold_exists', ['hold_id'], 'holds', ['id'])
      .addForeignKeyConstraint('orders_product_exists', ['product_id'], 'products', ['id'])
      .addCheckConstraint(
        'orders_status',
        sql`status in ('pending', 'paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded')`,
      ),
    schema.createIndex('orders_created').on('orders').columns(['created_at', 'id']),
    schema.createIndex('orders_product').on('orders').columns(['product_id', 'status']),

    schema
      .createTable('idempotency_keys')
      .addColumn('id', types.integer, (column) => column.primaryKey().notNull().modifyEnd(types.countingUp))
      .addColumn('idempotency_key', types.key, (column) => column.notNull())
      .addColumn('order_id', types.id)
      .addColumn('hold_id', types.id)
      .addColumn('product_id', types.id)
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('amount_minor', types.id)
      .addColumn('currency', types.word)
      .addColumn('payment_reference', types.key)
      .addColumn('result', types.word, (column) => column.notNull())
      .addColumn('answer', types.text, (column) => column.notNull())
      .addColumn('received_at', types.instant, (column) => column.notNull())
      .addUniqueConstraint('idempotency_keys_key', ['idempotency_key']),
    schema.createIndex('idempotency_keys_order').on('idempotency_keys').column('order_id'),
    schema.createIndex('idempotency_keys_hold').on('idempotency_keys').column('hold_id'),
    schema
      .createIndex('idempotency_keys_waiting')
      .on('idempotency_keys')
      .columns(['result', 'product_id', 'received_at']),

    schema
      .createTable('payments')
      .addColumn('name', types.paymentName, (column) => column.primaryKey().notNull())
      .addColumn('order_id', types.id)
      .addColumn('hold_id', types.id, (column) => column.notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('amount_minor', types.id, (column) => column.notNull())
      .addColumn('currency', types.word, (column) => column.notNull())
      .addColumn('settlement', types.word, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addCheckConstraint('payments_settlement', sql`settlement in ('fulfilled', 'refunded', 'flagged')`),
    schema.createIndex('payments_hold').on('payments').column('hold_id'),

    schema
      .createTable('refunds')
      .addColumn('id', types.id, (column) => column.primaryKey().notNull())
      .addColumn('payment_name', types.paymentName, (column) => column.notNull())
      .addColumn('order_id', types.id)
      .addColumn('hold_id', types.id, (column) => column.notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('amount_minor', types.id, (column) => column.notNull())
      .addColumn('currency', types.word, (column) => column.notNull())
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('reason', types.word, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addUniqueConstraint('refunds_payment', ['payment_name'])
      .addForeignKeyConstraint('refunds_payment_exists', ['payment_name'], 'payments', ['name'])
      .addCheckConstraint('refunds_status', sql`status in ('due', 'succeeded')`),
    schema.createIndex('refunds_order').on('refunds').column('order_id'),
    schema.createIndex('refunds_created').on('refunds').columns(['status', 'created_at']),

    schema
      .createTable('request_keys')
      .addColumn('scope', types.word, (column) => column.notNull())
      .addColumn('idempotency_key', types.key, (column) => column.notNull())
      .addColumn('fingerprint', types.word, (column) => column.notNull())
      .addColumn('answer', types.text, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint('request_keys_pk', ['idempotency_key', 'scope']),
    schema.createIndex('request_keys_created').on('request_keys').column('created_at'),
  ];
}
