import type { Kysely } from 'kysely';
import type { Dispute } from '../domain/dispute.ts';
import type { OperatorDecision } from '../domain/operator-decision.ts';
import type { PaymentResult } from '../domain/payment.ts';
import type { Refund } from '../domain/refund.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { behind, pageOf } from './pages.ts';
import type { RowMapping } from './rows.ts';
import type { SqlOrderReader } from './sql-order-reader.ts';
import type {
  DisputeFilter,
  HoldFilter,
  HoldWithOrder,
  ListedPaymentEvent,
  OperatorDecisionFilter,
  OrderFilter,
  OrderWithRefunds,
  Page,
  PageRequest,
  PaymentEventFilter,
  ReadAt,
  RefundFilter,
} from './store-reader.ts';
import type { SqlInstant, SqlPaymentResult, Tables } from './tables.ts';

/** `parked` is the result of a fact that waits too. */
function sqlResults(result: PaymentResult): readonly SqlPaymentResult[] {
  return result === 'parked' ? ['parked', 'parked_fact'] : [result];
}

/**
 * The operators' lists. Filters by status go by what readers see: an overdue hold is released, its order
 * expired.
 */
export class SqlLists {
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;
  readonly #orders: SqlOrderReader;

  constructor(dialect: SqlDialect, rows: RowMapping, orders: SqlOrderReader) {
    this.#db = dialect.reader;
    this.#dialect = dialect;
    this.#rows = rows;
    this.#orders = orders;
  }

