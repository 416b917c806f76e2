import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import { factStatuses } from '../domain/payment.ts';
import { paymentFates } from './payment-fates.ts';
import type { SqlBoolean, SqlInstant } from './tables.ts';

/** The same counted in two ways, as queries with one value each. */
export type Check = {
  readonly name: string;
  readonly expected: RawBuilder<number | string>;
  readonly found: RawBuilder<number | string>;
};

/** Counts what must not exist. */
export function violations(name: string, rows: RawBuilder<unknown>): Check {
  return { name, expected: sql<number>`0`, found: sql<number>`select count(*) from ${rows}` };
}

/** Where the money is of a payment that is not fulfilled. */
const elsewhere = sql`(gone_minor + due_minor + case when decision in ('flagged', 'nothing_due') then amount_minor - gone_minor - due_minor else 0 end)`;

/** Whether an event reports the status of a dispute. Where the provider names no dispute, the payment's name stands for it. */
const reports = sql`(reported.fact_id = disputes.dispute_id or (reported.fact_id is null and disputes.dispute_id = disputes.payment_name))
  and reported.status = case disputes.status when 'open' then 'disputed' when 'won' then 'dispute_won' else 'dispute_lost' end`;

/**
 * Money: whatever came in is kept for an order, was returned or lost, is due to go back, or is flagged for an operator.
 *
 * @param yes true as the database writes it
 * @param waited an instant, as the database writes it: a fact that has waited since then for a payment that is as old is a violation.
 *   Workers take facts in within seconds.
 */
