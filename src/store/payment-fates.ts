import { type RawBuilder, sql } from 'kysely';
import type { RefundReason } from '../domain/refund.ts';

const returns = ['returned', 'returned_in_part'] as const satisfies readonly RefundReason[];
const isReturn = sql`(refunds.reason in (${sql.join(returns)}))`;
const summed = sql`(coalesce(refunds.returned_minor, 0) + coalesce(refunds.sent_minor, 0))`;
/** The columns of a version before the sums are empty, or older than the status that it has written. */
const isOlder = sql`(refunds.summed_status is null or refunds.summed_status <> refunds.status)`;

/** What is owed of a payment: nothing where its refund only records what was returned at the provider. */
const owedMinor = sql`(case when refunds.id is null or ${isReturn} then 0 else coalesce(refunds.owed_minor, refunds.amount_minor) end)`;

/** What has gone of a payment by its refund and its lost disputes. What has gone of an owed sum has the lost disputes in it. */
const goneMinor = sql`(case
  when refunds.id is null or ${isReturn} then
    case when coalesce(refunds.amount_minor, 0) + coalesce(lost.minor, 0) > payments.amount_minor then payments.amount_minor
    else coalesce(refunds.amount_minor, 0) + coalesce(lost.minor, 0) end
  when refunds.status = 'succeeded' and ${isOlder} and ${summed} < ${owedMinor} then ${owedMinor}
  when refunds.status = 'due' and ${isOlder} and ${summed} >= ${owedMinor} then coalesce(refunds.returned_minor, 0)
  else ${summed} end)`;

/** As `rows.ts` and `older-payments.ts` read a row, whichever version has written it. */
const decision = sql`(case
  when payments.settlement = 'fulfilled' then 'fulfilled'
  when payments.settlement = 'flagged' then case when payments.decision = 'nothing_due' then 'nothing_due' else 'flagged' end
  when payments.decision in ('fulfilled', 'owed', 'returned') then payments.decision
  when ${owedMinor} > 0 and refunds.reason <> 'requested' then 'owed'
  when payments.decision is not null then payments.decision
  when orders.status = 'refunded' then 'fulfilled'
  else 'flagged' end)`;

/**
 * One row for each payment, as a table: what was decided about it, and where its money is. In integers of minor units, so every sum is
 * exact. Each join goes by a key, or by a small table that is read once. Most payments are fulfilled: a check that is about others says so
 * by their settlement, which databases compare before they join.
 */
export const paymentFates: RawBuilder<unknown> = sql`(select
    payments.name, payments.order_id, payments.currency, payments.amount_minor, payments.settlement, payments.decision as stored_decision,
    ${decision} as decision, ${owedMinor} as owed_minor, ${goneMinor} as gone_minor,
    case when refunds.status = 'due' then ${owedMinor} - ${goneMinor} else 0 end as due_minor,
    refunds.id as refund_id, refunds.status as refund_status, refunds.reason, refunds.currency as refund_currency,
    orders.status as order_status, orders.total_minor, orders.currency as order_currency, holds.consumed
  from payments
  left join refunds on refunds.payment_name = payments.name
  left join orders on orders.id = payments.order_id
  left join holds on holds.id = orders.hold_id
  left join (select payment_name, sum(amount_minor) as minor from disputes where status = 'lost' group by payment_name) lost
    on lost.payment_name = payments.name) fate`;
