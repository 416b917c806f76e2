import type { Kysely } from 'kysely';
import { type Dispute, disputeKey } from '../domain/dispute.ts';
import type { Needs } from '../domain/needs.ts';
import type { Order } from '../domain/order.ts';
import {
  factStatuses,
  noRow,
  type Payment,
  type PaymentDecision,
  type PaymentEvent,
  referenceIn,
} from '../domain/payment.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Refund } from '../domain/refund.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { decisionBefore, isUncertain } from './older-payments.ts';
import type { RowMapping } from './rows.ts';
import type { Tables } from './tables.ts';

/** Reads payments, the facts about them, refunds, disputes and payment intents for a batch, in its transaction. */
export class MoneyLoader {
  readonly payments = new Map<string, Payment>();
  readonly refunds = new Map<number, Refund>();
  readonly disputes = new Map<string, Dispute>();
  readonly paymentIntents = new Map<number, PaymentIntent>();
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;
  readonly #uncertain = new Map<string, PaymentDecision | null>();

  constructor(db: Kysely<Tables>, dialect: SqlDialect, rows: RowMapping) {
    this.#db = db;
    this.#dialect = dialect;
    this.#rows = rows;
  }

  /**
   * Locks the payments among the named ones that lie under no product, so that two processes do not send one refund at once. The locks
   * come after those of products, in the order of the names.
   */
  async lockUnguarded({ refundIds, paymentNames }: Pick<Needs, 'refundIds' | 'paymentNames'>): Promise<void> {
    const refunds = await this.#dialect.rowsAmong(this.#db, 'refunds', 'id', refundIds);
    const names = [...new Set([...paymentNames, ...refunds.map((row) => row.payment_name)])];
    if (names.length > 0) {
      await this.#dialect
        .lockRows(
          this.#db
            .selectFrom('payments')
            .select('name')
            .where((where) => this.#dialect.among(where.ref('name'), names))
            .where('product_id', '=', noRow)
            .orderBy('name'),
        )
        .execute();
    }
  }

  async loadPayments(column: 'name' | 'hold_id', values: readonly (string | number)[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'payments', column, values);
    for (const row of rows) {
      this.payments.set(row.name, this.#rows.payment(row));
      if (isUncertain(row)) {
        this.#uncertain.set(row.name, row.decision);
      }
    }
  }

  /** Completes what rows of an older version say of refunded payments, once their refunds and orders are loaded. */
  settleDecisions(orders: ReadonlyMap<number, Order>): void {
    for (const [name, stored] of this.#uncertain) {
      const payment = this.payments.get(name);
      const refund = [...this.refunds.values()].find((each) => each.paymentName === name);
      if (payment !== undefined) {
        const order = payment.orderId === null ? undefined : orders.get(payment.orderId);
        this.payments.set(name, { ...payment, decision: decisionBefore(stored, refund, order) });
      }
    }
    this.#uncertain.clear();
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
    if (column === 'order_id') {
      // The answer of an order shows the disputes of its payments. An order without a refund is only answered while it has none.
      await this.#loadDisputes(refunds.map(({ paymentName }) => paymentName));
    }
  }

  /**
   * Reads the facts about payments, whether known or about to come.
   *
   * @param names of the payments
   * @param holdIds holds whose facts may name them or their orders alone
   */
  async loadFacts(names: readonly string[], holdIds: readonly number[]): Promise<readonly PaymentEvent[]> {
    const references = names.map(referenceIn).filter((reference) => reference !== null);
    const facts = [
      ...(await this.#factsAmong('payment_reference', references)),
      ...(await this.#factsAmong('hold_id', holdIds)).filter(({ reference }) => reference === null),
    ];
    await this.#loadDisputes(facts.filter(isDispute).length === 0 ? [] : [...this.payments.keys()]);
    return facts;
  }

  async #factsAmong(
    column: 'payment_reference' | 'hold_id',
    values: readonly (string | number)[],
  ): Promise<readonly PaymentEvent[]> {
    if (values.length === 0) {
      return [];
    }
    const rows = await this.#db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where((where) => this.#dialect.among(where.ref(column), values))
      .where('status', 'in', factStatuses)
      .orderBy('id')
      .execute();
    return rows.map((row) => this.#rows.event(row));
  }

  async #loadDisputes(names: readonly string[]): Promise<void> {
    for (const row of await this.#dialect.rowsAmong(this.#db, 'disputes', 'payment_name', names)) {
      const dispute = this.#rows.dispute(row);
      this.disputes.set(disputeKey(dispute), dispute);
    }
  }

  async loadPaymentIntents(orderIds: readonly number[]): Promise<void> {
    const rows = await this.#dialect.rowsAmong(this.#db, 'payment_intents', 'order_id', orderIds);
    for (const row of rows) {
      this.paymentIntents.set(row.order_id, this.#rows.paymentIntent(row));
    }
  }
}

function isDispute({ status }: PaymentEvent): boolean {
  return status === 'disputed' || status === 'dispute_won' || status === 'dispute_lost';
}