  async orders(filter: OrderFilter, page: PageRequest): Promise<ReadAt<Page<OrderWithRefunds>>> {
    const nowMs = await this.#dialect.readClock(this.#db);
    const now = this.#encode(nowMs);
    const { status, productId, holdId } = filter;
    let query = this.#db.selectFrom('orders').selectAll();
    if (status === 'pending') {
      query = query.where('status', '=', 'pending').where('payment_due_at', '>', now);
    } else if (status === 'expired') {
      query = query.where((where) =>
        where.or([
          where('status', '=', 'expired'),
          where.and([where('status', '=', 'pending'), where('payment_due_at', '<=', now)]),
        ]),
      );
    } else if (status !== undefined) {
      query = query.where('status', '=', status);
    }
    if (productId !== undefined) {
      query = query.where('product_id', '=', productId);
    }
    if (holdId !== undefined) {
      query = query.where('hold_id', '=', holdId);
    }
    if (page.cursor !== null) {
      query = query.where(behind(this.#dialect.codec, 'created_at', 'id', page.cursor));
    }
    const newest = query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1);
    const orders = (await this.#orders.withRefunds(newest)).map(({ value }) => value);
    return {
      value: pageOf(orders, page.limit, ({ order }) => ({ atMs: order.createdAtMs, id: order.id })),
      nowMs,
    };
  }

  /** By deadline, for which there is an index: one by creation would cost every hold of a sale its upkeep. */
  async holds(filter: HoldFilter, page: PageRequest): Promise<ReadAt<Page<HoldWithOrder>>> {
    const nowMs = await this.#dialect.readClock(this.#db);
    const now = this.#encode(nowMs);
    const { status, productId, holdId } = filter;
    let query = this.#db
      .selectFrom('holds')
      .leftJoin('orders', 'orders.hold_id', 'holds.id')
      .selectAll('holds')
      .select('orders.id as order_id');
    if (status === 'held' || status === 'ordered') {
      query = query.where('holds.status', '=', status).where('holds.expires_at', '>', now);
    } else if (status === 'released') {
      query = query.where((where) =>
        where.or([
          where('holds.status', '=', 'released'),
          where.and([
            where('holds.open', '=', this.#dialect.codec.encodeBoolean(true)),
            where('holds.expires_at', '<=', now),
          ]),
        ]),
      );
    } else if (status !== undefined) {
      query = query.where('holds.status', '=', status);
    }
    if (productId !== undefined) {
      query = query.where('holds.product_id', '=', productId);
    }
    if (holdId !== undefined) {
      query = query.where('holds.id', '=', holdId);
    }
    if (page.cursor !== null) {
      query = query.where(behind(this.#dialect.codec, 'holds.expires_at', 'holds.id', page.cursor));
    }
    const rows = await query
      .orderBy('holds.expires_at', 'desc')
      .orderBy('holds.id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const holds = rows.map((row) => ({ hold: this.#rows.hold(row), orderId: row.order_id }));
    return {
      value: pageOf(holds, page.limit, ({ hold }) => ({ atMs: hold.expiresAtMs, id: hold.id })),
      nowMs,
    };
  }

  async paymentEvents(filter: PaymentEventFilter, page: PageRequest): Promise<Page<ListedPaymentEvent>> {
    let query = this.#db.selectFrom('idempotency_keys').selectAll();
    if (filter.result !== undefined) {
      query = query.where('result', 'in', sqlResults(filter.result));
    }
    if (filter.orderId !== undefined) {
      query = query.where('order_id', '=', filter.orderId);
    }
    if (filter.holdId !== undefined) {
      query = query.where('hold_id', '=', filter.holdId);
    }
    if (filter.key !== undefined) {
      query = query.where('idempotency_key', '=', filter.key);
    }
    if (filter.reference !== undefined) {
      query = query.where('payment_reference', '=', filter.reference);
    }
    if (page.cursor !== null) {
      query = query.where('id', '<', page.cursor.id);
    }
    const rows = await query
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => ({
      atMs: this.#dialect.codec.decodeInstant(row.received_at),
      id: row.id,
    }));
    const decisions = await this.#dialect.rowsAmong(
      this.#db,
      'operator_decisions',
      'event_key',
      items.map((row) => row.idempotency_key),
    );
    const resolutions = new Map(decisions.map((row) => [row.event_key, this.#rows.operatorDecision(row)]));
    const listed = items.map((row) => {
      const resolution = resolutions.get(row.idempotency_key);
      return { ...this.#rows.event(row), ...(resolution === undefined ? {} : { resolution }) };
    });
    return { items: listed, nextCursor };
  }

  async refunds(filter: RefundFilter, page: PageRequest): Promise<Page<Refund>> {
    // What was returned and came back leaves a row of nothing.
    let query = this.#db.selectFrom('refunds').selectAll().where('amount_minor', '>', 0);
    if (filter.status !== undefined) {
      query = query.where('status', '=', filter.status);
    }
    if (filter.orderId !== undefined) {
      query = query.where('order_id', '=', filter.orderId);
    }
    if (filter.holdId !== undefined) {
      query = query.where('hold_id', '=', filter.holdId);
    }
    if (page.cursor !== null) {
      query = query.where(behind(this.#dialect.codec, 'created_at', 'id', page.cursor));
    }
    const rows = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const refunds = rows.map((row) => this.#rows.refund(row));
    return pageOf(refunds, page.limit, (refund) => ({ atMs: refund.createdAtMs, id: refund.id }));
  }

  async operatorDecisions(
    filter: OperatorDecisionFilter,
    page: PageRequest,
  ): Promise<Page<OperatorDecision>> {
    let query = this.#db.selectFrom('operator_decisions').selectAll();
    if (filter.orderId !== undefined) {
      query = query.where('order_id', '=', filter.orderId);
    }
    if (filter.eventKey !== undefined) {
      query = query.where('event_key', '=', filter.eventKey);
    }
    if (page.cursor !== null) {
      query = query.where(behind(this.#dialect.codec, 'created_at', 'id', page.cursor));
    }
    const rows = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const decisions = rows.map((row) => this.#rows.operatorDecision(row));
    return pageOf(decisions, page.limit, ({ createdAtMs, id }) => ({ atMs: createdAtMs, id }));
  }

  async disputes(filter: DisputeFilter, page: PageRequest): Promise<Page<Dispute>> {
    let query = this.#db.selectFrom('disputes').selectAll();
    if (filter.status !== undefined) {
      query = query.where('status', '=', filter.status);
    }
    if (filter.orderId !== undefined) {
      query = query.where('order_id', '=', filter.orderId);
    }
    if (filter.holdId !== undefined) {
      query = query.where('hold_id', '=', filter.holdId);
    }
    if (page.cursor !== null) {
      query = query.where('id', '<', page.cursor.id);
    }
    const rows = await query
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => ({
      atMs: this.#dialect.codec.decodeInstant(row.created_at),
      id: row.id,
    }));
    return { items: items.map((row) => this.#rows.dispute(row)), nextCursor };
  }

  #encode(ms: number): SqlInstant {
    return this.#dialect.codec.encodeInstant(ms);
  }
}
