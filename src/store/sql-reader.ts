import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Order } from '../domain/order.ts';
import { factStatuses, type PaymentEvent } from '../domain/payment.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import { nextRelease, orderedUnits, overdueUnits, soldUnits } from './availability.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import type { RowMapping } from './rows.ts';
import type { HoldWithOrder, Located, ProductSales, ReadAt } from './store-reader.ts';
import type { IdempotencyKeysTable, ProductsTable, SqlInstant, SqlPaymentResult, Tables } from './tables.ts';

type EventRow = Selectable<IdempotencyKeysTable>;

/** Of events that wait. */
const waitingResults = ['parked', 'parked_fact'] as const satisfies readonly SqlPaymentResult[];
type WaitingResult = (typeof waitingResults)[number];

/** Single reads of what is committed. */
export class SqlReader {
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;

  constructor(dialect: SqlDialect, rows: RowMapping) {
    this.#db = dialect.reader;
    this.#dialect = dialect;
    this.#rows = rows;
  }

  async locate(named: {
    readonly holdIds: readonly number[];
    readonly orderIds: readonly number[];
    readonly refundIds: readonly number[];
    readonly returnedPayments: readonly string[];
  }): Promise<Located> {
    const rowsOf = <Name extends keyof Tables>(
      table: Name,
      column: keyof Tables[Name] & string,
      values: readonly (number | string)[],
    ) => this.#dialect.rowsAmong(this.#db, table, column, values);
    const holds = await rowsOf('holds', 'id', named.holdIds);
    const orders = await rowsOf('orders', 'id', named.orderIds);
    const refunds = await rowsOf('refunds', 'id', named.refundIds);
    const payments = await rowsOf('payments', 'name', named.returnedPayments);
    return {
      productIdByHold: new Map(holds.map((row) => [row.id, row.product_id])),
      orders: new Map(orders.map((row) => [row.id, { holdId: row.hold_id, productId: row.product_id }])),
      refunds: new Map(refunds.map((row) => [row.id, { holdId: row.hold_id, productId: row.product_id }])),
      payments: new Map(
        payments.map((row) => [row.name, { holdId: row.hold_id, productId: row.product_id }]),
      ),
    };
  }

  async product(id: number): Promise<ProductSnapshot | null> {
    const row = await this.#products().where('products.id', '=', id).executeTakeFirst();
    return row === undefined ? null : this.#snapshot(row);
  }

