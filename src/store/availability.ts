import type { Expression, RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Codec } from './dialects/dialect.ts';
import type { SqlInstant } from './tables.ts';

/**
 * Units of a product's overdue holds: by the index over open holds, so it costs what is overdue and not what
 * is held.
 *
 * @param since counts only those whose deadline is after it
 */
export function overdueUnits(
  codec: Codec,
  now: Expression<SqlInstant>,
  since: Expression<SqlInstant> | null = null,
): RawBuilder<number | string> {
  const after = since === null ? sql`` : sql`and holds.expires_at > ${since}`;
  return sql<number | string>`(select coalesce(sum(quantity), 0) from holds
    where holds.product_id = products.id and holds.open = ${codec.encodeBoolean(true)} and holds.expires_at <= ${now} ${after})`;
}

/**
 * The earliest deadline of a product's active holds: the first entry of the same index behind `now`.
 *
 * @param isExcepted holds that do not count; the index is read past them
 */
export function nextRelease(
  codec: Codec,
  now: Expression<SqlInstant>,
  isExcepted: Expression<boolean> | null = null,
): RawBuilder<SqlInstant | null> {
  const others = isExcepted === null ? sql`` : sql`and not (${isExcepted})`;
  return sql<SqlInstant | null>`(select holds.expires_at from holds
    where holds.product_id = products.id and holds.open = ${codec.encodeBoolean(true)} and holds.expires_at > ${now} ${others}
    order by holds.expires_at limit 1)`;
}

/** Units of a product's orders that can still be paid: by the index over states, so it costs what is pending. */
export function orderedUnits(now: Expression<SqlInstant>): RawBuilder<number | string> {
  return sql<number | string>`(select coalesce(sum(orders.quantity), 0) from orders
    where orders.product_id = products.id and orders.status = 'pending' and orders.payment_due_at > ${now})`;
}

/** Units of a product that went over the counter: what came to the stock and is no longer there. */
export const soldUnits: RawBuilder<number | string> = sql<number | string>`(
  (select coalesce(sum(stock_changes.units), 0) from stock_changes where stock_changes.product_id = products.id)
  - products.stock)`;
