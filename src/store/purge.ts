import { factStatuses } from '../domain/payment.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { purgeHoldsOf } from './purge-holds.ts';

/** Rows older than these instants, in ms since 1970, have had their time. */
export type PurgeBefore = {
  readonly releasedHoldsMs: number;
  /** Of orders that were cancelled or expired without money. Not later than `releasedHoldsMs`. */
  readonly endedOrdersMs: number;
  readonly requestKeysMs: number;
  readonly outgoingEventsMs: number;
  /** Of facts about payments that stayed unknown and that name neither order nor hold. */
  readonly unknownFactsMs: number;
};

/** The result of a round. */
export type Purged = {
  readonly deleted: number;
  /** Facts among them: a metric counts these. */
  readonly facts: number;
  /** False when the next round finds more. */
  readonly isDone: boolean;
};

export type Purge = (before: PurgeBefore, limit: number) => Promise<Purged>;

/** Deletes rows whose time is over, the oldest first, at most `limit` of each kind at a time. */
export function purgeOf(dialect: SqlDialect): Purge {
  const holds = purgeHoldsOf(dialect);
  return async (before, limit) => {
    const ofHolds = await holds(before, limit);
    const keys = await purgeKeys(dialect, before.requestKeysMs, limit);
    const outgoing = await purgeOutgoing(dialect, before.outgoingEventsMs, limit);
    const facts = await purgeUnknownFacts(dialect, before.unknownFactsMs, limit);
    return {
      deleted: ofHolds.deleted + keys + outgoing + facts,
      facts,
      isDone: ofHolds.isDone && keys < limit && outgoing < limit && facts < limit,
    };
  };
}

async function purgeKeys(dialect: SqlDialect, beforeMs: number, limit: number): Promise<number> {
  const keys = await dialect.reader
    .selectFrom('request_keys')
    .select(['scope', 'idempotency_key'])
    .where('created_at', '<', dialect.codec.encodeInstant(beforeMs))
    .orderBy('created_at')
    .limit(limit)
    .execute();
  for (const scope of new Set(keys.map((row) => row.scope))) {
    const ofScope = keys.filter((row) => row.scope === scope).map((row) => row.idempotency_key);
    await dialect.writer
      .deleteFrom('request_keys')
      .where('scope', '=', scope)
      .where((where) => dialect.among(where.ref('idempotency_key'), ofScope))
      .execute();
  }
  return keys.length;
}

/**
 * A provider's account may serve other shops, whose refunds and disputes are reported here too. A payment that comes in the meantime
 * takes its facts in: then they are no longer parked.
 */
async function purgeUnknownFacts(dialect: SqlDialect, beforeMs: number, limit: number): Promise<number> {
  const rows = await dialect.reader
    .selectFrom('idempotency_keys')
    .select('id')
    .where('result', '=', 'parked_fact')
    .where('product_id', 'is', null)
    .where('received_at', '<', dialect.codec.encodeInstant(beforeMs))
    .where('order_id', 'is', null)
    .where('hold_id', 'is', null)
    // What is said of a payment that was reported here is kept.
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('idempotency_keys as other')
            .select('other.id')
            .whereRef('other.payment_reference', '=', 'idempotency_keys.payment_reference')
            .where('other.status', 'not in', factStatuses),
        ),
      ),
    )
    .orderBy('received_at')
    .limit(limit)
    .execute();
  if (rows.length === 0) {
    return 0;
  }
  const { numDeletedRows } = await dialect.writer
    .deleteFrom('idempotency_keys')
    .where((where) =>
      dialect.among(
        where.ref('id'),
        rows.map(({ id }) => id),
      ),
    )
    .where('result', '=', 'parked_fact')
    .executeTakeFirst();
  return Number(numDeletedRows);
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
