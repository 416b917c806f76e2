/**
 * A process of its own, for tests of what processes do to each other on a shared database. Says `ready`, does
 * one task after the other and sends what came of it; ends when its parent lets go of it.
 */
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { changes, needs } from './store-rows.ts';

export type Task = { readonly url: string } & (
  | { readonly kind: 'migrate' }
  | { readonly kind: 'take'; readonly times: number }
);
/** Names of applied migrations, or how many units were taken, or the error. */
export type TaskResult =
  | { readonly applied: readonly string[] }
  | { readonly taken: number }
  | { readonly error: string };

process.on('message', async (task: Task) => {
  const store = openStore(task.url);
  const result = await perform(store, task).catch((error: unknown) => ({ error: String(error) }));
  await store.close();
  process.send?.(result);
});
// Who tells it what to do may be killed.
process.once('disconnect', () => process.exit());
process.send?.('ready');

async function perform(store: Store, task: Task): Promise<TaskResult> {
  if (task.kind === 'migrate') {
    return { applied: await store.migrate() };
  }
  let taken = 0;
  while (taken < task.times) {
    taken += (await takeUnit(store)) ? 1 : 0;
  }
  return { taken };
}

/**
 * Takes a unit off product 1's shelf in one transaction. False when the store says that it is to be decided
 * again.
 */
async function takeUnit(store: Store): Promise<boolean> {
  try {
    await store.transact(async (transaction) => {
      const product = (await transaction.load(needs({ productIds: [1] }))).products.get(1);
      if (product === undefined) {
        throw new Error('product 1 is not there');
      }
      const sold = { ...product, stock: product.stock - 1, version: product.version + 1 };
      await transaction.apply(changes({}, { products: [sold] }));
    });
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'retryable') {
      return false;
    }
    throw error;
  }
}
