import type { CreateHold } from '../../src/domain/commands.ts';
import { deadlineAfter } from '../../src/domain/time.ts';
import type { HoldMade } from './hold-made.ts';
import type { PeerDatabase, PeerTransaction } from './peer-database.ts';

/**
 * The usual ways to make a hold, in one transaction each:
 * - `lock_sum_insert`: lock the product's row, sum up its active holds, compare, insert.
 * - `conditional_update`: raise a counter on the product's row if it allows it, insert.
 */
export type Way = 'lock_sum_insert' | 'conditional_update';

/** @returns the product's price in major units and what is available of it after the hold, or why there is none */
type Claim = (
  transaction: PeerTransaction,
  command: CreateHold,
) => Promise<{ readonly price: number; readonly available: number } | { readonly refusedAt: number }>;

/** Makes holds in one of the ways. */
export function holdMaker(way: Way, database: PeerDatabase) {
  const claim = { lock_sum_insert: lockAndSum, conditional_update: updateIfAllowed }[way](database);
  return async (command: CreateHold, { holdSeconds }: { readonly holdSeconds: number }): Promise<HoldMade> =>
    database.transaction(async (transaction) => {
      const { productId, quantity } = command;
      const claimed = await claim(transaction, command);
      if ('refusedAt' in claimed) {
        return { hold: null, availableStock: claimed.refusedAt, nextReleaseAtMs: null };
      }
      const nowMs = Date.now();
      const now = database.instant(nowMs);
      const expiresAtMs = deadlineAfter(nowMs, holdSeconds);
      const id = await transaction.insert(
        'insert into holds (product_id, quantity, expires_at, created_at, updated_at) values (?, ?, ?, ?, ?)',
        [productId, quantity, database.instant(expiresAtMs), now, now],
      );
      return {
        hold: {
          id,
          productId,
          quantity,
          priceMinor: Math.round(claimed.price * 100),
          status: 'held',
          releaseReason: null,
          parked: null,
          expiresAtMs,
          createdAtMs: nowMs,
        },
        availableStockRemaining: claimed.available,
      };
    });
}

function lockAndSum({ forUpdate, now }: PeerDatabase): Claim {
  return async (transaction, { productId, quantity }) => {
    const [product] = await transaction.rows(`select stock, price from products where id = ?${forUpdate}`, [
      productId,
    ]);
    const [holds] = await transaction.rows(
      `select coalesce(sum(quantity), 0) as held from holds where product_id = ? and consumed = 0 and expires_at > ${now}`,
      [productId],
    );
    const available = Number(product?.stock) - Number(holds?.held);
    return quantity > available
      ? { refusedAt: available }
      : { price: Number(product?.price), available: available - quantity };
  };
}

function updateIfAllowed({ updateReturns }: PeerDatabase): Claim {
  const update = 'update products set held = held + ? where id = ? and stock - held >= ?';
  const read = 'stock - held as available, price';
  return async (transaction, { productId, quantity }) => {
    const values = [quantity, productId, quantity];
    if (updateReturns) {
      const [product] = await transaction.rows(`${update} returning ${read}`, values);
      return product === undefined
        ? { refusedAt: 0 }
        : { price: Number(product.price), available: Number(product.available) };
    }
    const changed = await transaction.change(update, values);
    const [product] = await transaction.rows(`select ${read} from products where id = ?`, [productId]);
    const available = Number(product?.available);
    return changed === 0 ? { refusedAt: available } : { price: Number(product?.price), available };
  };
}
