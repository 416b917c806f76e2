import type { Changes } from '../../src/domain/state.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { SimulatedPort } from '../simulation/simulated-store.ts';

/** Ways to put a store with a defect in place of a simulated one. */

/** The store with some of its ways replaced. */
export function over(store: SimulatedPort, replaced: Partial<SimulatedPort>): SimulatedPort {
  return {
    nowMs: () => store.nowMs(),
    locate: (rows) => store.locate(rows),
    transact: (work) => store.transact(work),
    deadlines: () => store.deadlines(),
    parkedButKnown: (limit) => store.parkedButKnown(limit),
    parkedForOrders: (orders) => store.parkedForOrders(orders),
    parkedSince: (beforeMs, limit) => store.parkedSince(beforeMs, limit),
    ...replaced,
  };
}

/** The transaction with some of its statements replaced. */
export function overTransaction(transaction: Transaction, replaced: Partial<Transaction>): Transaction {
  return {
    load: (needs) => transaction.load(needs),
    loadOverdue: (needs) => transaction.loadOverdue(needs),
    apply: (changes) => transaction.apply(changes),
    nextReleases: (...asked) => transaction.nextReleases(...asked),
    ...replaced,
  };
}

/** Runs transactions with some of their statements replaced. */
export function transactWith(
  store: SimulatedPort,
  replacedIn: (transaction: Transaction) => Partial<Transaction>,
): Store['transact'] {
  return (work) =>
    store.transact((transaction) => work(overTransaction(transaction, replacedIn(transaction))));
}

export function isLostCommit(error: unknown): error is StoreError {
  return error instanceof StoreError && error.kind === 'outcome_unknown';
}

const nothing = { inserted: [], updated: [] };

/** Changes that are nothing but these keys. */
export function onlyKeys(requestKeys: Changes['requestKeys']): Changes {
  return {
    products: nothing,
    holds: nothing,
    orders: nothing,
    events: nothing,
    payments: nothing,
    refunds: nothing,
    disputes: nothing,
    paymentIntents: nothing,
    requestKeys,
    stockChanges: [],
    operatorDecisions: [],
    refusedPayments: [],
    outgoingEvents: [],
    deliveries: [],
  };
}
