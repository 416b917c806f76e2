import type { Needs, OverdueNeed } from '../../src/domain/needs.ts';
import type { Changes, State } from '../../src/domain/state.ts';
import type { Transaction } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { emptyState, type MutableState } from '../support/empty-state.ts';
import { byId, merged, pick } from '../support/row-maps.ts';
import type { NodeLife } from './node-life.ts';
import type { ServerTransaction, SimulatedDatabase } from './simulated-database.ts';
import {
  availabilityOf,
  readAvailability,
  readFacts,
  readHolds,
  readKeys,
  readOverdue,
  readPayments,
  readProducts,
} from './state-reading.ts';

/** A transaction as a process sees it. Its statements come in the order of the real ones: the products' locks first and alone. */
export class SimulatedTransaction implements Transaction {
  /** The connection fell: there is no way to the server's end of it any more. */
  isCutOff = false;
  readonly #db: SimulatedDatabase;
  readonly #server: ServerTransaction;
  readonly #life: NodeLife;
  readonly #overdueRowsMax: number;
  #state: MutableState = emptyState(0);
  #hasEnded = false;

  constructor(db: SimulatedDatabase, server: ServerTransaction, life: NodeLife, overdueRowsMax: number) {
    this.#db = db;
    this.#server = server;
    this.#life = life;
    this.#overdueRowsMax = overdueRowsMax;
  }

  end(): void {
    this.#hasEnded = true;
  }

  async load(needs: Needs): Promise<State> {
    const state = emptyState(0);
    this.#state = state;
    await this.#statement('lock');
    await this.#db.lock(
      this.#server,
      needs.productIds.map((id) => `product ${id}`),
    );
    readProducts(state, this.#db, needs.productIds);
    if (needs.stockChangeIds.length > 0) {
      await this.#statement('read stock changes');
      const changes = [...pick(this.#db.stockChanges, needs.stockChangeIds).values()];
      state.stockChanges = merged(state.stockChanges, changes, byId);
    }
    await this.#statement('read availability');
    readAvailability(state, this.#db, this.#server.host);
    if (needs.requestKeys.length + needs.eventKeys.length > 0) {
      await this.#statement('read keys');
      readKeys(state, this.#db, needs);
    }
    if (needs.holdIds.length + needs.refundIds.length > 0) {
      await this.#statement('read holds');
      const refunds = [...pick(this.#db.refunds, needs.refundIds).values()];
      state.refunds = merged(state.refunds, refunds, byId);
      readHolds(state, this.#db, needs.holdIds, needs.withPayments);
    }
    const names = [...needs.paymentNames, ...[...state.refunds.values()].map((refund) => refund.paymentName)];
    if (names.length > 0) {
      await this.#statement('read payments');
      readPayments(state, this.#db, names);
      await this.#statement('read facts');
      readFacts(state, this.#db, needs.paymentNames);
    }
    return state;
  }

  async loadOverdue(needs: readonly OverdueNeed[]): Promise<State> {
    await this.#statement('read overdue');
    readOverdue(this.#state, this.#db, needs, this.#overdueRowsMax);
    return this.#state;
  }

  async apply(changes: Changes): Promise<void> {
    await this.#statement('write');
    const isNew =
      changes.holds.inserted.length + changes.orders.inserted.length + changes.stockChanges.length;
    if (isNew > 0 && this.#life.take('id taken') !== null) {
      throw new StoreError('conflict', 'an id is taken');
    }
    await this.#db.apply(this.#server, changes);
  }

  async nextReleases(
    productIds: readonly number[],
    nowMs: number,
    exceptHoldIds: readonly number[],
  ): Promise<ReadonlyMap<number, number | null>> {
    await this.#statement('read next releases');
    const changed = this.#server.changes?.holds;
    const holds = merged(this.#db.holds, [...(changed?.inserted ?? []), ...(changed?.updated ?? [])], byId);
    const all = [...holds.values()].filter(({ id }) => !exceptHoldIds.includes(id));
    return new Map(productIds.map((id) => [id, availabilityOf(all, id, nowMs).nextReleaseAtMs]));
  }

  async #statement(label: string): Promise<void> {
    if (this.#hasEnded) {
      throw new StoreError('defect', 'a transaction was used after its end');
    }
    await this.#life.trip(label);
    if (this.#server.hasEnded) {
      throw new StoreError('retryable', 'the server had ended the transaction');
    }
    const lost = this.#life.take('connection lost');
    if (lost !== null) {
      this.isCutOff = true;
      this.#life.onServer(lost.forMs, 'connection ends', () => this.#db.rollBack(this.#server));
      throw new StoreError('retryable', 'the connection fell');
    }
    if (this.#life.take('deadlock') !== null) {
      this.#db.rollBack(this.#server);
      throw new StoreError('retryable', 'deadlock');
    }
  }
}
