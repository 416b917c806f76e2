import type { Kysely, Updateable } from 'kysely';
import type { Changes } from '../domain/state.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import type { ProductStatements } from './product-statements.ts';
import { type RowMapping, sqlResult } from './rows.ts';
import { StoreError } from './store-error.ts';
import type { Tables } from './tables.ts';
import { updateAlike } from './update-alike.ts';

/**
 * Writes what a batch decided. Parents come before children, so that foreign keys hold at every statement.
 *
 * @throws StoreError `retryable` when a product is not as it was loaded: its lock was lost.
 */
export async function writeChanges(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  rows: RowMapping,
  statements: ProductStatements,
  changes: Changes,
): Promise<void> {
  await dialect.insert(db, 'products', changes.products.inserted.map(rows.productRow));
  for (const product of changes.products.updated) {
    if (!(await statements.update(db, rows.productRow(product)))) {
      throw new StoreError(
        'retryable',
        `product ${product.id} was changed by another transaction while it was locked`,
      );
    }
  }
  await dialect.insert(db, 'stock_changes', changes.stockChanges.map(rows.stockChangeRow));
  await dialect.insert(db, 'holds', changes.holds.inserted.map(rows.holdRow));
  await updateAlike(
    changes.holds.updated.map(rows.holdRow),
    (row) => ({
      status: row.status,
      open: row.open,
      consumed: row.consumed,
      release_reason: row.release_reason ?? null,
      parked: row.parked ?? null,
      expires_at: row.expires_at,
    }),
    (values, ids) => dialect.update(db, 'holds', ids, values),
  );
  await dialect.insert(db, 'orders', changes.orders.inserted.map(rows.orderRow));
  await updateAlike(
    changes.orders.updated,
    (order): Updateable<Tables['orders']> => ({ status: order.status }),
    (values, ids) => dialect.update(db, 'orders', ids, values),
  );
  await dialect.insert(db, 'payments', changes.payments.inserted.map(rows.paymentRow));
  for (const payment of changes.payments.updated) {
    const { name, ...columns } = rows.paymentRow(payment);
    // Two kinds may still change: a flagged one, whose reference may be named under several products' locks, and one whose money goes
    // or comes back under the lock of its own.
    const result = await db
      .updateTable('payments')
      .set(columns)
      .where('name', '=', name)
      .where((where) =>
        where.or([where('settlement', '=', 'flagged'), where('product_id', '=', payment.productId)]),
      )
      .executeTakeFirst();
    if (result.numUpdatedRows !== 1n) {
      throw new StoreError('retryable', `payment ${name} was settled by another transaction`);
    }
  }
  await dialect.insert(db, 'refunds', changes.refunds.inserted.map(rows.refundRow));
  await updateAlike(
    changes.refunds.updated,
    (refund): Updateable<Tables['refunds']> => {
      const { id, payment_name, created_at, ...columns } = rows.refundRow(refund);
      return columns;
    },
    (values, ids) => dialect.update(db, 'refunds', ids, values),
  );
  await dialect.insert(db, 'disputes', changes.disputes.inserted.map(rows.disputeRow));
  for (const dispute of changes.disputes.updated) {
    const { payment_name, dispute_id, created_at, ...columns } = rows.disputeRow(dispute);
    await db
      .updateTable('disputes')
      .set(columns)
      .where('payment_name', '=', payment_name)
      .where('dispute_id', '=', dispute_id)
      .execute();
  }
  await dialect.insert(db, 'payment_intents', changes.paymentIntents.inserted.map(rows.paymentIntentRow));
  for (const { orderId, status } of changes.paymentIntents.updated) {
    await db.updateTable('payment_intents').set({ status }).where('order_id', '=', orderId).execute();
  }
  await dialect.insert(db, 'idempotency_keys', changes.events.inserted.map(rows.eventRow));
  for (const event of changes.events.updated) {
    const result = await db
      .updateTable('idempotency_keys')
      .set({
        order_id: event.orderId,
        hold_id: event.holdId,
        product_id: event.productId,
        result: sqlResult(event),
      })
      .where('idempotency_key', '=', event.key)
      .executeTakeFirst();
    if (result.numUpdatedRows !== 1n) {
      throw new StoreError('retryable', `the event ${event.key} was deleted by another transaction`);
    }
  }
  await dialect.insert(db, 'operator_decisions', changes.operatorDecisions.map(rows.operatorDecisionRow));
  await dialect.insert(db, 'refused_payments', changes.refusedPayments.map(rows.refusedPaymentRow));
  await dialect.insert(db, 'request_keys', changes.requestKeys.map(rows.requestKeyRow));
  await dialect.insert(db, 'outgoing_events', changes.outgoingEvents.map(rows.outgoingEventRow));
  await dialect.insert(db, 'deliveries', changes.deliveries.map(rows.deliveryRow));
}