export function moneyChecks(yes: SqlBoolean, waited: SqlInstant): readonly Check[] {
  return [
    {
      name: 'paid orders have one fulfilled payment',
      expected: sql`select count(*) from orders where status = 'paid'`,
      // Grouped first, because payments have no index by order: looked up for each order, that was 4 s for 3,000.
      found: sql`select count(*) from orders join
        (select order_id from payments where settlement = 'fulfilled' group by order_id having count(*) = 1) single
        on single.order_id = orders.id where orders.status = 'paid'`,
    },
    {
      name: 'money fulfilled = totals of paid orders',
      expected: sql`select coalesce(sum(total_minor), 0) from orders where status = 'paid'`,
      found: sql`select coalesce(sum(amount_minor), 0) from payments where settlement = 'fulfilled'`,
    },
    {
      name: 'money in = fulfilled + returned + lost + due + flagged',
      expected: sql`select coalesce(sum(amount_minor), 0) from payments`,
      found: sql`select (select coalesce(sum(total_minor), 0) from orders where status = 'paid') +
        (select coalesce(sum(${elsewhere}), 0) from ${paymentFates} where settlement <> 'fulfilled')`,
    },
    violations(
      'currencies whose money in is not fulfilled + returned + lost + due + flagged',
      sql`(select currency from (
          select currency, amount_minor as came, 0 as became from payments
          union all select currency, 0, total_minor from orders where status = 'paid'
          union all select currency, 0, ${elsewhere} from ${paymentFates} where settlement <> 'fulfilled'
        ) money group by currency having sum(came) <> sum(became)) unbalanced`,
    ),
    violations(
      'payments that are not kept + returned + lost + due + flagged',
      sql`${paymentFates} where amount_minor <> gone_minor + due_minor + (case
          when decision in ('flagged', 'nothing_due') then amount_minor - gone_minor - due_minor
          when decision = 'fulfilled' and order_status = 'paid' and order_currency = currency then total_minor - gone_minor - due_minor
          else 0 end)
        or gone_minor < 0 or due_minor < 0 or gone_minor + due_minor > amount_minor`,
    ),
    violations(
      'payments whose settlement is not that of their decision and of what went back',
      sql`${paymentFates} where (settlement = 'fulfilled' and gone_minor >= amount_minor)
        or (settlement = 'flagged' and gone_minor >= amount_minor)
        or (settlement = 'refunded' and decision <> 'owed' and gone_minor < amount_minor)
        or (stored_decision in ('owed', 'returned') and settlement <> 'refunded')
        or (stored_decision = 'fulfilled' and settlement = 'flagged')`,
    ),
    violations(
      'owed payments without a refund of their amount',
      sql`${paymentFates} where settlement = 'refunded' and decision = 'owed'
        and (refund_id is null or owed_minor <> amount_minor or refund_currency <> currency)`,
    ),
    {
      name: 'one refund at most for each payment',
      expected: sql`select count(*) from refunds`,
      found: sql`select count(distinct payment_name) from refunds`,
    },
    violations(
      'refunds that are not of their payment',
      sql`refunds left join payments on payments.name = refunds.payment_name
        where payments.name is null or refunds.currency <> payments.currency or refunds.hold_id <> payments.hold_id
        or coalesce(refunds.order_id, 0) <> coalesce(payments.order_id, 0)
        or refunds.amount_minor > payments.amount_minor or refunds.amount_minor < coalesce(refunds.owed_minor, 0)`,
    ),
    violations(
      'refunds whose status is not that of their sums',
      // A version before the sums writes a status without them: then the two do not belong together.
      sql`refunds where (reason in ('returned', 'returned_in_part') and status <> 'succeeded')
        or (reason not in ('returned', 'returned_in_part') and summed_status = status
          and ((status = 'due' and returned_minor + sent_minor >= owed_minor)
            or (status = 'succeeded' and returned_minor + sent_minor < owed_minor)))`,
    ),
    violations(
      'returned parts of payments that are no such part',
      sql`refunds join payments on payments.name = refunds.payment_name
        where (refunds.reason = 'returned_in_part' and refunds.amount_minor >= payments.amount_minor)
        or (refunds.reason = 'returned' and refunds.amount_minor < payments.amount_minor)`,
    ),
    violations(
      'orders with a refund due and no refund',
      sql`orders where status = 'refund_due' and not exists
        (select 1 from refunds where refunds.order_id = orders.id and refunds.status = 'due' and refunds.reason = 'late_payment')`,
    ),
    {
      name: 'refunded orders whose money is gone',
      expected: sql`select count(*) from orders where status = 'refunded'`,
      found: sql`select count(distinct order_id) from ${paymentFates}
        where settlement = 'refunded' and order_status = 'refunded' and (
        (decision = 'fulfilled' and consumed = ${yes})
        or (decision = 'returned' and consumed <> ${yes})
        or (decision = 'owed' and reason = 'late_payment' and refund_status = 'succeeded' and consumed <> ${yes}))`,
    },
    violations(
      'disputes that are not of their payment',
      sql`disputes left join payments on payments.name = disputes.payment_name
        where payments.name is null or disputes.currency <> payments.currency or disputes.hold_id <> payments.hold_id
        or coalesce(disputes.order_id, 0) <> coalesce(payments.order_id, 0)`,
    ),
    violations(
      'disputes whose status no event reports',
      sql`disputes where not exists (select 1 from idempotency_keys reported
        where reported.payment_reference = substr(disputes.payment_name, 5) and ${reports})
        and not exists (select 1 from idempotency_keys reported
          where reported.hold_id = disputes.hold_id and reported.payment_reference is null and ${reports})`,
    ),
    violations(
      'decisions of operators whose payment is not there',
      sql`operator_decisions left join payments on payments.name = operator_decisions.payment_name
        where operator_decisions.choice <> 'nothing_due' and (payments.name is null
        or operator_decisions.currency <> payments.currency or operator_decisions.amount_minor > payments.amount_minor)`,
    ),
    violations(
      'events that an operator resolved and that still wait for one',
      sql`operator_decisions join idempotency_keys on idempotency_keys.idempotency_key = operator_decisions.event_key
        where idempotency_keys.result in ('possible_second_payment', 'unmatched')`,
    ),
    {
      name: 'one row for each payment event',
      expected: sql`select count(*) from idempotency_keys`,
      found: sql`select count(distinct idempotency_key) from idempotency_keys`,
    },
    violations(
      'events applied without a payment',
      sql`idempotency_keys where ((status = 'paid' and result in ('processed', 'refund_due', 'amount_mismatch'))
          or (status in (${sql.join(factStatuses)}) and result = 'processed' and payment_reference is not null)) and not exists
        (select 1 from payments where payments.name = case when idempotency_keys.payment_reference is null
          then concat('key:', idempotency_keys.idempotency_key)
          else concat('ref:', idempotency_keys.payment_reference) end)`,
    ),
    violations(
      'returned money without a refund',
      sql`idempotency_keys join payments on payments.name = concat('ref:', idempotency_keys.payment_reference)
        left join refunds on refunds.payment_name = payments.name
        where idempotency_keys.status = 'refunded' and idempotency_keys.result = 'processed' and refunds.id is null
        and (idempotency_keys.currency is null or idempotency_keys.currency = payments.currency)
        and (idempotency_keys.amount_minor is null or idempotency_keys.amount_minor > 0)
        and not exists (select 1 from idempotency_keys other
          where other.payment_reference = idempotency_keys.payment_reference
          and (other.status = 'refund_failed' or (other.status = 'refunded' and other.amount_minor = 0)))`,
    ),
    violations(
      'parked events that no order will find',
      sql`idempotency_keys join holds on holds.id = idempotency_keys.hold_id
        where idempotency_keys.result = 'parked' and idempotency_keys.product_id is not null and (holds.status <> 'held' or holds.parked is null)`,
    ),
    violations(
      'facts that still wait although their payment is known',
      sql`idempotency_keys join payments on payments.name = concat('ref:', idempotency_keys.payment_reference)
        where idempotency_keys.result = 'parked_fact' and idempotency_keys.received_at < ${waited} and payments.created_at < ${waited}`,
    ),
    violations(
      'payment intents that are not of their order',
      sql`payment_intents left join orders on orders.id = payment_intents.order_id where orders.id is null
        or orders.hold_id <> payment_intents.hold_id or orders.product_id <> payment_intents.product_id`,
    ),
    violations(
      'events for others that go nowhere',
      sql`outgoing_events where not exists (select 1 from deliveries where deliveries.event_id = outgoing_events.id)`,
    ),
    violations(
      'deliveries of events that are not there',
      sql`deliveries left join outgoing_events on outgoing_events.id = deliveries.event_id where outgoing_events.id is null`,
    ),
  ];
}
