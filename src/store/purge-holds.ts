import type { Kysely } from 'kysely';
import type { SqlDialect } from './dialects/dialect.ts';
import type { PurgeBefore, Purged } from './purge.ts';
import type { SqlInstant, Tables } from './tables.ts';

/** The last row that a round has read. */
type Position = { readonly expiresAt: SqlInstant; readonly id: number };

/**
 * Deletes released holds, with their cancelled or expired orders. The deadline of a hold is moved to its end, so it is the end of both. A hold stays when it has a payment event of any kind, a payment, a refund, or a
 * payment intent that may still be paid.
 *
 * Each round reads a bounded number of rows, and the next round goes on behind them. Otherwise every round would read all rows that stay:
 * 100,000 failed orders in 1.3 s, in which the embedded database sells nothing. After the last row the next round begins with the first.
 */
export function purgeHoldsOf(
  dialect: SqlDialect,
): (before: PurgeBefore, limit: number) => Promise<Omit<Purged, 'facts'>> {
  let position: Position | null = null;
  return async (before, limit) => {
    const seen = await released(dialect, before, position, limit);
    const last = seen.at(-1);
    position = last === undefined || seen.length < limit ? null : { expiresAt: last.expires_at, id: last.id };
    const candidates =
      last === undefined
        ? []
        : await forgotten(
            dialect,
            dialect.reader,
            before,
            seen.map(({ id }) => id),
          );
    const deleted = candidates.length === 0 ? 0 : await purgeHolds(dialect, before, candidates);
    return { deleted, isDone: position === null || deleted === 0 };
  };
}

/** In the order of the index on `expires_at, consumed`: the index skips sold units without reading their rows. */
function released(
  { codec, reader }: SqlDialect,
  { releasedHoldsMs }: PurgeBefore,
  position: Position | null,
  limit: number,
): Promise<readonly { id: number; expires_at: SqlInstant }[]> {
  return reader
    .selectFrom('holds')
    .select(['id', 'expires_at'])
    .where('expires_at', '<', codec.encodeInstant(releasedHoldsMs))
    .where('consumed', '=', codec.encodeBoolean(false))
    .where('status', '=', 'released')
    .$if(position !== null, (query) => {
      const { expiresAt, id } = position as Position;
      return query
        .where('expires_at', '>=', expiresAt)
        .where((where) => where.or([where('expires_at', '>', expiresAt), where('id', '>', id)]));
    })
    .orderBy('expires_at')
    .orderBy('consumed')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Those of these holds that may be deleted. By joins: for `not exists` MariaDB first builds a table of all payment events. */
function forgotten(
  { codec, among }: SqlDialect,
  db: Kysely<Tables>,
  { endedOrdersMs }: PurgeBefore,
  ids: readonly number[],
): Promise<readonly { id: number; product_id: number; order_id: number | null }[]> {
  return db
    .selectFrom('holds')
    .leftJoin('orders', 'orders.hold_id', 'holds.id')
    .leftJoin('idempotency_keys as of_hold', 'of_hold.hold_id', 'holds.id')
    .leftJoin('idempotency_keys as of_order', 'of_order.order_id', 'orders.id')
    .leftJoin('payments', 'payments.hold_id', 'holds.id')
    .leftJoin('refunds', 'refunds.hold_id', 'holds.id')
    .leftJoin('payment_intents as intent', (join) =>
      join.onRef('intent.order_id', '=', 'orders.id').on('intent.status', '<>', 'closed'),
    )
    .select(['holds.id', 'holds.product_id', 'orders.id as order_id'])
    .where((where) => among(where.ref('holds.id'), ids))
    .where('holds.status', '=', 'released')
    .where((where) =>
      where.or([
        where('orders.id', 'is', null),
        where.and([
          where('orders.status', 'in', ['cancelled', 'expired']),
          where('holds.expires_at', '<', codec.encodeInstant(endedOrdersMs)),
        ]),
      ]),
    )
    .where('of_hold.id', 'is', null)
    .where('of_order.id', 'is', null)
    .where('payments.name', 'is', null)
    .where('refunds.id', 'is', null)
    .where('intent.order_id', 'is', null)
    .execute();
}

/** Under the locks of their products, so that no payment event is written for a hold at the moment of its deletion. */
function purgeHolds(
  dialect: SqlDialect,
  before: PurgeBefore,
  candidates: readonly { readonly id: number; readonly product_id: number }[],
): Promise<number> {
  const { among } = dialect;
  const productIds = [...new Set(candidates.map((hold) => hold.product_id))];
  const holdIds = candidates.map((hold) => hold.id);
  return dialect.writer.transaction().execute(async (transaction) => {
    const products = transaction
      .selectFrom('products')
      .selectAll()
      .where((where) => among(where.ref('id'), productIds))
      .orderBy('id');
    await dialect.lockRows(products).execute();
    const still = await forgotten(dialect, transaction, before, holdIds);
    const ids = still.map(({ id }) => id);
    const orderIds = still.flatMap(({ order_id }) => (order_id === null ? [] : [order_id]));
    if (orderIds.length > 0) {
      await transaction
        .deleteFrom('payment_intents')
        .where((where) => among(where.ref('order_id'), orderIds))
        .execute();
      await transaction
        .deleteFrom('orders')
        .where((where) => among(where.ref('id'), orderIds))
        .execute();
    }
    await transaction
      .deleteFrom('holds')
      .where((where) => among(where.ref('id'), ids))
      .execute();
    return ids.length;
  });
}
