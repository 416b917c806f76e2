import { isOpen } from '../../src/domain/hold.ts';
import { isFact, type PaymentEvent, referenceName } from '../../src/domain/payment.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { Located, StoreReader } from '../../src/store/store-reader.ts';
import { pick } from '../support/row-maps.ts';
import type { NodeLife } from './node-life.ts';
import type { ServerTransaction, SimulatedDatabase } from './simulated-database.ts';
import { SimulatedTransaction } from './simulated-transaction.ts';

/** What of the store's port the engine and the workers use. */
export type SimulatedPort = Pick<Store, 'locate' | 'transact'> &
  Pick<StoreReader, 'deadlines' | 'nowMs' | 'parkedButKnown' | 'parkedForOrders' | 'parkedSince'>;

/** A process's way to the simulated database: each statement takes its time, and any of them may be the one that goes wrong. */
export class SimulatedStore implements SimulatedPort {
  /** Transactions that the server has not ended. */
  readonly underWay = new Set<ServerTransaction>();
  readonly #db: SimulatedDatabase;
  readonly #life: NodeLife;
  readonly #host: number;
  readonly #overdueRowsMax: number;

  constructor(db: SimulatedDatabase, life: NodeLife, host: number, overdueRowsMax: number) {
    this.#db = db;
    this.#life = life;
    this.#host = host;
    this.#overdueRowsMax = overdueRowsMax;
  }

  nowMs(): number {
    return this.#db.nowMs(this.#host);
  }

  transact: Store['transact'] = async (work) => {
    await this.#life.trip('begin');
    if (this.#life.take('database away') !== null) {
      throw new StoreError('unavailable', 'the database is away');
    }
    const server = this.#db.begin(this.#host);
    this.underWay.add(server);
    const transaction = new SimulatedTransaction(this.#db, server, this.#life, this.#overdueRowsMax);
    try {
      const result = await work(transaction);
      await this.#commit(server);
      return result;
    } catch (error) {
      const isLost = error instanceof StoreError && error.kind === 'outcome_unknown';
      if (!isLost && !transaction.isCutOff) {
        await this.#life.trip('roll back');
        this.#db.rollBack(server);
      }
      throw error;
    } finally {
      transaction.end();
      this.underWay.delete(server);
    }
  };

  async #commit(server: ServerTransaction): Promise<void> {
    const before = this.#life.take('crash before commit');
    if (before !== null) {
      this.#life.die(before);
    }
    await this.#life.trip('commit');
    if (server.hasEnded) {
      throw new StoreError('outcome_unknown', 'the server had ended the connection');
    }
    const lost = this.#life.take('commit lost');
    if (lost !== null) {
      const end = lost.tookPlace === 'never' ? 'rollBack' : 'commit';
      this.#life.onServer(lost.tookPlace === 'before' ? 0 : lost.forMs, `lost ${end}`, () => {
        try {
          this.#db[end](server);
        } catch {
          // It failed, and there is nobody left to be told.
        }
      });
      await this.#life.trip('connection falls');
      throw new StoreError('outcome_unknown', 'the connection fell during the commit');
    }
    const after = this.#life.take('crash after commit');
    this.#db.commit(server);
    if (after !== null) {
      this.#life.die(after);
    }
    await this.#life.trip('committed');
  }

  async locate(rows: Parameters<Store['locate']>[0]): Promise<Located> {
    await this.#read('locate');
    const { holds, orders, refunds, payments } = this.#db;
    return {
      productIdByHold: new Map([...pick(holds, rows.holdIds)].map(([id, { productId }]) => [id, productId])),
      orders: pick(orders, rows.orderIds),
      refunds: pick(refunds, rows.refundIds),
      payments: pick(payments, rows.returnedPayments),
    };
  }

  deadlines: StoreReader['deadlines'] = async () => {
    await this.#read('deadlines');
    const byProduct = Map.groupBy([...this.#db.holds.values()].filter(isOpen), ({ productId }) => productId);
    const value = [...byProduct].map(([productId, holds]) => ({
      productId,
      deadlineMs: Math.min(...holds.map(({ expiresAtMs }) => expiresAtMs)),
    }));
    return { value, nowMs: this.nowMs() };
  };

  async parkedButKnown(): Promise<readonly PaymentEvent[]> {
    await this.#read('parked but known');
    const { orders, holds, payments, events } = this.#db;
    const known = this.#parked().filter(
      ({ orderId, holdId }) => orders.has(orderId ?? 0) || holds.has(holdId ?? 0),
    );
    const facts = [...events.values()].filter(
      (event) =>
        isFact(event) && event.result === 'parked' && payments.has(referenceName(event.reference ?? '')),
    );
    return [...known, ...facts];
  }

  parkedForOrders: StoreReader['parkedForOrders'] = async (orders) => {
    await this.#read('parked for orders');
    return this.#parked().filter((event) =>
      orders.some(({ id, holdId }) => event.orderId === id || event.holdId === holdId),
    );
  };

  async parkedSince(beforeMs: number): Promise<readonly PaymentEvent[]> {
    await this.#read('parked since');
    return this.#parked().filter(
      (event) =>
        event.receivedAtMs < beforeMs &&
        (!isFact(event) ||
          event.orderId !== null ||
          event.holdId !== null ||
          [...this.#db.events.values()].some(
            (other) => !isFact(other) && other.reference === event.reference,
          )),
    );
  }

  #parked(): PaymentEvent[] {
    return [...this.#db.events.values()].filter(
      ({ result, productId }) => result === 'parked' && productId === null,
    );
  }

  async #read(label: string): Promise<void> {
    await this.#life.trip(label);
    if (this.#life.take('read fails') !== null) {
      throw new StoreError('retryable', 'the connection fell during a read');
    }
  }
}
