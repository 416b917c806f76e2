import type { Kysely, Selectable } from 'kysely';
import type { Dispute } from '../domain/dispute.ts';
import type { Hold } from '../domain/hold.ts';
import type { Needs, OverdueNeed } from '../domain/needs.ts';
import type { OperatorDecision } from '../domain/operator-decision.ts';
import type { Order } from '../domain/order.ts';
import type { Payment, PaymentEvent } from '../domain/payment.ts';
import { noRow, paymentName } from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Product, ProductSnapshot, StockChange } from '../domain/product.ts';
import type { Refund } from '../domain/refund.ts';
import type { RequestKey } from '../domain/request-key.ts';
import { requestKeyName } from '../domain/request-key.ts';
import type { Availability, State } from '../domain/state.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { MoneyLoader } from './money-loader.ts';
import type { ProductStatements } from './product-statements.ts';
import { readAvailability } from './read-availability.ts';
import type { RowMapping } from './rows.ts';
import type { HoldsTable, Tables } from './tables.ts';

/** Reads what a batch needs, table by table, in one transaction. */
export class StateLoader implements State {
  nowMs = 0;
  nextProductId = 0;
  parkedUnknown = 0;
  parkedUnknownFacts = 0;
  readonly products = new Map<number, Product>();
  readonly availability = new Map<number, Availability>();
  readonly holds = new Map<number, Hold>();
  readonly overdueHoldIds = new Map<number, readonly number[]>();
  readonly orders = new Map<number, Order>();
  readonly orderIdByHold = new Map<number, number>();
  readonly events = new Map<string, PaymentEvent>();
  readonly parkedKeysByHold = new Map<number, string[]>();
  readonly payments: ReadonlyMap<string, Payment>;
  readonly refunds: ReadonlyMap<number, Refund>;
  readonly disputes: ReadonlyMap<string, Dispute>;
  readonly paymentIntents: ReadonlyMap<number, PaymentIntent>;
  readonly requestKeys = new Map<string, RequestKey>();
  readonly stockChanges = new Map<number, StockChange>();
  readonly operatorDecisions = new Map<number, OperatorDecision>();
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;
  readonly #statements: ProductStatements;
  readonly #money: MoneyLoader;

  constructor(db: Kysely<Tables>, dialect: SqlDialect, rows: RowMapping, statements: ProductStatements) {
    this.#db = db;
    this.#dialect = dialect;
    this.#rows = rows;
    this.#statements = statements;
    this.#money = new MoneyLoader(db, dialect, rows);
    this.payments = this.#money.payments;
    this.refunds = this.#money.refunds;
    this.disputes = this.#money.disputes;
    this.paymentIntents = this.#money.paymentIntents;
  }

