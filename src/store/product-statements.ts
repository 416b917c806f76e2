import {
  type Expression,
  type Kysely,
  type QueryResult,
  type RawBuilder,
  type Selectable,
  sql,
} from 'kysely';
import { nextRelease, overdueUnits } from './availability.ts';
import { compiledOnce } from './compiled-once.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { StoreError } from './store-error.ts';
import type { ProductsTable, SqlInstant, Tables } from './tables.ts';

type ProductRow = Selectable<ProductsTable>;

/** Overdue holds that are counted anew each time. It takes a millisecond for some thousands, and 60 ms for 100,000 on MariaDB. */
export const countedAgainMax = 1_000;

/** Holds that are not overdue and are counted instead. Beyond, neither way is short. */
export const countedInsteadMax = 20_000;

export type AvailabilityRow = {
  readonly id: number;
  readonly overdue_units: number | string;
  readonly next_release_at: SqlInstant | null;
  readonly read_at: SqlInstant;
};

export type UnitsOfHolds = { readonly units: number | string; readonly holds: number | string };

/**
 * What every batch does to its products. Most batches of a sale have a single one, and for it the statements are made once: a batch of one
 * hold takes 180 µs less, one of 64 takes 8 µs less for each.
 */
export type ProductStatements = {
  /** Rows in the order of their ids, unavailable to other writers until the transaction's end. */
  lock(db: Kysely<Tables>, ids: readonly number[]): Promise<readonly ProductRow[]>;
  /** One statement for both: a round trip less for each batch, and what is overdue is exact for the clock's reading. */
  availabilityAndClock(db: Kysely<Tables>, ids: readonly number[]): Promise<readonly AvailabilityRow[]>;
  /** The same for one product, with those units only that have become overdue after an instant. */
  availabilitySince(db: Kysely<Tables>, id: number, sinceMs: number): Promise<AvailabilityRow>;
  /** The same for one product, with no more than `countedAgainMax` of its overdue holds. */
  availabilityUpTo(
    db: Kysely<Tables>,
    id: number,
  ): Promise<AvailabilityRow & { readonly overdue_holds: number | string }>;
  /** Of a product's open holds that are not overdue at an instant, no more than `countedInsteadMax`. */
  liveUpTo(db: Kysely<Tables>, id: number, atMs: number): Promise<UnitsOfHolds>;
  /** @returns whether the product was of the version before; else nothing is written */
  update(db: Kysely<Tables>, row: ProductRow): Promise<boolean>;
};

export function productStatements(dialect: SqlDialect): ProductStatements {
  const { codec } = dialect;

  const products = (db: Kysely<Tables>) => db.selectFrom('products').selectAll();
  const lockOne = compiledOnce<{ id: number }, ProductRow>((db, { id }) =>
    dialect.lockRows(products(db).where('id', '=', id)),
  );

  const availabilities = (
    db: Kysely<Tables>,
    now: Expression<SqlInstant>,
    since: Expression<SqlInstant> | null = null,
  ) =>
    db
      .selectFrom('products')
      .select('products.id')
      .select([
        overdueUnits(codec, now, since).as('overdue_units'),
        nextRelease(codec, now).as('next_release_at'),
        sql<SqlInstant>`${now}`.as('read_at'),
      ]);
  const availabilityOfOne = compiledOnce<{ id: number; hostNow: SqlInstant }, AvailabilityRow>(
    (db, { id, hostNow }) => availabilities(db, dialect.clockOr(hostNow)).where('products.id', '=', id),
  );

  const availabilityOfOneSince = compiledOnce<
    { id: number; hostNow: SqlInstant; since: SqlInstant },
    AvailabilityRow
  >((db, { id, hostNow, since }) =>
    availabilities(db, dialect.clockOr(hostNow), since).where('products.id', '=', id),
  );

  // Of a limit that is bound SQLite makes a new plan each time that it is bound: 120 µs for each batch instead of 13.
  const openHolds = (id: Expression<number>, deadline: RawBuilder<unknown>, holdsMax: number) =>
    sql<UnitsOfHolds>`(select coalesce(sum(quantity), 0) as units, count(*) as holds from (
      select quantity from holds
      where product_id = ${id} and open = ${codec.encodeBoolean(true)} and expires_at ${deadline}
      limit ${sql.lit(holdsMax)}) as some_holds)`;
  const availabilityOfOneUpTo = compiledOnce<
    { id: number; hostNow: SqlInstant },
    AvailabilityRow & { readonly overdue_holds: number | string }
  >((db, { id, hostNow }) => {
    const now = dialect.clockOr(hostNow);
    return db
      .selectFrom(['products', openHolds(id, sql`<= ${now}`, countedAgainMax).as('overdue')])
      .select([
        'products.id',
        'overdue.units as overdue_units',
        'overdue.holds as overdue_holds',
        nextRelease(codec, now).as('next_release_at'),
        sql<SqlInstant>`${now}`.as('read_at'),
      ])
      .where('products.id', '=', id);
  });
  const liveOfOneUpTo = compiledOnce<{ id: number; at: SqlInstant }, UnitsOfHolds>((db, { id, at }) =>
    db.selectFrom(openHolds(id, sql`> ${at}`, countedInsteadMax).as('live')).selectAll(),
  );

  const updateOne = compiledOnce<ProductRow & { versionBefore: number }, unknown>((db, places) =>
    db
      .updateTable('products')
      .set({
        name: places.name,
        price_minor: places.price_minor,
        currency: places.currency,
        stock: places.stock,
        held: places.held,
        version: places.version,
        opens_at: places.opens_at,
        closes_at: places.closes_at,
      })
      .where('id', '=', places.id)
      .where('version', '=', places.versionBefore),
  );

  return {
    lock: async (db, ids) => {
      const one = onlyOneOf(ids);
      if (one !== null) {
        return (await lockOne(db, { id: one })).rows;
      }
      const query = products(db).where((where) => dialect.among(where.ref('id'), ids));
      return dialect.lockRows(query.orderBy('id')).execute();
    },
    availabilityAndClock: async (db, ids) => {
      const one = onlyOneOf(ids);
      if (one !== null) {
        const hostNow = codec.encodeInstant(dialect.nowMs());
        return (await availabilityOfOne(db, { id: one, hostNow })).rows;
      }
      return availabilities(db, dialect.clock())
        .where((where) => dialect.among(where.ref('products.id'), ids))
        .execute();
    },
    availabilitySince: async (db, id, sinceMs) => {
      const hostNow = codec.encodeInstant(dialect.nowMs());
      const since = codec.encodeInstant(sinceMs);
      return onlyRow(await availabilityOfOneSince(db, { id, hostNow, since }));
    },
    availabilityUpTo: async (db, id) => {
      const hostNow = codec.encodeInstant(dialect.nowMs());
      return onlyRow(await availabilityOfOneUpTo(db, { id, hostNow }));
    },
    liveUpTo: async (db, id, atMs) => onlyRow(await liveOfOneUpTo(db, { id, at: codec.encodeInstant(atMs) })),
    update: async (db, row) =>
      (await updateOne(db, { ...row, versionBefore: row.version - 1 })).numAffectedRows === 1n,
  };
}

function onlyOneOf(ids: readonly number[]): number | null {
  return ids.length === 1 ? (ids[0] ?? null) : null;
}

/** @throws StoreError when there is none: a product is locked, so it is there */
function onlyRow<Row>({ rows: [row] }: QueryResult<Row>): Row {
  if (row === undefined) {
    throw new StoreError('defect', 'a locked product was not found');
  }
  return row;
}
