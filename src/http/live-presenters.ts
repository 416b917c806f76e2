import type { AuditResult } from '../live/audits.ts';
import { latencyAt } from '../live/second-counts.ts';
import type { SaleSecond } from '../live/seconds-ring.ts';
import type { Backlog, ProductSales, Waiting } from '../store/store-reader.ts';
import { presentAdminProduct } from './presenters.ts';
import type { AttentionMessage, AuditMessage, SecondsMessage, SoldProduct } from './schemas/live.ts';
import { timeText, timeTextOrNull } from './time-text.ts';

export function presentSales({ product, orderedStock, soldUnits }: ProductSales): SoldProduct {
  return { ...presentAdminProduct(product), ordered_stock: orderedStock, sold: soldUnits };
}

/** The newest second tells how many processes take part. */
export function presentSeconds(seconds: readonly SaleSecond[]): SecondsMessage {
  return {
    processes: seconds.at(-1)?.processes ?? 0,
    seconds: seconds.map(({ second, counts }) => ({
      at: timeText(second * 1000),
      holds: counts.holds,
      orders: counts.orders,
      payments: counts.payments,
      refusals: counts.refusals,
      p50_ms: latencyAt(0.5, counts.latencies),
      p99_ms: latencyAt(0.99, counts.latencies),
      waiting: counts.waiting,
    })),
  };
}

export function presentAttention(backlog: Backlog): AttentionMessage {
  return {
    refunds_due: presentWaiting(backlog.refundsDue),
    parked_events: backlog.parkedEvents,
    unmatched_events: backlog.unmatchedEvents,
    possible_second_payments: backlog.possibleSecondPayments,
    open_disputes: presentWaiting(backlog.openDisputes),
    refused_payments: {
      ...presentWaiting(backlog.refusedPayments),
      product_ids: [...backlog.refusedPayments.productIds],
    },
    dead_letters: backlog.deliveries.dead,
    failing_deliveries: backlog.deliveries.failing,
    switched_off_endpoints: backlog.endpointsOff,
    overdue_holds: presentWaiting(backlog.overdueHolds),
  };
}

function presentWaiting({ count, oldestAtMs }: Waiting): AttentionMessage['refunds_due'] {
  return { count, oldest_at: timeTextOrNull(oldestAtMs) };
}

export function presentAudit({ ok, failed, atMs, durationMs }: AuditResult): AuditMessage {
  return { ok, failed: [...failed], at: timeText(atMs), duration_ms: durationMs };
}
