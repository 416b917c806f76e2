import { decide } from '../../src/domain/decide.ts';
import type { UnfinishedOutcome } from '../../src/domain/next-release.ts';
import type { Changes } from '../../src/domain/state.ts';
import type { Decide } from '../../src/engine/batch.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreError, type StoreErrorKind } from '../../src/store/store-error.ts';
import type { SimulatedPort } from '../simulation/simulated-store.ts';
import { isLostCommit, onlyKeys, over, transactWith } from './changed-store.ts';
import { each, eachRow } from './row-maps.ts';
import { needs } from './store-rows.ts';

/**
 * A defect of what is around the rules: of transactions, retries and answers. Each is made by hand at a seam of the engine, at its store or
 * its rules, to show that a check can fail. No state of the rules alone shows it, only the course that things take.
 */
export type EngineDefect = {
  readonly name: string;
  readonly decide?: Decide;
  readonly storeOf?: (store: SimulatedPort) => SimulatedPort;
};

function withTransact(name: string, transactOf: (store: SimulatedPort) => Store['transact']): EngineDefect {
  return { name, storeOf: (store) => over(store, { transact: transactOf(store) }) };
}

function lostCommitTakenFor(kind: StoreErrorKind, name: string): EngineDefect {
  return withTransact(name, (store) => (work) => {
    return store.transact(work).catch((error: unknown) => {
      throw isLostCommit(error) ? new StoreError(kind, error.message) : error;
    });
  });
}

/** The whole batch is kept and written in a transaction of its own, over whatever came in between. */
function writesUnlocked(store: SimulatedPort): Store['transact'] {
  return async (work) => {
    const kept: Changes[] = [];
    const reading = transactWith(store, () => ({ apply: async (changes) => void kept.push(changes) }));
    const result = await reading(work);
    for (const changes of kept) {
      await store.transact(async (transaction) => {
        const productIds = changes.products.updated.map(({ id }) => id);
        const { products } = await transaction.load(needs({ productIds }));
        const followed = eachRow(changes.products, (product) => ({
          ...product,
          version: (products.get(product.id)?.version ?? 0) + 1,
        }));
        await transaction.apply({ ...changes, products: followed });
      });
    }
    return result;
  };
}

function writesKeysLater(store: SimulatedPort): Store['transact'] {
  return async (work) => {
    let keys: Changes['requestKeys'] = [];
    const withoutKeys = transactWith(store, (transaction) => ({
      apply: (changes) => {
        keys = changes.requestKeys;
        return transaction.apply({ ...changes, requestKeys: [] });
      },
    }));
    const result = await withoutKeys(work);
    if (keys.length > 0) {
      await store
        .transact(async (transaction) => {
          await transaction.load(needs());
          await transaction.apply(onlyKeys(keys));
        })
        .catch(() => 'left out');
    }
    return result;
  };
}

function answersBeforeCommit(store: SimulatedPort): Store['transact'] {
  return (work) =>
    new Promise((resolve, reject) => {
      const commits = store.transact(async (transaction) => {
        const result = await work(transaction);
        resolve(result);
        return result;
      });
      commits.catch(reject);
    });
}

function believesLostCommit(store: SimulatedPort): Store['transact'] {
  return <T>(work: Parameters<typeof store.transact<T>>[0]) => {
    const results: T[] = [];
    const commits = store.transact(async (transaction) => {
      results.push(await work(transaction));
      return results;
    });
    return commits
      .catch((error: unknown) => {
        if (isLostCommit(error)) {
          return results;
        }
        throw error;
      })
      .then(([result]) => result as T);
  };
}

function looksBeforeTheLock(store: SimulatedPort): SimulatedPort {
  const found = new Set<number>();
  return over(store, {
    locate: async (rows) => {
      const located = await store.locate(rows);
      const holdIds = [...located.orders.values(), ...located.refunds.values()].map(({ holdId }) => holdId);
      for (const holdId of [...located.productIdByHold.keys(), ...holdIds]) {
        found.add(holdId);
      }
      return located;
    },
    transact: transactWith(store, (transaction) => ({
      load: (asked) =>
        transaction.load({ ...asked, holdIds: asked.holdIds.filter((holdId) => found.has(holdId)) }),
    })),
  });
}

export const engineDefects = {
  forgetsLostCommit: lostCommitTakenFor('retryable', 'a lost commit is taken for one that failed'),
  makesIdsAnew: lostCommitTakenFor('conflict', 'after a lost commit ids are made anew'),
  believesLostCommit: withTransact('a lost commit is taken for one that took place', believesLostCommit),
  looksBeforeTheLock: {
    name: 'what a lost commit made is looked for before the lock only',
    storeOf: looksBeforeTheLock,
  },
  answersBeforeCommit: withTransact('answers leave before the commit', answersBeforeCommit),
  writesUnlocked: withTransact('a batch reads in one transaction and writes in another', writesUnlocked),
  writesKeysLater: withTransact('idempotency keys are written after their effect', writesKeysLater),
  mixesAnswersUp: {
    name: 'buyers of one batch get the answers of each other',
    decide: (state, commands, rules, newId) => {
      const decision = decide(state, commands, rules, newId);
      const holds = commands.flatMap(({ kind }, index) => (kind === 'create_hold' ? [index] : []));
      const outcomes = [...decision.outcomes];
      for (const [place, index] of holds.entries()) {
        outcomes[index] = decision.outcomes[holds.at(-1 - place) ?? index] ?? { kind: 'deferred' };
      }
      return { ...decision, outcomes };
    },
  },
  refusesInsteadOfWaiting: {
    name: 'a hold is refused while overdue ones still have to be released for it',
    decide: (state, commands, rules, newId) => {
      const decision = decide(state, commands, rules, newId);
      const outcomes = decision.outcomes.map((outcome, index): UnfinishedOutcome => {
        const command = commands[index];
        return outcome.kind === 'deferred' && command?.kind === 'create_hold'
          ? {
              kind: 'refused',
              code: 'insufficient_stock',
              availableStock: 0,
              requested: command.quantity,
              nextReleaseAtMs: null,
            }
          : outcome;
      });
      return { ...decision, outcomes };
    },
  },
  waitsForTheWorker: {
    name: 'units of overdue holds are free only when a worker has come by',
    decide: (state, commands, rules, newId) => {
      const isWorker = commands.some(({ kind }) => kind === 'expire_holds');
      const availability = each(state.availability, (row) => ({ ...row, overdueUnits: 0 }));
      const blind = { ...state, availability, overdueHoldIds: new Map() };
      return decide(isWorker ? state : blind, commands, rules, newId);
    },
  },
  neverLooksAgain: {
    name: 'an event that came before its order is never looked at again',
    storeOf: (store) =>
      over(store, {
        parkedButKnown: async () => [],
        parkedForOrders: async () => [],
        parkedSince: async () => [],
      }),
  },
} as const satisfies Readonly<Record<string, EngineDefect>>;

export type EngineDefectName = keyof typeof engineDefects;
