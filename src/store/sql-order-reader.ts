import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import { sql } from 'kysely';
import { anyReference } from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Refund } from '../domain/refund.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import type { RowMapping } from './rows.ts';
import { StoreError } from './store-error.ts';
import type { OrderWithPayment, OrderWithRefunds, ReadAt } from './store-reader.ts';
import type { OrdersTable, SqlInstant, Tables } from './tables.ts';

/** Reads of orders and of the money around them, as far as it is committed. */
export class SqlOrderReader {
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;

  constructor(dialect: SqlDialect, rows: RowMapping) {
    this.#db = dialect.reader;
    this.#dialect = dialect;
    this.#rows = rows;
  }

  async order(id: number): Promise<ReadAt<OrderWithPayment> | null> {
    const [found] = await this.withRefunds(this.#db.selectFrom('orders').selectAll().where('id', '=', id));
    if (found === undefined) {
      return null;
    }
    const intent = await this.#db
      .selectFrom('payment_intents')
      .selectAll()
      .where('order_id', '=', id)
      .executeTakeFirst();
    const paymentIntent = intent === undefined ? null : this.#rows.paymentIntent(intent);
    return { value: { ...found.value, paymentIntent }, nowMs: found.nowMs };
  }

  /** Orders, newest first, and their refunds. One statement, so that both are of one moment. */
  async withRefunds(
    orders: SelectQueryBuilder<Tables, 'orders', Selectable<OrdersTable>>,
  ): Promise<readonly ReadAt<OrderWithRefunds>[]> {
    const rows = await this.#db
      .selectFrom(orders.as('listed'))
      .leftJoin('refunds as refund', 'refund.order_id', 'listed.id')
      .selectAll('listed')
      .select(this.#now())
      .select(['refund.id as refund_id', 'refund.payment_name', 'refund.amount_minor', 'refund.reason'])
      .select(['refund.currency as refund_currency', 'refund.status as refund_status'])
      .select(['refund.created_at as refund_created_at', 'refund.attempts', 'refund.next_attempt_at'])
      .select(['refund.first_sent_at', 'refund.provider_reference', 'refund.last_error'])
      .orderBy('listed.created_at', 'desc')
      .orderBy('listed.id', 'desc')
      .orderBy('refund.created_at')
      .orderBy('refund.id')
      .execute();
    const found = new Map<number, ReadAt<OrderWithRefunds> & { readonly value: { refunds: Refund[] } }>();
    for (const row of rows) {
      let entry = found.get(row.id);
      if (entry === undefined) {
        entry = { value: { order: this.#rows.order(row), refunds: [] }, nowMs: this.#readAt(row.read_at) };
        found.set(row.id, entry);
      }
      if (row.refund_id !== null) {
        entry.value.refunds.push(
          this.#rows.refund({
            id: row.refund_id,
            payment_name: present(row.payment_name),
            order_id: row.id,
            hold_id: row.hold_id,
            product_id: row.product_id,
            amount_minor: present(row.amount_minor),
            currency: present(row.refund_currency),
            status: present(row.refund_status),
            reason: present(row.reason),
            created_at: present(row.refund_created_at),
            attempts: present(row.attempts),
            next_attempt_at: row.next_attempt_at,
            first_sent_at: row.first_sent_at,
            provider_reference: row.provider_reference,
            last_error: row.last_error,
          }),
        );
      }
    }
    return [...found.values()];
  }

  async intentsToAsk(dueBeforeMs: number, limit: number): Promise<readonly PaymentIntent[]> {
    const rows = await this.#openIntents()
      .where('orders.status', '=', 'pending')
      .where('orders.payment_due_at', '>', this.#dialect.clock())
      .where('orders.payment_due_at', '<=', this.#dialect.codec.encodeInstant(dueBeforeMs))
      .orderBy('orders.payment_due_at')
      .orderBy('orders.id')
      .limit(limit)
      .execute();
    return rows.map((row) => this.#rows.paymentIntent(row));
  }

  async intentsToClose(limit: number): Promise<readonly PaymentIntent[]> {
    const rows = await this.#openIntents()
      .where('orders.status', '<>', 'pending')
      .orderBy('payment_intents.created_at')
      .orderBy('payment_intents.order_id')
      .limit(limit)
      .execute();
    return rows.map((row) => this.#rows.paymentIntent(row));
  }

  async refundsToSend(limit: number): Promise<readonly Refund[]> {
    const rows = await this.#db
      .selectFrom('refunds')
      .selectAll()
      .where('status', '=', 'due')
      .where('payment_name', 'like', `${anyReference}%`)
      .where((where) =>
        where.or([
          where('next_attempt_at', 'is', null),
          where('next_attempt_at', '<=', this.#dialect.clock()),
        ]),
      )
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => this.#rows.refund(row));
  }

  #openIntents() {
    return this.#db
      .selectFrom('payment_intents')
      .innerJoin('orders', 'orders.id', 'payment_intents.order_id')
      .selectAll('payment_intents')
      .where('payment_intents.status', '=', 'open');
  }

  #now() {
    return sql<SqlInstant>`${this.#dialect.clock()}`.as('read_at');
  }

  #readAt(value: SqlInstant): number {
    const ms = this.#dialect.codec.decodeInstant(value);
    this.#dialect.clockWasRead(ms);
    return ms;
  }
}

/** A column that the schema never leaves empty, read through an outer join. */
function present<Value>(value: Value | null): Value {
  if (value === null) {
    throw new StoreError('defect', 'a column that cannot be null was');
  }
  return value;
}
