import type { Store } from '../../src/store/store.ts';

/** Where a command can be stopped on its way, in this order. */
export const commandPoints = [
  'before the look-up',
  'between look-up and transaction',
  'before the lock',
  'behind the lock',
  'before the write',
  'between write and commit',
  'between commit and answer',
] as const;
export type CommandPoint = (typeof commandPoints)[number];

/** A store that tells which point its user has come to, and goes on when `reached` resolves. */
export function toldOfPoints(store: Store, reached: (point: CommandPoint) => Promise<void>): Store {
  return {
    ...store,
    locate: async (named) => {
      await reached('before the look-up');
      const located = await store.locate(named);
      await reached('between look-up and transaction');
      return located;
    },
    transact: async (work) => {
      const result = await store.transact((transaction) =>
        work({
          load: async (needs) => {
            await reached('before the lock');
            const state = await transaction.load(needs);
            await reached('behind the lock');
            return state;
          },
          loadOverdue: (needs) => transaction.loadOverdue(needs),
          nextReleases: (...asked) => transaction.nextReleases(...asked),
          apply: async (changes) => {
            await reached('before the write');
            await transaction.apply(changes);
            await reached('between write and commit');
          },
        }),
      );
      await reached('between commit and answer');
      return result;
    },
  };
}
