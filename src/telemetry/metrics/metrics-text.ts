import type { AggregatorRegistry, Registry } from 'prom-client';
import { withLatestAuditOnly } from './count-families.ts';
import type { MetricFamily } from './metric-family.ts';

export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8';

/** Where the answer of several processes should differ from what the library does with its own metrics. */
const ownAggregators: Readonly<Record<string, MetricFamily['aggregator']>> = {
  // Without them a service of one process would have none either.
  process_start_time_seconds: 'min',
  // The mean of a process that is stuck and of one that is idle tells of neither.
  nodejs_eventloop_lag_seconds: 'max',
  nodejs_eventloop_lag_mean_seconds: 'max',
  nodejs_eventloop_lag_stddev_seconds: 'max',
  nodejs_eventloop_lag_p50_seconds: 'max',
  nodejs_eventloop_lag_p90_seconds: 'max',
  nodejs_eventloop_lag_p99_seconds: 'max',
};

/** Gauges with the names of counters. Each is the sum of another one, which has the right name. */
const misnamed: ReadonlySet<string> = new Set([
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]);

type Library = {
  readonly AggregatorRegistry: typeof AggregatorRegistry;
  /** The metrics of the process itself: memory, processor, event loop. */
  readonly ofProcess: Registry;
};

let library: Promise<Library> | null = null;

/** Loaded for the first who asks: a process that nobody watches pays neither for it nor for its observers. */
function load(): Promise<Library> {
  library ??= import('prom-client').then(
    ({ default: { AggregatorRegistry, collectDefaultMetrics, Registry } }) => {
      const ofProcess = new Registry();
      collectDefaultMetrics({ register: ofProcess });
      return { AggregatorRegistry, ofProcess };
    },
  );
  return library;
}

/** The metrics of the process itself, from the first time on that somebody asked for them. */
export async function processFamilies(): Promise<readonly MetricFamily[]> {
  const { ofProcess } = await load();
  const families = (await ofProcess.getMetricsAsJSON()) as unknown as readonly MetricFamily[];
  return families
    .filter(({ name }) => !misnamed.has(name))
    .map((family) => ({
      ...family,
      aggregator: ownAggregators[family.name] ?? family.aggregator,
    }));
}

/** The metrics of all processes together, as Prometheus reads them. */
export async function metricsText(processes: readonly (readonly MetricFamily[])[]): Promise<string> {
  const { AggregatorRegistry } = await load();
  return AggregatorRegistry.aggregate(
    withLatestAuditOnly(processes).map((families) => [...families]),
  ).metrics();
}