  async load(needs: Needs, lastSeen: ReadonlyMap<number, ProductSnapshot>): Promise<void> {
    // First of all and alone: a statement that waits for a lock sees the world as it was before the wait.
    await this.#lockProducts(needs.productIds);
    await this.#loadStockChanges(needs.stockChangeIds);
    await this.#loadAvailabilityAndClock([...this.products.values()], lastSeen);
    await this.#loadRequestKeys(needs.requestKeys);
    await this.#loadEvents(needs.eventKeys);
    await this.#loadOperatorDecisions('id', needs.operatorDecisionIds);
    await this.#loadOperatorDecisions('event_key', needs.resolvedEvents);
    await this.#loadFlaggedEvents(needs.flaggedReferences);
    if (needs.productIds.includes(noRow)) {
      await this.#money.lockUnguarded(needs);
    }
    await this.#money.loadRefunds('id', needs.refundIds);
    await this.#loadHolds(needs.holdIds, needs.withPayments);
    await this.#money.loadPayments('name', [
      ...needs.paymentNames,
      ...[...this.refunds.values()].map((refund) => refund.paymentName),
    ]);
    await this.#loadFacts(needs);
    this.#money.settleDecisions(this.orders);
    await this.#money.loadPaymentIntents(needs.withPaymentIntents ? [...this.orders.keys()] : []);
    if (needs.withParkedUnknown) {
      this.parkedUnknown = await this.#countUnknown('parked');
    }
    if (needs.withParkedUnknownFacts) {
      this.parkedUnknownFacts = await this.#countUnknown('parked_fact');
    }
    if (needs.withNextProductId) {
      await this.#readNextProductId();
    }
  }

  async loadOverdue(needs: readonly OverdueNeed[]): Promise<void> {
    const { codec } = this.#dialect;
    const overdue: Hold[] = [];
    // One statement for each product: under a common limit one product's overdue holds would hide another's.
    for (const need of needs) {
      const rows = await this.#db
        .selectFrom('holds')
        .selectAll()
        .where('product_id', '=', need.productId)
        .where('open', '=', codec.encodeBoolean(true))
        .where('expires_at', '<=', codec.encodeInstant(this.nowMs))
        .orderBy('expires_at')
        .limit(need.rows)
        .execute();
      this.overdueHoldIds.set(
        need.productId,
        rows.map((row) => row.id),
      );
      overdue.push(...this.#addHolds(rows));
    }
    await this.#loadBelongings(overdue, false);
    await this.#loadRefundsOfPayments();
    this.#money.settleDecisions(this.orders);
  }

  async #lockProducts(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) {
      return;
    }
    for (const row of await this.#statements.lock(this.#db, ids)) {
      this.products.set(row.id, this.#rows.product(row));
    }
  }

  async #loadAvailabilityAndClock(
    products: readonly Product[],
    lastSeen: ReadonlyMap<number, ProductSnapshot>,
  ): Promise<void> {
    if (products.length === 0) {
      this.nowMs = await this.#dialect.readClock(this.#db);
      return;
    }
    const { codec } = this.#dialect;
    for (const { id, read_at, overdue_units, next_release_at } of await readAvailability(
      this.#db,
      this.#dialect,
      this.#statements,
      products,
      lastSeen,
    )) {
      this.nowMs = codec.decodeInstant(read_at);
      this.availability.set(id, {
        overdueUnits: Number(overdue_units),
        nextReleaseAtMs: next_release_at === null ? null : codec.decodeInstant(next_release_at),
      });
    }
    this.#dialect.clockWasRead(this.nowMs);
  }

  /** Also locks the products of the changes: one that a lost commit created could not be named before. */
  async #loadStockChanges(ids: readonly number[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'stock_changes', 'id', ids);
    for (const row of rows) {
      this.stockChanges.set(row.id, this.#rows.stockChange(row));
    }
    await this.#lockProducts(rows.map((row) => row.product_id).filter((id) => !this.products.has(id)));
  }

  async #loadRequestKeys(names: readonly string[]): Promise<void> {
    const wanted = new Set(names);
    const keys = names.map((name) => name.slice(name.indexOf(':') + 1));
    const rows = await this.#dialect.rowsAmong(this.#db, 'request_keys', 'idempotency_key', keys);
    for (const row of rows) {
      const name = requestKeyName(row.scope, row.idempotency_key);
      if (wanted.has(name)) {
        this.requestKeys.set(name, this.#rows.requestKey(row));
      }
    }
  }

  async #loadEvents(keys: readonly string[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'idempotency_keys', 'idempotency_key', keys);
    for (const row of rows) {
      this.events.set(row.idempotency_key, this.#rows.event(row));
    }
  }

  async #loadOperatorDecisions(
    column: 'id' | 'event_key',
    values: readonly (number | string)[],
  ): Promise<void> {
    for (const row of await this.#dialect.rowsAmong(this.#db, 'operator_decisions', column, values)) {
      this.operatorDecisions.set(row.id, this.#rows.operatorDecision(row));
    }
  }

  /** Events that may report a payment for the second time wait together for one decision about it. */
  async #loadFlaggedEvents(references: readonly string[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'idempotency_keys', 'payment_reference', references);
    for (const row of rows) {
      if (row.result === 'possible_second_payment') {
        this.events.set(row.idempotency_key, this.#rows.event(row));
      }
    }
  }

  async #loadHolds(ids: readonly number[], withPayments: boolean): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'holds', 'id', ids);
    await this.#loadBelongings(this.#addHolds(rows), withPayments);
  }

  #addHolds(rows: readonly Selectable<HoldsTable>[]): Hold[] {
    const added: Hold[] = [];
    for (const row of rows) {
      if (!this.holds.has(row.id)) {
        const hold = this.#rows.hold(row);
        this.holds.set(hold.id, hold);
        added.push(hold);
      }
    }
    return added;
  }

  /**
   * Orders with their refunds, events that wait, and payments that these, or the batch's own events, may tell
   * of again.
   */
  async #loadBelongings(holds: readonly Hold[], withPayments: boolean): Promise<void> {
    // A hold that is still held cannot have an order, and only such a hold can have events waiting for one.
    await this.#loadOrders(holds.filter((hold) => hold.status !== 'held').map((hold) => hold.id));
    const waiting = holds
      .filter((hold) => hold.status === 'held' && hold.parked !== null)
      .map((hold) => hold.id);
    const parked = await this.#loadParkedEvents(waiting);
    const names = parked.map(paymentName);
    await this.#money.loadPayments('name', names);
    await this.#money.loadPayments('hold_id', withPayments ? holds.map((hold) => hold.id) : waiting);
    this.#addFacts(await this.#money.loadFacts(names, waiting));
  }

  /** Facts about the named and the loaded payments, and the refunds of those whose order is not loaded. */
  async #loadFacts(needs: Needs): Promise<void> {
    const payments = [...this.payments.values()];
    const names = new Set([...needs.paymentNames, ...payments.map(({ name }) => name)]);
    const holdIds = needs.withPayments ? [...this.holds.keys()] : payments.map(({ holdId }) => holdId);
    this.#addFacts(await this.#money.loadFacts([...names], holdIds));
    await this.#loadRefundsOfPayments();
  }

  /** A payment may be of no order, or be a flagged one of an order that the batch does not know. */
  async #loadRefundsOfPayments(): Promise<void> {
    const loaded = new Set([...this.refunds.values()].map(({ paymentName: name }) => name));
    const names = [...this.payments.values()]
      .filter(({ name, orderId }) => !loaded.has(name) && (orderId === null || !this.orders.has(orderId)))
      .map(({ name }) => name);
    await this.#money.loadRefunds('payment_name', names);
  }

  #addFacts(facts: readonly PaymentEvent[]): void {
    for (const event of facts) {
      this.events.set(event.key, event);
    }
  }

  async #loadOrders(holdIds: readonly number[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'orders', 'hold_id', holdIds);
    for (const row of rows) {
      this.orders.set(row.id, this.#rows.order(row));
      this.orderIdByHold.set(row.hold_id, row.id);
    }
    await this.#money.loadRefunds(
      'order_id',
      rows.map((row) => row.id),
    );
  }

  async #loadParkedEvents(holdIds: readonly number[]): Promise<PaymentEvent[]> {
    if (holdIds.length === 0) {
      return [];
    }
    const rows = await this.#db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where((where) => this.#dialect.among(where.ref('hold_id'), holdIds))
      .where('result', '=', 'parked')
      .where('product_id', 'is not', null)
      .orderBy('received_at')
      .orderBy('id')
      .execute();
    const events = rows.map((row) => this.#rows.event(row));
    for (const event of events) {
      this.events.set(event.key, event);
      const keys = this.parkedKeysByHold.get(event.holdId ?? 0) ?? [];
      keys.push(event.key);
      this.parkedKeysByHold.set(event.holdId ?? 0, keys);
    }
    return events;
  }

  async #countUnknown(result: 'parked' | 'parked_fact'): Promise<number> {
    const row = await this.#db
      .selectFrom('idempotency_keys')
      .select((select) => select.fn.countAll().as('count'))
      .where('result', '=', result)
      .where('product_id', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  async #readNextProductId(): Promise<void> {
    const row = await this.#db
      .selectFrom('products')
      .select((select) => select.fn.max('id').as('last'))
      .executeTakeFirst();
    this.nextProductId = Number(row?.last ?? 0) + 1;
  }
}
