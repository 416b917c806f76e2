import { sql } from 'kysely';
import type { ColumnTypes } from '../dialects/dialect.ts';
import type { SchemaSteps } from './migrations.ts';

/**
 * Facts about payments in any order of arrival, disputes, refunds that owe the difference, and which delivery stored an event. The version before this one writes rows
 * without the new columns: each may be empty, and `rows.ts` reads what an empty one means.
 */
export function factsAboutPayments(types: ColumnTypes): SchemaSteps {
  return (schema, db) => [
    schema.alterTable('idempotency_keys').addColumn('receipt_id', types.id),
    schema.alterTable('idempotency_keys').addColumn('fact_id', types.key),
    schema.alterTable('idempotency_keys').addColumn('occurred_at', types.farInstant),
    schema.alterTable('payments').addColumn('decision', types.word),
    schema.alterTable('refunds').addColumn('owed_minor', types.id),
    schema.alterTable('refunds').addColumn('returned_minor', types.id),
    schema.alterTable('refunds').addColumn('sent_minor', types.id),
    schema.alterTable('refunds').addColumn('sends', types.text),
    schema.alterTable('refunds').addColumn('looked_up_minor', types.id),
    schema.alterTable('refunds').addColumn('looked_up_at', types.farInstant),
    schema.alterTable('refunds').addColumn('attempt_minor', types.id),
    schema.alterTable('refunds').addColumn('leased_until', types.farInstant),
    schema.alterTable('refunds').addColumn('summed_status', types.word),

    schema
      .createTable('disputes')
      .addColumn('id', types.integer, (column) => column.primaryKey().notNull().modifyEnd(types.countingUp))
      .addColumn('payment_name', types.paymentName, (column) => column.notNull())
      .addColumn('dispute_id', types.paymentName, (column) => column.notNull())
      .addColumn('order_id', types.id)
      .addColumn('hold_id', types.id, (column) => column.notNull())
      .addColumn('product_id', types.id, (column) => column.notNull())
      .addColumn('amount_minor', types.id, (column) => column.notNull())
      .addColumn('currency', types.word, (column) => column.notNull())
      .addColumn('status', types.word, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addUniqueConstraint('disputes_payment', ['payment_name', 'dispute_id'])
      .addForeignKeyConstraint('disputes_payment_exists', ['payment_name'], 'payments', ['name'])
      .addCheckConstraint('disputes_status', sql`status in ('open', 'won', 'lost')`),
    schema.createIndex('disputes_created').on('disputes').columns(['status', 'created_at']),
    schema.createIndex('disputes_order').on('disputes').column('order_id'),
    schema.createIndex('disputes_hold').on('disputes').column('hold_id'),

    // Of a refunded payment only its refund and its order say what it had been decided to be. All others say it by themselves.
    {
      execute: () =>
        sql`update payments set decision = case
          when exists (select 1 from refunds where refunds.payment_name = payments.name
            and refunds.reason not in ('returned', 'returned_in_part')) then 'owed'
          when exists (select 1 from orders where orders.id = payments.order_id and orders.status = 'refunded') then 'fulfilled'
          else 'flagged' end
        where settlement = 'refunded' and decision is null`.execute(db),
    },
  ];
}
