import type { Needs } from '../../src/domain/needs.ts';
import type { Changes } from '../../src/domain/state.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { needs } from './store-rows.ts';

/**
 * A store without its guard: a batch loads in one transaction and writes in a later one, over whatever came
 * in between. It exists to show that the races of this folder can happen, so that a test which sees none of
 * them has seen the guard at work.
 *
 * @param beforeWrite awaited between the two: what has to happen meanwhile for the race
 */
export function withoutLock(store: Store, beforeWrite: () => Promise<unknown>): Store {
  return {
    ...store,
    transact: async (work) => {
      let loaded: Needs | undefined;
      const reading: Transaction = {
        load: (asked) => {
          loaded = asked;
          return store.transact((transaction) => transaction.load(asked));
        },
        loadOverdue: (overdue) =>
          store.transact(async (transaction) => {
            await transaction.load(loaded ?? needs());
            return transaction.loadOverdue(overdue);
          }),
        apply: async (changes) => {
          await beforeWrite();
          await store.transact(async (transaction) =>
            transaction.apply(await overLatest(transaction, changes)),
          );
        },
        nextReleases: (...asked) => store.transact((transaction) => transaction.nextReleases(...asked)),
      };
      return work(reading);
    },
  };
}

/**
 * The changes with each product's version made to follow whatever is there by now: nobody notices that it is
 * another one.
 */
async function overLatest(transaction: Transaction, changes: Changes): Promise<Changes> {
  const productIds = changes.products.updated.map(({ id }) => id);
  const { products } = await transaction.load(needs({ productIds }));
  const updated = changes.products.updated.map((product) => ({
    ...product,
    version: (products.get(product.id)?.version ?? 0) + 1,
  }));
  return { ...changes, products: { ...changes.products, updated } };
}

/** Lets each of `count` callers go on when the last of them has come, and later callers at once. */
export function meeting(count: number): () => Promise<void> {
  const everybody = Promise.withResolvers<void>();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing <= 0) {
      everybody.resolve();
    }
    return everybody.promise;
  };
}
