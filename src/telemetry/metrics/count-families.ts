import { batchSizeBounds } from './batch-counts.ts';
import {
  counter,
  gauge,
  histogram,
  type Line,
  latencyHistogram,
  type MetricFamily,
  single,
  tallied,
} from './metric-family.ts';
import type { ProcessCounts } from './process-counts.ts';

/** Answers are not faster by any interesting measure: below it there is one bucket. */
const answerFromMs = 0.5;

/** All that a process has counted, as metrics. Read when somebody asks. */
export function countFamilies(counts: ProcessCounts): readonly MetricFamily[] {
  return [
    ...httpFamilies(counts),
    ...engineFamilies(counts),
    ...saleFamilies(counts),
    ...housekeepingFamilies(counts),
  ];
}

function httpFamilies({ http }: ProcessCounts): readonly MetricFamily[] {
  const routes = [...http.routes()];
  return [
    counter(
      'flash_sale_http_requests_total',
      'Answers by route, method and status.',
      routes.flatMap((each) =>
        each
          .byStatus()
          .map(([status, count]): Line => [count, { method: each.method, route: each.route, status }]),
      ),
    ),
    latencyHistogram(
      'flash_sale_http_request_duration_seconds',
      'Time from a request to its answer, by route and method.',
      // Routes that nobody has asked for would be most of the lines.
      routes
        .filter((route) => route === http.holds || route.total > 0)
        .map(({ latencies, method, route }) => [latencies, { method, route }]),
      answerFromMs,
    ),
    counter(
      'flash_sale_http_problems_total',
      'Answers with an error, by the code of the catalogue.',
      tallied('code', http.problems),
    ),
    counter(
      'flash_sale_admin_tokens_refused_total',
      'Admin tokens that were refused: wrong, or not compared after too many wrong ones of their address.',
      tallied('reason', http.adminTokensRefused),
    ),
  ];
}

function engineFamilies({ batches, queueDepth, queueMax }: ProcessCounts): readonly MetricFamily[] {
  const { holds, others } = queueDepth();
  return [
    gauge('flash_sale_queue_commands', 'Commands that wait for their batch, by line.', [
      [holds, { line: 'holds' }],
      [others, { line: 'others' }],
    ]),
    single('flash_sale_queue_commands_max', 'Commands that each line takes at most.', queueMax),
    histogram(
      'flash_sale_batch_commands',
      'Commands in one committed batch.',
      batchSizeBounds,
      batches.sizes,
      batches.commands,
    ),
    latencyHistogram(
      'flash_sale_batch_duration_seconds',
      'Time from the begin of a batch that was committed to the end of its commit.',
      [[batches.latencies]],
    ),
    latencyHistogram(
      'flash_sale_batch_phase_duration_seconds',
      'Time of the phases of committed batches.',
      [...batches.phases].map(([phase, latencies]) => [latencies, { phase }]),
    ),
    counter(
      'flash_sale_batch_retries_total',
      'Batches that were decided again, by cause.',
      tallied('cause', batches.retries),
    ),
    counter(
      'flash_sale_batches_failed_total',
      'Batches that were given up, by cause.',
      tallied('cause', batches.givenUp),
    ),
    counter('flash_sale_commands_deferred_total', 'Commands that kept their place for the next batch.', [
      [batches.deferred],
    ]),
  ];
}

function saleFamilies({ batches, happened }: ProcessCounts): readonly MetricFamily[] {
  return [
    counter(
      'flash_sale_holds_total',
      'Decided requests for holds, by outcome.',
      tallied('outcome', batches.holds),
    ),
    counter('flash_sale_holds_ended_total', 'Holds that ended without a payment, by reason.', [
      [happened.of('hold_expired'), { reason: 'expired' }],
      [happened.of('hold_released'), { reason: 'released' }],
    ]),
    counter(
      'flash_sale_orders_total',
      'Decided requests for orders, by outcome.',
      tallied('outcome', batches.orders),
    ),
    counter('flash_sale_orders_ended_total', 'Orders that left pending, by the status that they came to.', [
      [happened.of('order_paid'), { status: 'paid' }],
      [happened.of('order_expired'), { status: 'expired' }],
      [happened.of('order_cancelled'), { status: 'cancelled' }],
      [happened.of('order_failed'), { status: 'failed' }],
    ]),
    counter('flash_sale_payment_events_total', 'Payment events, by what came of them.', [
      ...tallied('result', happened.paymentResults),
      [happened.of('payment_event_parked'), { result: 'parked' }],
      [happened.of('payment_event_unmatched'), { result: 'unmatched' }],
      [happened.of('payment_event_duplicate'), { result: 'duplicate' }],
    ]),
    counter(
      'flash_sale_payments_refused_total',
      'Orders that ended because the provider can never take their payment.',
      [[happened.of('payment_refused'), {}]],
    ),
    counter('flash_sale_refunds_total', 'What happened to refunds.', [
      [happened.of('refund_due'), { outcome: 'due' }],
      [happened.of('refund_succeeded'), { outcome: 'succeeded' }],
      [happened.of('refund_postponed'), { outcome: 'postponed' }],
      [happened.of('refund_reopened'), { outcome: 'reopened' }],
      [happened.of('returned_money_came_back'), { outcome: 'came_back' }],
    ]),
    counter('flash_sale_disputes_total', 'What happened to disputes.', [
      [happened.of('dispute_opened'), { outcome: 'opened' }],
      [happened.of('dispute_won'), { outcome: 'won' }],
      [happened.of('dispute_lost'), { outcome: 'lost' }],
    ]),
  ];
}

function housekeepingFamilies(counts: ProcessCounts): readonly MetricFamily[] {
  const { cacheHits, cacheMisses } = counts;
  const audit = counts.latestAudit();
  const workers = counts.workersByName();
  return [
    counter('flash_sale_cache_lookups_total', 'Look-ups of product snapshots.', [
      [cacheHits, { result: 'hit' }],
      [cacheMisses, { result: 'miss' }],
    ]),
    gauge(
      'flash_sale_worker_last_success_timestamp_seconds',
      'When a worker last finished a round, as Unix time; 0 before the first.',
      workers.map(({ name, succeededAtMs }) => [(succeededAtMs ?? 0) / 1000, { worker: name }]),
      'max',
    ),
    counter(
      'flash_sale_worker_failures_total',
      'Rounds of a worker that failed.',
      workers.map(({ name, failures }) => [failures, { worker: name }]),
    ),
    counter(
      'flash_sale_payment_facts_deleted_total',
      'Refund and dispute events that were deleted because their payment stayed unknown.',
      [[counts.factsDeleted, {}]],
    ),
    single(
      'flash_sale_audit_failed_checks',
      'Checks that differed in the latest audit, absent before the first.',
      audit?.failed.length ?? null,
      'max',
    ),
    single(
      auditedAt,
      'When the latest audit was made, as Unix time, absent before the first.',
      audit === null ? null : audit.atMs / 1000,
      'max',
    ),
  ];
}

const auditedAt = 'flash_sale_audit_timestamp_seconds';

/** Of several processes, the audit of the one that made the latest stands for all: an older one has been overtaken. */
export function withLatestAuditOnly(
  processes: readonly (readonly MetricFamily[])[],
): readonly (readonly MetricFamily[])[] {
  const times = processes.map(
    (families) => families.find(({ name }) => name === auditedAt)?.values[0]?.value ?? 0,
  );
  const latest = times.indexOf(Math.max(...times));
  return processes.map((families, index) =>
    index === latest
      ? families
      : families.map((family) =>
          family.name.startsWith('flash_sale_audit_') ? { ...family, values: [] } : family,
        ),
  );
}
