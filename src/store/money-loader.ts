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
    const rows = await this.#dialect.rowsAmong(this.#db, 'payments', column, values);
    for (const row of rows) {
      this.payments.set(row.name, this.#rows.payment(row));
    }
  }

  async loadRefunds(
    column: 'id' | 'order_id' | 'payment_name',
    values: readonly (string | number)[],
  ): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'refunds', column, values);
    const refunds = rows.map((row) => this.#rows.refund(row));
    for (const refund of refunds.sort((a, b) => a.createdAtMs - b.createdAtMs || a.id - b.id)) {
      this.refunds.set(refund.id, refund);
    }
  }

  async loadPaymentIntents(orderIds: readonly number[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'payment_intents', 'order_id', orderIds);
    for (const row of rows) {
      this.paymentIntents.set(row.order_id, this.#rows.paymentIntent(row));
    }
  }
}