  async products(): Promise<readonly ProductSnapshot[]> {
    const rows = await this.#products().orderBy('products.id').execute();
    return rows.map((row) => this.#snapshot(row));
  }

  async productSales(): Promise<readonly ProductSales[]> {
    const now = this.#dialect.clock();
    const rows = await this.#products()
      .select([orderedUnits(now).as('ordered_units'), soldUnits.as('sold_units')])
      .orderBy('products.id')
      .execute();
    return rows.map((row) => ({
      product: this.#snapshot(row),
      orderedStock: Number(row.ordered_units),
      soldUnits: Number(row.sold_units),
    }));
  }

  async hold(id: number): Promise<ReadAt<HoldWithOrder> | null> {
    const row = await this.#db
      .selectFrom('holds')
      .leftJoin('orders', 'orders.hold_id', 'holds.id')
      .selectAll('holds')
      .select(['orders.id as order_id', this.#now()])
      .where('holds.id', '=', id)
      .executeTakeFirst();
    return row === undefined
      ? null
      : { value: { hold: this.#rows.hold(row), orderId: row.order_id }, nowMs: this.#readAt(row.read_at) };
  }

  async deadlines(): Promise<ReadAt<readonly { readonly productId: number; readonly deadlineMs: number }[]>> {
    const earliest = sql<SqlInstant | null>`(select holds.expires_at from holds
      where holds.product_id = products.id and holds.open = ${this.#dialect.codec.encodeBoolean(true)}
      order by holds.expires_at limit 1)`;
    const nowMs = await this.#dialect.readClock(this.#db);
    const rows = await this.#db
      .selectFrom('products')
      .select(['products.id', earliest.as('deadline')])
      .execute();
    const value = rows.flatMap((row) =>
      row.deadline === null ? [] : [{ productId: row.id, deadlineMs: this.#decode(row.deadline) }],
    );
    return { value, nowMs };
  }

  async parkedButKnown(limit: number): Promise<readonly PaymentEvent[]> {
    const rows: EventRow[] = [];
    for (const result of waitingResults) {
      rows.push(...(await this.#waitingForKnown(result).limit(limit).execute()));
    }
    // A fact waits for its payment, also under a known order.
    const { codec } = this.#dialect;
    const facts = this.#db
      .selectFrom('idempotency_keys as fact')
      .selectAll('fact')
      .where('fact.result', '=', 'parked_fact')
      .limit(limit);
    const ofReference = facts.innerJoin('payments', (join) =>
      join.on('payments.name', '=', sql<string>`concat('ref:', fact.payment_reference)`),
    );
    // One without a reference is about the payment that bought the order. A version before facts may have taken that in.
    const ofOrder = facts
      .innerJoin('holds', 'holds.id', 'fact.hold_id')
      .where('fact.payment_reference', 'is', null)
      .where('fact.product_id', 'is not', null)
      .where('holds.consumed', '=', codec.encodeBoolean(true));
    rows.push(...(await ofReference.execute()), ...(await ofOrder.execute()));
    const events = new Map(rows.map((row) => [row.id, this.#rows.event(row)]));
    return [...events.values()].slice(0, limit);
  }

  async parkedForOrders(orders: readonly Pick<Order, 'id' | 'holdId'>[]): Promise<readonly PaymentEvent[]> {
    const { among } = this.#dialect;
    const rows: EventRow[] = [];
    for (const result of waitingResults) {
      const waiting = this.#waiting(result).where((where) =>
        where.or([
          among(
            where.ref('order_id'),
            orders.map((order) => order.id),
          ),
          among(
            where.ref('hold_id'),
            orders.map((order) => order.holdId),
          ),
        ]),
      );
      rows.push(...(await waiting.execute()));
    }
    return rows.map((row) => this.#rows.event(row));
  }

  async parkedSince(beforeMs: number, limit: number): Promise<readonly PaymentEvent[]> {
    const before = this.#dialect.codec.encodeInstant(beforeMs);
    const events = await this.#waiting('parked').where('received_at', '<', before).limit(limit).execute();
    const facts = await this.#waiting('parked_fact')
      .where('received_at', '<', before)
      // A fact that names neither order nor hold may belong to another shop with the same account: it is deleted, unless its payment
      // was reported here.
      .where((where) =>
        where.or([
          where('order_id', 'is not', null),
          where('hold_id', 'is not', null),
          where.exists(
            where
              .selectFrom('idempotency_keys as other')
              .select('other.id')
              .whereRef('other.payment_reference', '=', 'idempotency_keys.payment_reference')
              .where('other.status', 'not in', factStatuses),
          ),
        ]),
      )
      .limit(limit)
      .execute();
    return [...events, ...facts].slice(0, limit).map((row) => this.#rows.event(row));
  }

  #waitingForKnown(result: WaitingResult) {
    return this.#waiting(result).where((where) =>
      where.or([
        where.exists(
          where
            .selectFrom('orders')
            .select('orders.id')
            .whereRef('orders.id', '=', 'idempotency_keys.order_id'),
        ),
        where.exists(
          where.selectFrom('holds').select('holds.id').whereRef('holds.id', '=', 'idempotency_keys.hold_id'),
        ),
      ]),
    );
  }

  /** Each result alone, so that its rows come in the order of the index. */
  #waiting(result: WaitingResult) {
    return this.#db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('result', '=', result)
      .where('product_id', 'is', null)
      .orderBy('received_at')
      .orderBy('id');
  }

  #products() {
    const now = this.#dialect.clock();
    const { codec } = this.#dialect;
    return this.#db
      .selectFrom('products')
      .selectAll('products')
      .select([
        overdueUnits(codec, now).as('overdue_units'),
        nextRelease(codec, now).as('next_release_at'),
        sql<SqlInstant>`${now}`.as('read_at'),
      ]);
  }

  #snapshot(
    row: Selectable<ProductsTable> & {
      overdue_units: number | string;
      next_release_at: SqlInstant | null;
      read_at: SqlInstant;
    },
  ): ProductSnapshot {
    const { held, ...product } = this.#rows.product(row);
    return {
      ...product,
      asOfMs: this.#readAt(row.read_at),
      heldStock: held - Number(row.overdue_units),
      nextReleaseAtMs: row.next_release_at === null ? null : this.#decode(row.next_release_at),
    };
  }

  #now() {
    return sql<SqlInstant>`${this.#dialect.clock()}`.as('read_at');
  }

  /** A reading of the database's clock. */
  #readAt(value: SqlInstant): number {
    const ms = this.#decode(value);
    this.#dialect.clockWasRead(ms);
    return ms;
  }

  #decode(value: SqlInstant): number {
    return this.#dialect.codec.decodeInstant(value);
  }
}
