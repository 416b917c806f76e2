import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { SqlBoolean } from './tables.ts';

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

/**
 * Money: whatever came in bought an order, went back, is to go back, or waits for an operator. What went back in part is accounted for
 * beside the payment that it is a part of.
 *
 * @param yes true as the database writes it
 */
export function moneyChecks(yes: SqlBoolean): readonly Check[] {
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
      name: 'money in = fulfilled + refunded + due + flagged',
      expected: sql`select coalesce(sum(amount_minor), 0) from payments`,
      found: sql`select (select coalesce(sum(amount_minor), 0) from payments where settlement in ('fulfilled', 'flagged')) +
        (select coalesce(sum(amount_minor), 0) from refunds where status in ('due', 'succeeded') and reason <> 'returned_in_part')`,
    },
    violations(
      'currencies whose money in is not that of paid orders + refunded + due + flagged',
      sql`(select currency from (
          select currency, amount_minor as came, 0 as became from payments
          union all select currency, 0, amount_minor from payments where settlement = 'flagged'
          union all select currency, 0, total_minor from orders where status = 'paid'
          union all select currency, 0, amount_minor from refunds
            where status in ('due', 'succeeded') and reason <> 'returned_in_part'
        ) money group by currency having sum(came) <> sum(became)) unbalanced`,
    ),
    {
      name: 'one refund for each refunded payment',
      expected: sql`select count(*) from payments where settlement = 'refunded'`,
      found: sql`select count(distinct refunds.payment_name) from refunds join payments on payments.name = refunds.payment_name
        where payments.settlement = 'refunded' and refunds.reason <> 'returned_in_part'
        and payments.amount_minor = refunds.amount_minor and payments.currency = refunds.currency`,
    },
    {
      name: 'one refund at most for each payment',
      expected: sql`select count(*) from refunds`,
      found: sql`select count(distinct payment_name) from refunds`,
    },
    violations(
      'returned parts of payments that are no such part',
      sql`refunds left join payments on payments.name = refunds.payment_name
        where refunds.reason = 'returned_in_part' and (payments.name is null or payments.settlement <> 'fulfilled'
        or refunds.status <> 'succeeded' or refunds.currency <> payments.currency
        or refunds.amount_minor >= payments.amount_minor)`,
    ),
    violations(
      'orders with a refund due and no refund',
      sql`orders where status = 'refund_due' and not exists
        (select 1 from refunds where refunds.order_id = orders.id and refunds.status = 'due' and refunds.reason = 'late_payment')`,
    ),
    violations(
      'refunded orders whose money did not go back',
      sql`orders join holds on holds.id = orders.hold_id where orders.status = 'refunded' and not exists
        (select 1 from refunds where refunds.order_id = orders.id and refunds.status = 'succeeded'
        and refunds.reason = case when holds.consumed = ${yes} then 'returned' else 'late_payment' end)`,
    ),
    {
      name: 'one row for each payment event',
      expected: sql`select count(*) from idempotency_keys`,
      found: sql`select count(distinct idempotency_key) from idempotency_keys`,
    },
    violations(
      'events applied without a payment',
      sql`idempotency_keys where status = 'paid' and result in ('processed', 'refund_due', 'amount_mismatch') and not exists
        (select 1 from payments where payments.name = case when idempotency_keys.payment_reference is null
          then concat('key:', idempotency_keys.idempotency_key)
          else concat('ref:', idempotency_keys.payment_reference) end)`,
    ),
    violations(
      'parked events that no order will find',
      sql`idempotency_keys join holds on holds.id = idempotency_keys.hold_id
        where idempotency_keys.result = 'parked' and idempotency_keys.product_id is not null and (holds.status <> 'held' or holds.parked is null)`,
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
