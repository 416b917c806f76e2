import packageJson from '../../package.json' with { type: 'json' };
import type { Backlog } from '../store/store-reader.ts';
import { countFamilies } from '../telemetry/metrics/count-families.ts';
import { LatestRead } from '../telemetry/metrics/latest-read.ts';
import { gauge, type MetricFamily, single } from '../telemetry/metrics/metric-family.ts';
import { metricsText, processFamilies } from '../telemetry/metrics/metrics-text.ts';
import type { SiblingMetrics } from '../telemetry/metrics/sibling-metrics.ts';
import type { CheckoutNode } from './checkout-node.ts';

/** A look at the database for metrics is worth no more: whoever scrapes more often gets the same figures again. */
const backlogEveryMs = 2_000;
const backlogWaitMs = 1_000;

/** @returns what a request for metrics is answered */
export type MetricsText = () => Promise<string>;

/**
 * The metrics of a node: what it has counted, what stands in the database, and with several processes what the others have counted.
 */
export function nodeMetrics(node: CheckoutNode, siblings: SiblingMetrics | undefined): MetricsText {
  const backlog = new LatestRead(() => node.reader.backlog(), {
    everyMs: backlogEveryMs,
    waitMs: backlogWaitMs,
  });
  const ofThisProcess = async () => [
    ...countFamilies(node.counts),
    ...nodeFamilies(node),
    ...(await processFamilies()),
  ];
  siblings?.answerMetrics(ofThisProcess);
  return async () => {
    const [own, others, read] = await Promise.all([
      ofThisProcess(),
      siblings?.askForMetrics() ?? { processes: 1, answers: [] },
      node.isUp() ? backlog.get() : null,
    ]);
    const ofService = [
      ...backlogFamilies(read, node.store.nowMs()),
      single('flash_sale_processes', 'Server processes of this service on this machine.', others.processes),
      single(
        'flash_sale_processes_reporting',
        'Those whose counts are in this answer.',
        others.answers.length + 1,
      ),
    ];
    return metricsText([[...own, ...ofService], ...others.answers]);
  };
}

function nodeFamilies(node: CheckoutNode): readonly MetricFamily[] {
  const pools = node.store.poolUse();
  const redis = node.isRedisReached;
  return [
    single('flash_sale_cache_snapshots', 'Product snapshots in memory.', node.snapshots.size),
    gauge(
      'flash_sale_database_connections',
      'Connections to a database server, by pool and state; absent for an embedded database.',
      pools.flatMap(({ role, used, idle }) => [
        [used, { pool: role, state: 'used' }],
        [idle, { pool: role, state: 'idle' }],
      ]),
    ),
    gauge(
      'flash_sale_database_connections_max',
      'Connections that a pool may have.',
      pools.map(({ role, max }) => [max, { pool: role }]),
    ),
    gauge(
      'flash_sale_database_connections_awaited',
      'Who waits for a connection of a pool.',
      pools.map(({ role, waiting }) => [waiting, { pool: role }]),
    ),
    single(
      'flash_sale_database_reachable',
      'Whether the database was reached with the right schema, and the latest write did not fail a moment ago.',
      node.readiness().ready ? 1 : 0,
      'min',
    ),
    single(
      'flash_sale_redis_reachable',
      'Whether Redis answers; absent without Redis.',
      redis === null ? null : Number(redis),
      'min',
    ),
    gauge(
      'flash_sale_build_info',
      'The version that runs; always 1.',
      [[1, { version: packageJson.version, node: process.versions.node }]],
      'max',
    ),
  ];
}

/** @param nowMs by the database's clock */
function backlogFamilies(read: Backlog | null, nowMs: number): readonly MetricFamily[] {
  const of = (value: (read: Backlog) => number | null) => (read === null ? null : value(read));
  const age = (atMs: number | null) => (atMs === null ? 0 : Math.max(0, nowMs - atMs) / 1000);
  return [
    single(
      'flash_sale_backlog_read_ok',
      'Whether the figures of what waits in the database could be read; they are absent otherwise.',
      read === null ? 0 : 1,
    ),
    single(
      'flash_sale_holds_overdue',
      'Holds whose deadline has come and which nobody has released yet.',
      of(({ overdueHolds }) => overdueHolds.count),
    ),
    single(
      'flash_sale_holds_overdue_oldest_seconds',
      'How long the first of them has been overdue; 0 without any.',
      of(({ overdueHolds }) => age(overdueHolds.oldestAtMs)),
    ),
    single(
      'flash_sale_refunds_due',
      'Refunds that are due.',
      of(({ refundsDue }) => refundsDue.count),
    ),
    single(
      'flash_sale_refunds_due_oldest_seconds',
      'How long the oldest of them has been due; 0 without any.',
      of(({ refundsDue }) => age(refundsDue.oldestAtMs)),
    ),
    single(
      'flash_sale_payment_events_parked',
      'Payment events that wait for their order.',
      of(({ parkedEvents }) => parkedEvents),
    ),
    single(
      'flash_sale_payment_events_unmatched',
      'Payment events that have waited in vain.',
      of(({ unmatchedEvents }) => unmatchedEvents),
    ),
    single(
      'flash_sale_payment_facts_parked',
      'Refund and dispute events that wait for their payment.',
      of(({ parkedFacts }) => parkedFacts),
    ),
    single(
      'flash_sale_disputes_open',
      'Disputes that are open.',
      of(({ openDisputes }) => openDisputes.count),
    ),
    single(
      'flash_sale_disputes_open_oldest_seconds',
      'How long the oldest of them has been open; 0 without any.',
      of(({ openDisputes }) => age(openDisputes.oldestAtMs)),
    ),
    single(
      'flash_sale_orders_refused',
      'Orders of the last day whose payment the provider refused for a price that the product still has.',
      of(({ refusedPayments }) => refusedPayments.count),
    ),
    single(
      'flash_sale_refunds_under_dispute',
      'Refunds that are due and wait for the end of a dispute.',
      of(({ refundsUnderDispute }) => refundsUnderDispute),
    ),
    single(
      'flash_sale_possible_second_payments',
      'Payments that may be money which was settled under another name.',
      of(({ possibleSecondPayments }) => possibleSecondPayments),
    ),
    single(
      'flash_sale_deliveries_pending',
      'Events for others that are still to be delivered, once for each endpoint.',
      of(({ deliveries }) => deliveries.pending),
    ),
    single(
      'flash_sale_deliveries_oldest_seconds',
      'How long the oldest of them has waited; 0 without any.',
      of(({ deliveries }) => age(deliveries.oldestAtMs)),
    ),
    single(
      'flash_sale_deliveries_failing',
      'Those of them that were tried in vain at least once.',
      of(({ deliveries }) => deliveries.failing),
    ),
    single(
      'flash_sale_deliveries_dead',
      'Deliveries that were given up.',
      of(({ deliveries }) => deliveries.dead),
    ),
    single(
      'flash_sale_endpoints_off',
      'Endpoints that are switched off.',
      of(({ endpointsOff }) => endpointsOff),
    ),
  ];
}
