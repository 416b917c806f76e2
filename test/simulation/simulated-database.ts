import { type Dispute, disputeKey } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import { isFact, type Payment, type PaymentEvent } from '../../src/domain/payment.ts';
import type { Product, StockChange } from '../../src/domain/product.ts';
import type { Refund } from '../../src/domain/refund.ts';
import { type RequestKey, requestKeyName } from '../../src/domain/request-key.ts';
import type { Changes } from '../../src/domain/state.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { priceMinor } from '../stories/step.ts';
import { byId, write } from '../support/row-maps.ts';
import { type Shop, saleBeginsAtMs } from './plan.ts';
import { type LockOwner, RowLocks } from './row-locks.ts';
import { uniqueNamesIn, writtenRowsIn, wrongRows } from './schema.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A transaction as the server knows it. */
export type ServerTransaction = LockOwner & {
  readonly host: number;
  /** What was committed when it won its first lock, as a number. Commits after it may conflict with its own. */
  sawCommits: number;
  changes: Changes | null;
  hasEnded: boolean;
};

/**
 * Rows in memory, as a server or a cluster of hosts keeps them: what is committed is seen by the next statement of everybody, what is not
 * by nobody; rows are locked until the end of a transaction; the schema's constraints hold at each commit. Of two commits of a cluster
 * that wrote the same row without knowing of each other, the second one fails.
 */
export class SimulatedDatabase {
  readonly products = new Map<number, Product>();
  readonly holds = new Map<number, Hold>();
  readonly orders = new Map<number, Order>();
  readonly events = new Map<string, PaymentEvent>();
  readonly payments = new Map<string, Payment>();
  readonly refunds = new Map<number, Refund>();
  readonly disputes = new Map<string, Dispute>();
  readonly requestKeys = new Map<string, RequestKey>();
  readonly stockChanges = new Map<number, StockChange>();
  /** Facts that were deleted, since their payments stayed unknown. */
  readonly forgotten: PaymentEvent[] = [];
  /** What constraints have refused: a sentence for each. */
  readonly violations: string[] = [];
  readonly #time: VirtualTime;
  readonly #shop: Shop;
  readonly #locks: readonly RowLocks[];
  readonly #unique = new Set<string>();
  /** The commit that wrote a row last. */
  readonly #writtenBy = new Map<string, number>();
  #commits = 0;
  #jumpedMs = 0;

  constructor(time: VirtualTime, shop: Shop) {
    this.#time = time;
    this.#shop = shop;
    const hosts = shop.database === 'cluster' ? shop.nodes : 1;
    this.#locks = Array.from({ length: hosts }, () => new RowLocks(time));
    for (let id = 1; id <= shop.products; id += 1) {
      this.products.set(id, {
        id,
        name: `Product ${id}`,
        priceMinor,
        currency: 'USD',
        stock: shop.stock,
        held: 0,
        version: 1,
        opensAtMs: null,
        closesAtMs: null,
      });
    }
  }

