/**
 * A process of its own on a shared database, for tests of what processes do to each other. Says `ready`, does what it is told, sends
 * the result and ends.
 */
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { changes, needs } from './store-rows.ts';

export type Task = { readonly migrate: true } | { readonly take: number };

const store = openStore(process.argv[2] ?? '');
process.once('message', async (task: Task) => {
  const result = 'take' in task ? await takeUnits(store, task.take) : await migrate(store);
  await store.close();
  process.send?.(result, () => process.disconnect());
});
process.send?.('ready');

async function migrate(store: Store): Promise<readonly string[] | string> {
  try {
    return await store.migrate();
  } catch (error) {
    return String(error);
  }
}

/** Takes units off product 1's shelf, one in each transaction, and decides again when the store says so. */
async function takeUnits(store: Store, times: number): Promise<number> {
  let taken = 0;
  while (taken < times) {
    try {
      await store.transact(async (transaction) => {
        const product = (await transaction.load(needs({ productIds: [1] }))).products.get(1);
        if (product === undefined) {
          throw new Error('product 1 is not there');
        }
        const sold = { ...product, stock: product.stock - 1, version: product.version + 1 };
        await transaction.apply(changes({}, { products: [sold] }));
      });
      taken += 1;
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === 'retryable')) {
        throw error;
      }
    }
  }
  return taken;
}
