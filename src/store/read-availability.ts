import type { Kysely } from 'kysely';
import type { Product, ProductSnapshot } from '../domain/product.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import {
  type AvailabilityRow,
  countedAgainMax,
  countedInsteadMax,
  type ProductStatements,
} from './product-statements.ts';
import type { Tables } from './tables.ts';

/**
 * How old what was seen may be: less than the 3 s after which an idle connection is given back. The next one may lead to another host, and
 * what that host does not know of, another commit may have overwritten with the same version.
 */
const seenMsMax = 2_000;

/**
 * Reads what is overdue of locked products, and the clock. Exact in every case; with very many overdue holds of one product it is known in a
 * way that does not count them all, since other buyers wait for it.
 *
 * @param lastSeen products as they were behind the last batches of this process
 */
export async function readAvailability(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  statements: ProductStatements,
  products: readonly Product[],
  lastSeen: ReadonlyMap<number, ProductSnapshot>,
): Promise<readonly AvailabilityRow[]> {
  const [product] = products;
  if (product !== undefined && products.length === 1) {
    const row =
      (await sinceLastSeen(db, dialect, statements, product, lastSeen.get(product.id))) ??
      (product.held > countedInsteadMax ? await butForLive(db, dialect, statements, product) : null);
    if (row !== null) {
      return [row];
    }
  }
  return statements.availabilityAndClock(
    db,
    products.map(({ id }) => id),
  );
}

/** What was counted a moment ago, and what ran out since. Null when that is not known. */
async function sinceLastSeen(
  db: Kysely<Tables>,
  { codec }: SqlDialect,
  statements: ProductStatements,
  product: Product,
  seen: ProductSnapshot | undefined,
): Promise<AvailabilityRow | null> {
  const overdueThen = seen?.version === product.version ? product.held - seen.heldStock : 0;
  if (seen === undefined || overdueThen < countedAgainMax) {
    return null;
  }
  const row = await statements.availabilitySince(db, product.id, seen.asOfMs);
  const passedMs = codec.decodeInstant(row.read_at) - seen.asOfMs;
  return passedMs >= 0 && passedMs <= seenMsMax
    ? { ...row, overdue_units: overdueThen + Number(row.overdue_units) }
    : null;
}

/** What is held but for the units that are not overdue, where these are few. Null where they are not. */
async function butForLive(
  db: Kysely<Tables>,
  { codec }: SqlDialect,
  statements: ProductStatements,
  product: Product,
): Promise<AvailabilityRow | null> {
  const row = await statements.availabilityUpTo(db, product.id);
  if (Number(row.overdue_holds) < countedAgainMax) {
    return row;
  }
  const atMs = codec.decodeInstant(row.read_at);
  const live = await statements.liveUpTo(db, product.id, atMs);
  return Number(live.holds) < countedInsteadMax
    ? { ...row, overdue_units: product.held - Number(live.units) }
    : null;
}
