import type { Kysely, RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { SqlDialect } from './dialects/dialect.ts';
import type { Backlog, RefusedPayments, Waiting } from './store-reader.ts';
import type { SqlInstant, Tables } from './tables.ts';

/**
 * Each count ends here: what an operator has to look after is a handful in good times, and in bad ones it no longer matters how many
 * there are. So a look costs the same however bad it is.
 */
const countedMax = 10_000;
/** A refused payment with nothing to do any more, such as one for too many units, leaves the list after this time. */
const refusedMs = 24 * 60 * 60_000;

/** What waits for the worker or for an operator, each by an index that starts with what is asked for. */
export async function backlog(dialect: SqlDialect): Promise<Backlog> {
  const db = dialect.reader;
  const { codec } = dialect;
  const waiting = async (rows: RawBuilder<WaitingRow>): Promise<Waiting> => {
    const row = (await rows.execute(db)).rows[0];
    const oldest = row?.oldest ?? null;
    return {
      count: Number(row?.count ?? 0),
      oldestAtMs: oldest === null ? null : codec.decodeInstant(oldest),
    };
  };
  const overdueHolds = await waiting(await overdue(dialect));
  const refundsDue = await waiting(sql`select count(*) as count, min(created_at) as oldest from
    (select created_at from refunds where status = 'due' order by created_at limit ${countedMax}) due`);
  const { count: refundsUnderDispute } = await waiting(sql`select count(*) as count, null as oldest from
    (select refunds.id from disputes join refunds on refunds.payment_name = disputes.payment_name and refunds.status = 'due'
      where disputes.status = 'open' group by refunds.id limit ${countedMax}) held_back`);
  const openDisputes = await waiting(sql`select count(*) as count, min(created_at) as oldest from
    (select created_at from disputes where status = 'open' order by created_at limit ${countedMax}) open_ones`);
  const refusedPayments = await refused(dialect);
  const events = async (result: 'parked' | 'parked_fact' | 'unmatched') =>
    (
      await waiting(sql`select count(*) as count, null as oldest from
        (select id from idempotency_keys where result = ${result} limit ${countedMax}) counted`)
    ).count;
  const parkedEvents = await events('parked');
  const parkedFacts = await events('parked_fact');
  const unmatchedEvents = await events('unmatched');
  const { count: possibleSecondPayments } = await waiting(flagged);
  const deliveries = await deliveriesWaiting(dialect);
  const { count: endpointsOff } = await waiting(
    sql`select count(*) as count, null as oldest from event_endpoints where switched_off_at is not null`,
  );
  return {
    overdueHolds,
    refundsDue,
    refundsUnderDispute,
    openDisputes,
    refusedPayments,
    parkedEvents,
    parkedFacts,
    unmatchedEvents,
    possibleSecondPayments,
    deliveries,
    endpointsOff,
  };
}

/** A new price ends the concern at once. */
async function refused({ reader, codec, nowMs }: SqlDialect): Promise<RefusedPayments> {
  const { rows } = await sql<WaitingRow & { readonly product_id: number }>`
    select recent.product_id, count(*) as count, min(recent.created_at) as oldest from
      (select product_id, price_minor, created_at from refused_payments
        where created_at > ${codec.encodeInstant(nowMs() - refusedMs)}
        order by created_at desc limit ${countedMax}) recent
    join products on products.id = recent.product_id and products.price_minor = recent.price_minor
    group by recent.product_id order by recent.product_id`.execute(reader);
  const since = rows.flatMap(({ oldest }) => (oldest === null ? [] : [codec.decodeInstant(oldest)]));
  return {
    count: rows.reduce((sum, { count }) => sum + Number(count), 0),
    oldestAtMs: since.length === 0 ? null : Math.min(...since),
    productIds: rows.map(({ product_id }) => Number(product_id)),
  };
}

type WaitingRow = { readonly count: number | string; readonly oldest: SqlInstant | null };

/**
 * Asked with the ids of products that have open holds, so that every database goes by the index over open holds and reads only what is
 * overdue: the index over deadlines has all holds of a month in it, and a query for each row of products reads all open holds on MySQL.
 */
async function overdue(dialect: SqlDialect): Promise<RawBuilder<WaitingRow>> {
  const { reader, codec, clock, among } = dialect;
  const products = await reader.selectFrom('products').select('id').where('held', '>', 0).execute();
  const ofProducts = among(
    sql.ref('product_id'),
    products.map(({ id }) => id),
  );
  return sql`select count(*) as count, min(expires_at) as oldest from (select expires_at from holds
    where ${ofProducts} and open = ${codec.encodeBoolean(true)} and expires_at <= ${clock()}
    limit ${countedMax}) overdue`;
}

/** By their events, for which there is an index: one that an operator has settled since is no longer flagged, or nothing is due for it. */
const flagged: RawBuilder<WaitingRow> = sql`select count(distinct payments.name) as count, null as oldest from
  (select idempotency_key, payment_reference from idempotency_keys
    where result = 'possible_second_payment' limit ${countedMax}) told
  join payments on payments.name = case when told.payment_reference is null
    then concat('key:', told.idempotency_key) else concat('ref:', told.payment_reference) end
  where payments.settlement = 'flagged' and (payments.decision is null or payments.decision <> 'nothing_due')`;

/**
 * Endpoint by endpoint, as the indexes of deliveries go; nearly all rows there have arrived. Those that failed are tried again later
 * than those that are new, so they are among the last; the first of all has waited longest or waits behind one that failed.
 */
async function deliveriesWaiting({ reader, codec }: SqlDialect): Promise<Backlog['deliveries']> {
  const sum = { pending: 0, failing: 0, dead: 0 };
  const oldestAtMs: number[] = [];
  for (const endpoint of await endpointsOf(reader)) {
    const { rows } = await sql<{
      pending: number | string;
      failing: number | string | null;
      dead: number | string;
      oldest_failing: SqlInstant | null;
      oldest_new: SqlInstant | null;
    }>`select count(*) as pending, sum(case when waiting.attempts > 0 then 1 else 0 end) as failing,
        min(outgoing_events.created_at) as oldest_failing,
        (select outgoing_events.created_at from deliveries
          join outgoing_events on outgoing_events.id = deliveries.event_id
          where deliveries.endpoint = ${endpoint} and deliveries.status = 'pending'
          order by deliveries.next_attempt_at limit 1) as oldest_new,
        (select count(*) from (select id from deliveries
          where endpoint = ${endpoint} and status = 'dead' limit ${countedMax}) given_up) as dead
      from (select event_id, attempts from deliveries
        where endpoint = ${endpoint} and status = 'pending'
        order by next_attempt_at desc limit ${countedMax}) waiting
      left join outgoing_events on outgoing_events.id = waiting.event_id and waiting.attempts > 0`.execute(
      reader,
    );
    const row = rows[0];
    sum.pending += Number(row?.pending ?? 0);
    sum.failing += Number(row?.failing ?? 0);
    sum.dead += Number(row?.dead ?? 0);
    for (const oldest of [row?.oldest_failing ?? null, row?.oldest_new ?? null]) {
      if (oldest !== null) {
        oldestAtMs.push(codec.decodeInstant(oldest));
      }
    }
  }
  return { ...sum, oldestAtMs: oldestAtMs.length === 0 ? null : Math.min(...oldestAtMs) };
}

/** The endpoints that have deliveries, by one step in an index for each: to ask for distinct ones would read all of it. */
async function endpointsOf(db: Kysely<Tables>): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after = ''; ; ) {
    const next = await db
      .selectFrom('deliveries')
      .select('endpoint')
      .where('endpoint', '>', after)
      .orderBy('endpoint')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) {
      return found;
    }
    found.push(next.endpoint);
    after = next.endpoint;
  }
}