  /** The clock of a host. */
  nowMs(host: number): number {
    const offsetMs = (this.#shop.clockOffsetsMs[this.#hostOf(host)] ?? 0) + this.#jumpedMs;
    return saleBeginsAtMs + Math.floor(this.#time.nowMs + offsetMs);
  }

  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  begin(host: number): ServerTransaction {
    return {
      host,
      locks: [],
      waitsFor: null,
      sawCommits: Number.MAX_SAFE_INTEGER,
      changes: null,
      hasEnded: false,
    };
  }

  /** @throws StoreError `retryable` for a deadlock, a wait that took too long, and when the server has ended the transaction meanwhile */
  async lock(transaction: ServerTransaction, rows: readonly string[]): Promise<void> {
    for (const row of rows) {
      await this.#locks[this.#hostOf(transaction.host)]?.lock(transaction, row);
      if (transaction.hasEnded) {
        throw new StoreError('retryable', 'the server ended the transaction');
      }
    }
    transaction.sawCommits = Math.min(transaction.sawCommits, this.#commits);
  }

  /** Checks what statements check, and keeps the changes for the commit. */
  async apply(transaction: ServerTransaction, changes: Changes): Promise<void> {
    await this.lock(transaction, writtenRowsIn(changes));
    for (const product of changes.products.updated) {
      if (this.products.get(product.id)?.version !== product.version - 1) {
        throw new StoreError('retryable', `product ${product.id} was changed while it was locked`);
      }
    }
    for (const name of uniqueNamesIn(changes)) {
      if (this.#unique.has(name)) {
        throw new StoreError('conflict', `${name} is taken`);
      }
    }
    for (const payment of changes.payments.updated) {
      const before = this.payments.get(payment.name);
      const mayChange = before?.settlement === 'flagged' || before?.productId === payment.productId;
      if (!mayChange) {
        throw new StoreError('retryable', `payment ${payment.name} was settled by another transaction`);
      }
    }
    for (const { key } of changes.events.updated) {
      if (!this.events.has(key)) {
        throw new StoreError('retryable', `the event ${key} was deleted by another transaction`);
      }
    }
    transaction.changes = changes;
  }

  /** Deletes facts about payments that stayed unknown, as the worker of a node does. */
  async forgetFacts(host: number, beforeMs: number): Promise<void> {
    const isOld = (event: PaymentEvent | undefined) =>
      event?.result === 'parked' &&
      isFact(event) &&
      event.productId === null &&
      event.orderId === null &&
      event.holdId === null &&
      event.receivedAtMs < beforeMs &&
      ![...this.events.values()].some((other) => !isFact(other) && other.reference === event.reference);
    for (const [key] of [...this.events].filter(([, event]) => isOld(event))) {
      const transaction = this.begin(host);
      await this.lock(transaction, [`event ${key}`]);
      const event = this.events.get(key);
      if (event !== undefined && isOld(event)) {
        this.events.delete(key);
        this.#unique.delete(`event ${key}`);
        this.forgotten.push(event);
      }
      this.rollBack(transaction);
    }
  }

  /**
   * @throws StoreError `retryable` when another host's commit was faster, `defect` when a constraint is broken. Nothing is written then.
   */
  commit(transaction: ServerTransaction): void {
    const { changes, sawCommits } = transaction;
    if (transaction.hasEnded) {
      return;
    }
    this.rollBack(transaction);
    if (changes === null) {
      return;
    }
    const rows = writtenRowsIn(changes);
    if (
      this.#shop.database === 'cluster' &&
      rows.some((row) => (this.#writtenBy.get(row) ?? 0) > sawCommits)
    ) {
      throw new StoreError('retryable', 'a commit on another host was faster');
    }
    const wrong = wrongRows(this, changes);
    if (wrong !== null) {
      this.violations.push(wrong);
      throw new StoreError('defect', wrong);
    }
    this.#write(changes);
    this.#commits += 1;
    for (const name of uniqueNamesIn(changes)) {
      this.#unique.add(name);
    }
    for (const row of rows) {
      this.#writtenBy.set(row, this.#commits);
    }
  }

  /** Ends the transaction without a trace. */
  rollBack(transaction: ServerTransaction): void {
    transaction.hasEnded = true;
    this.#locks[this.#hostOf(transaction.host)]?.release(transaction);
  }

  #write(changes: Changes): void {
    write(this.products, changes.products, byId);
    write(this.stockChanges, { inserted: changes.stockChanges, updated: [] }, byId);
    write(this.holds, changes.holds, byId);
    write(this.orders, changes.orders, byId);
    write(this.payments, changes.payments, (payment) => payment.name);
    write(this.refunds, changes.refunds, byId);
    write(this.disputes, changes.disputes, disputeKey);
    write(this.events, { inserted: changes.events.inserted, updated: [] }, (event) => event.key);
    for (const { key, orderId, holdId, productId, result } of changes.events.updated) {
      const before = this.events.get(key);
      if (before !== undefined) {
        this.events.set(key, { ...before, orderId, holdId, productId, result });
      }
    }
    write(this.requestKeys, { inserted: changes.requestKeys, updated: [] }, ({ scope, key }) =>
      requestKeyName(scope, key),
    );
  }

  #hostOf(node: number): number {
    return this.#shop.database === 'cluster' ? node : 0;
  }
}
