import type { Expression, RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Codec } from './dialects/dialect.ts';
import type { SqlInstant } from './tables.ts';

/**
 * Units of a product's overdue holds: by the index over open holds, so it costs what is overdue and not what
 * is held.
 */
export function overdueUnits(codec: Codec, now: Expression<SqlInstant>): RawBuilder<number | string> {
  return sql<number | string>`(select coalesce(sum(quantity), 0) from holds
    where holds.product_id = products.id and holds.open = ${codec.encodeBoolean(true)} and holds.expires_at <= ${now})`;
}

/** The earliest deadline of a product's active holds: the first entry of the same index behind `now`. */
export function nextRelease(codec: Codec, now: Expression<SqlInstant>): RawBuilder<SqlInstant | null> {
  return sql<SqlInstant | null>`(select holds.expires_at from holds
    where holds.product_id = products.id and holds.open = ${codec.encodeBoolean(true)} and holds.expires_at > ${now}
    order by holds.expires_at limit 1)`;
}
