import type { Needs, OverdueNeed } from '../domain/needs.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { Changes, State } from '../domain/state.ts';
import type { Outbox } from './outbox.ts';
import type { Purge } from './purge.ts';
import type { StoreReader } from './store-reader.ts';

/** What only exists inside a transaction. Using it after the transaction's end throws. */
export interface Transaction {
  /**
   * Locks the products in ascending order and then loads what `needs` names, and all that hangs on it: the
   * order of each hold, the hold of each order, events parked under them, payments, refunds and intents.
   * `needs.productIds` holds every product of the named rows.
   *
   * @param lastSeen what the last commits of this process left. Where a product is still of that version, only what has become overdue
   *   since has to be counted. It saves reading and changes nothing.
   */
  load(needs: Needs, lastSeen?: ReadonlyMap<number, ProductSnapshot>): Promise<State>;
  /** What was loaded, with overdue holds, oldest first, and all that hangs on them. */
  loadOverdue(needs: readonly OverdueNeed[]): Promise<State>;
  apply(changes: Changes): Promise<void>;
  /**
   * The earliest deadline of an active hold of each product, as of `nowMs` and after what was applied.
   *
   * @param exceptHoldIds holds that do not count
   */
  nextReleases(
    productIds: readonly number[],
    nowMs: number,
    exceptHoldIds: readonly number[],
  ): Promise<ReadonlyMap<number, number | null>>;
}

export type SchemaState = 'current' | 'too_old' | 'too_new';

/** The connections of one kind at this moment. */
export type PoolUse = {
  readonly role: 'writer' | 'reader' | 'background';
  readonly used: number;
  readonly idle: number;
  /** Who waits for one. */
  readonly waiting: number;
  readonly max: number;
};

/** The one port to the database. Its implementation knows SQL; nobody else does. */
export interface Store extends StoreReader, Outbox {
  /**
   * Connects and compares the schema. @throws StoreError `unavailable` when the database cannot be reached.
   */
  schemaState(): Promise<SchemaState>;
  /**
   * Brings the schema up to date; safe when several processes do it at once. Returns the names of what was
   * applied.
   */
  migrate(): Promise<readonly string[]>;
  /** Tells this database from every other, the same for all who use it: the instant its schema was made. */
  identity(): Promise<string>;
  /**
   * Runs `work` in one transaction and commits. When it rejects with anything but `outcome_unknown`, nothing
   * was written.
   *
   * @throws StoreError for what the database said; whatever `work` throws, after a rollback.
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Deletes rows whose time is over, the oldest first, at most `limit` of each kind. Each call goes on where the last one ended. */
  readonly purge: Purge;
  /** Nothing for a database that is part of this process. */
  poolUse(): readonly PoolUse[];
  close(): Promise<void>;
}
