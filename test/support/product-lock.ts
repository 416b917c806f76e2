import type { Store } from '../../src/store/store.ts';
import { needs } from './store-rows.ts';

/**
 * Locks a product in a transaction of its own, as another node would, until what this resolves to is called.
 */
export async function lockProduct(store: Store, productId: number): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const transaction = store.transact(async (open) => {
    await open.load(needs({ productIds: [productId] }));
    locked.resolve();
    await done.promise;
  });
  await Promise.race([locked.promise, transaction]);
  return async () => {
    done.resolve();
    await transaction;
  };
}
