import type { Kysely } from 'kysely';
import type { Payment } from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Refund } from '../domain/refund.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import type { RowMapping } from './rows.ts';
import type { Tables } from './tables.ts';

/** Reads payments, refunds and payment intents for a batch, in its transaction. */
export class MoneyLoader {
  readonly payments = new Map<string, Payment>();
  readonly refunds = new Map<number, Refund>();
  readonly paymentIntents = new Map<number, PaymentIntent>();
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;

  constructor(db: Kysely<Tables>, dialect: SqlDialect, rows: RowMapping) {
    this.#db = db;
    this.#dialect = dialect;
    this.#rows = rows;
  }

  async loadPayments(column: 'name' | 'hold_id', values: readonly (string | number)[]): Promise<void> {
    if (values.length === 0) {
      return;
    }
    const rows = await this.#db
      .selectFrom('payments')
      .selectAll()
      .where((where) => this.#dialect.among(where.ref(column), values))
      .execute();
    for (const row of rows) {
      this.payments.set(row.name, this.#rows.payment(row));
    }
  }

  async loadRefunds(
    column: 'id' | 'order_id' | 'payment_name',
    values: readonly (string | number)[],
  ): Promise<void> {
    if (values.length === 0) {
      return;
    }
    const rows = await this.#db
      .selectFrom('refunds')
      .selectAll()
      .where((where) => this.#dialect.among(where.ref(column), values))
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    for (const row of rows) {
      this.refunds.set(row.id, this.#rows.refund(row));
    }
  }

  async loadPaymentIntents(orderIds: readonly number[]): Promise<void> {
    if (orderIds.length === 0) {
      return;
    }
    const rows = await this.#db
      .selectFrom('payment_intents')
      .selectAll()
      .where((where) => this.#dialect.among(where.ref('order_id'), orderIds))
      .execute();
    for (const row of rows) {
      this.paymentIntents.set(row.order_id, this.#rows.paymentIntent(row));
    }
  }
}
