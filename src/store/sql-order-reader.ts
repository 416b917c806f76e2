import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Dispute } from '../domain/dispute.ts';
import type { Order } from '../domain/order.ts';
import { anyReference } from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Refund } from '../domain/refund.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import type { RowMapping } from './rows.ts';
import { StoreError } from './store-error.ts';
import type { OrderWithPayment, OrderWithRefunds, ReadAt } from './store-reader.ts';
import type { OrdersTable, SqlInstant, Tables } from './tables.ts';

/** An order with what belongs to it, while its rows are read. */
type MutableOrder = { readonly order: Order; readonly refunds: Refund[]; readonly disputes: Dispute[] };

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
      .leftJoin('disputes as dispute', 'dispute.order_id', 'listed.id')
      .selectAll('listed')
      .select(this.#now())
      .select(['refund.id as refund_id', 'refund.payment_name', 'refund.amount_minor', 'refund.reason'])
      .select(['refund.currency as refund_currency', 'refund.status as refund_status'])
      .select(['refund.created_at as refund_created_at', 'refund.attempts', 'refund.next_attempt_at'])
      .select(['refund.first_sent_at', 'refund.provider_reference', 'refund.last_error'])
      .select(['refund.owed_minor', 'refund.returned_minor', 'refund.sent_minor', 'refund.sends'])
      .select([
        'refund.looked_up_minor',
        'refund.looked_up_at',
        'refund.attempt_minor',
        'refund.leased_until',
        'refund.summed_status',
      ])
      .select(['dispute.dispute_id', 'dispute.payment_name as dispute_payment_name'])
      .select(['dispute.amount_minor as dispute_amount_minor', 'dispute.currency as dispute_currency'])
      .select(['dispute.status as dispute_status', 'dispute.created_at as dispute_created_at'])
      .orderBy('listed.created_at', 'desc')
      .orderBy('listed.id', 'desc')
      .orderBy('refund.created_at')
      .orderBy('refund.id')
      .orderBy('dispute.created_at')
      .orderBy('dispute.dispute_id')
      .execute();
    const found = new Map<number, ReadAt<MutableOrder>>();
    for (const row of rows) {
      let entry = found.get(row.id);
      if (entry === undefined) {
        const value = { order: this.#rows.order(row), refunds: [], disputes: [] };
        entry = { value, nowMs: this.#readAt(row.read_at) };
        found.set(row.id, entry);
      }
      const { refunds, disputes } = entry.value;
      // Several refunds and disputes of one order come in all their pairs.
      if (
        row.dispute_id !== null &&
        !disputes.some(
          ({ id, paymentName }) => id === row.dispute_id && paymentName === row.dispute_payment_name,
        )
      ) {
        disputes.push(
          this.#rows.dispute({
            dispute_id: row.dispute_id,
            payment_name: present(row.dispute_payment_name),
            order_id: row.id,
            hold_id: row.hold_id,
            product_id: row.product_id,
            amount_minor: present(row.dispute_amount_minor),
            currency: present(row.dispute_currency),
            status: present(row.dispute_status),
            created_at: present(row.dispute_created_at),
          }),
        );
      }
      if (row.refund_id !== null && !refunds.some(({ id }) => id === row.refund_id)) {
        refunds.push(
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
            owed_minor: row.owed_minor,
            returned_minor: row.returned_minor,
            sent_minor: row.sent_minor,
            sends: row.sends,
            looked_up_minor: row.looked_up_minor,
            looked_up_at: row.looked_up_at,
            attempt_minor: row.attempt_minor,
            leased_until: row.leased_until,
            summed_status: row.summed_status,
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
      // An open dispute may take the money back by itself.
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('disputes')
              .select('disputes.dispute_id')
              .whereRef('disputes.payment_name', '=', 'refunds.payment_name')
              .where('disputes.status', '=', 'open'),
          ),
        ),
      )
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
