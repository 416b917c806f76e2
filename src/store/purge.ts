import type { SelectQueryBuilder } from 'kysely';
import type { SqlDialect } from './dialects/dialect.ts';
import type { Tables } from './tables.ts';

/** Rows older than these instants, in ms since 1970, have had their time. */
export type PurgeBefore = {
  readonly releasedHoldsMs: number;
  readonly requestKeysMs: number;
  readonly outgoingEventsMs: number;
};

/** Deletes the oldest rows whose time is over, at most `limit` of each kind. Returns how many went. */
export async function purge(dialect: SqlDialect, before: PurgeBefore, limit: number): Promise<number> {
  return (
    (await purgeHolds(dialect, before.releasedHoldsMs, limit)) +
    (await purgeKeys(dialect, before.requestKeysMs, limit)) +
    (await purgeOutgoing(dialect, before.outgoingEventsMs, limit))
  );
}

/** Under the locks of their products, so that no payment event is being written for a hold that goes. */
async function purgeHolds(dialect: SqlDialect, beforeMs: number, limit: number): Promise<number> {
  const { codec, among } = dialect;
  const forgotten = (query: SelectQueryBuilder<Tables, 'holds', object>) =>
    query
      .leftJoin('orders', 'orders.hold_id', 'holds.id')
      .leftJoin('idempotency_keys', 'idempotency_keys.hold_id', 'holds.id')
      .where('holds.expires_at', '<', codec.encodeInstant(beforeMs))
      .where('holds.status', '=', 'released')
      .where('orders.id', 'is', null)
      .where('idempotency_keys.id', 'is', null);

  const candidates = await forgotten(dialect.reader.selectFrom('holds'))
    .select(['holds.id', 'holds.product_id'])
    .orderBy('holds.expires_at')
    .limit(limit)
    .execute();
  if (candidates.length === 0) {
    return 0;
  }
  const productIds = [...new Set(candidates.map((hold) => hold.product_id))];
  const holdIds = candidates.map((hold) => hold.id);
  return dialect.writer.transaction().execute(async (transaction) => {
    const products = transaction
      .selectFrom('products')
      .selectAll()
      .where((where) => among(where.ref('id'), productIds))
      .orderBy('id');
    await dialect.lockRows(products).execute();
    const still = await forgotten(transaction.selectFrom('holds'))
      .select('holds.id')
      .where((where) => among(where.ref('holds.id'), holdIds))
      .execute();
    const ids = still.map((hold) => hold.id);
    await transaction
      .deleteFrom('holds')
      .where((where) => among(where.ref('id'), ids))
      .execute();
    return ids.length;
  });
}

async function purgeKeys(dialect: SqlDialect, beforeMs: number, limit: number): Promise<number> {
  const keys = await dialect.reader
    .selectFrom('request_keys')
    .select(['scope', 'idempotency_key'])
    .where('created_at', '<', dialect.codec.encodeInstant(beforeMs))
    .orderBy('created_at')
    .limit(limit)
    .execute();
  for (const scope of ['holds', 'orders'] as const) {
    const ofScope = keys.filter((row) => row.scope === scope).map((row) => row.idempotency_key);
    if (ofScope.length > 0) {
      await dialect.writer
        .deleteFrom('request_keys')
        .where('scope', '=', scope)
        .where((where) => dialect.among(where.ref('idempotency_key'), ofScope))
        .execute();
    }
  }
  return keys.length;
}

/** Events that have arrived everywhere. Those that still have to, or were given up, stay. */
async function purgeOutgoing(dialect: SqlDialect, beforeMs: number, limit: number): Promise<number> {
  const { among } = dialect;
  const rows = await dialect.reader
    .selectFrom('outgoing_events')
    .select('id')
    .where('created_at', '<', dialect.codec.encodeInstant(beforeMs))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('deliveries')
            .select('deliveries.id')
            .whereRef('deliveries.event_id', '=', 'outgoing_events.id')
            .where('deliveries.status', '<>', 'delivered'),
        ),
      ),
    )
    .orderBy('created_at')
    .limit(limit)
    .execute();
  if (rows.length === 0) {
    return 0;
  }
  const ids = rows.map((row) => row.id);
  return dialect.writer.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom('deliveries')
      .where((where) => among(where.ref('event_id'), ids))
      .where('status', '=', 'delivered')
      .execute();
    // One that an operator is sending again at this moment has a delivery left.
    const { numDeletedRows } = await transaction
      .deleteFrom('outgoing_events')
      .where((where) => among(where.ref('id'), ids))
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('deliveries')
              .select('deliveries.id')
              .whereRef('deliveries.event_id', '=', 'outgoing_events.id'),
          ),
        ),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  });
}
