import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { SqlDialect } from './dialects/dialect.ts';
import { type Check, moneyChecks, violations } from './money-checks.ts';
import { StoreError } from './store-error.ts';
import type { Audit, AuditCheck } from './store-reader.ts';
import type { SqlBoolean, Tables } from './tables.ts';

/** After this time a fact has been taken in by its payment: the worker looks every 5 s, and may have been restarted. */
const takenInMs = 5 * 60_000;

/**
 * Recomputes every counter and rule from the rows of one consistent snapshot, so it is right also during a
 * sale. Each check counts the same thing in two ways, or counts what must not exist (expected 0).
 */
export async function audit(dialect: SqlDialect): Promise<Audit> {
  const connection = await dialect.background();
  try {
    const checks = await connection.db.transaction().execute(async (transaction) => {
      const done: AuditCheck[] = [];
      const nowMs = await dialect.readClock(transaction);
      for (const check of checksFor(dialect, nowMs)) {
        done.push(await run(dialect, transaction, check));
        // A database inside this process holds the event loop for the time of a query; between two the sale
        // goes on.
        await setImmediate();
      }
      return done;
    });
    return { ok: checks.every((check) => check.ok), checks };
  } finally {
    await connection.close();
  }
}

/** Compared as text: sums of money may be larger than what a double counts exactly. */
async function run(
  dialect: SqlDialect,
  db: Kysely<Tables>,
  { name, expected, found }: Check,
): Promise<AuditCheck> {
  const { rows } = await sql<{ expected: string; found: string }>`
    select ${dialect.asText(sql`(${expected})`)} as expected, ${dialect.asText(sql`(${found})`)} as found`.execute(
    db,
  );
  const row = rows[0];
  if (row === undefined) {
    throw new StoreError('defect', `the audit's query ${name} returned nothing`);
  }
  return { name, ok: row.expected === row.found, expected: shown(row.expected), found: shown(row.found) };
}

/** A number, or its text when a double cannot tell it from its neighbours. */
function shown(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

function checksFor(dialect: SqlDialect, nowMs: number): readonly Check[] {
  const yes: SqlBoolean = dialect.codec.encodeBoolean(true);
  return [
    {
      name: 'stock + sold = stock changes',
      expected: sql`select coalesce(sum(units), 0) from stock_changes`,
      found: sql`select (select coalesce(sum(stock), 0) from products) +
        (select coalesce(sum(quantity), 0) from holds where consumed = ${yes})`,
    },
    {
      name: 'held = units of open holds',
      expected: sql`select coalesce(sum(quantity), 0) from holds where open = ${yes}`,
      found: sql`select coalesce(sum(held), 0) from products`,
    },
    violations(
      'products whose stock differs from its changes',
      sql`products where stock <>
        (select coalesce(sum(units), 0) from stock_changes where stock_changes.product_id = products.id) -
        (select coalesce(sum(quantity), 0) from holds where holds.product_id = products.id and holds.consumed = ${yes})`,
    ),
    violations(
      'products whose held differs from its holds',
      sql`products where held <>
        (select coalesce(sum(quantity), 0) from holds where holds.product_id = products.id and holds.open = ${yes})`,
    ),
    violations('products oversold', sql`products where stock < 0 or held < 0 or held > stock`),
    {
      name: 'one order for each hold that has one',
      expected: sql`select count(*) from orders`,
      found: sql`select count(distinct hold_id) from orders`,
    },
    violations(
      'orders that differ from their hold',
      sql`orders left join holds on holds.id = orders.hold_id where holds.id is null
        or holds.product_id <> orders.product_id or holds.quantity <> orders.quantity
        or holds.price_minor * holds.quantity <> orders.total_minor`,
    ),
    violations(
      'orders whose hold is in another state',
      sql`orders join holds on holds.id = orders.hold_id where
        (orders.status = 'pending' and holds.status <> 'ordered')
        or (orders.status = 'paid' and holds.status <> 'consumed')
        or (orders.status in ('failed', 'cancelled', 'expired', 'refund_due') and holds.status <> 'released')
        or (orders.status = 'refunded' and holds.status not in ('consumed', 'released'))`,
    ),
    violations(
      'ordered or consumed holds without an order',
      sql`holds left join orders on orders.hold_id = holds.id
        where holds.status in ('ordered', 'consumed') and orders.id is null`,
    ),
    ...moneyChecks(yes, dialect.codec.encodeInstant(nowMs - takenInMs)),
  ];
}
