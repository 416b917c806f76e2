import type { Changes } from '../../src/domain/state.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreError, type StoreErrorKind } from '../../src/store/store-error.ts';
import { overTransaction } from './changed-store.ts';

/**
 * What goes wrong with one transaction: an error before the commit, so that nothing is written, or after it,
 * so that all is. With `late_commit` all is written when the next transaction begins. `null` lets it pass.
 */
export type Fault = {
  readonly kind: StoreErrorKind;
  readonly at: 'before_commit' | 'after_commit' | 'late_commit';
} | null;

/**
 * A real store whose transactions fail as planned, the first fault for the first transaction; from the last
 * on all is well.
 */
export class FaultyStore {
  readonly store: Store;
  /** How many transactions were begun. */
  transactions = 0;
  /** How many are under way now. */
  underWay = 0;
  readonly #faults: Fault[] = [];
  #gate: Promise<void> = Promise.resolve();
  #lateCommit: () => Promise<unknown> = async () => {};

  constructor(real: Store) {
    this.store = {
      ...real,
      transact: async (work) => {
        this.transactions += 1;
        const fault = this.#faults.shift() ?? null;
        this.underWay += 1;
        try {
          await this.#gate;
          const lateCommit = this.#lateCommit;
          this.#lateCommit = async () => {};
          await lateCommit();
          if (fault?.at === 'late_commit') {
            const written: Changes[] = [];
            this.#lateCommit = () =>
              real.transact(async (late) => {
                for (const changes of written) {
                  await late.apply(changes);
                }
              });
            return await real.transact(async (transaction) => {
              await work(
                overTransaction(transaction, { apply: async (changes) => void written.push(changes) }),
              );
              throw errorOf(fault);
            });
          }
          const result = await real.transact(async (transaction) => {
            const worked = await work(transaction);
            if (fault?.at === 'before_commit') {
              throw errorOf(fault);
            }
            return worked;
          });
          if (fault?.at === 'after_commit') {
            throw errorOf(fault);
          }
          return result;
        } finally {
          this.underWay -= 1;
        }
      },
    };
  }

  plan(...faults: Fault[]): void {
    this.#faults.push(...faults);
  }

  /** Lets transactions begin only after the returned function was called. */
  block(): () => void {
    let open = () => {};
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }
}

function errorOf({ kind, at }: NonNullable<Fault>): StoreError {
  return new StoreError(kind, `planned ${kind} ${at}`);
}
