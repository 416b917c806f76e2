import type { Config } from '../config/options.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { MetricFamily } from '../telemetry/metrics/metric-family.ts';
import type { SiblingAnswers } from '../telemetry/metrics/sibling-metrics.ts';

/** What a server process is to do. */
export type StartOrder = { readonly config: Config; readonly simulatedSecret: string };

/** What the primary process tells a server process. */
export type ToServer =
  /**
   * Comes first. The worker of a process runs where `config.worker` says so. Simulated payment events are signed with `simulatedSecret`,
   * because any of the processes may receive them.
   */
  | ({ readonly kind: 'start' } & StartOrder)
  | { readonly kind: 'stop' }
  | { readonly kind: 'snapshots'; readonly snapshots: readonly ProductSnapshot[] }
  | { readonly kind: 'second'; readonly text: string }
  | { readonly kind: 'sibling_died' }
  /** Another process is asked for metrics and wants this one's. */
  | { readonly kind: 'metrics_wanted'; readonly id: number }
  /** What came of a wish for metrics. */
  | ({ readonly kind: 'metrics_collected'; readonly id: number } & SiblingAnswers);

/** What a server process tells the primary process. */
export type FromServer =
  | { readonly kind: 'listening'; readonly url: string }
  /** It reached the database. */
  | { readonly kind: 'ready' }
  /** It ends without having served, for a reason that is told in one line. */
  | { readonly kind: 'failed'; readonly line: string; readonly exitCode: number }
  | { readonly kind: 'snapshots'; readonly snapshots: readonly ProductSnapshot[] }
  /** What it has counted in a second, for the others. */
  | { readonly kind: 'second'; readonly text: string }
  /** It is asked for metrics and wants those of all others. */
  | { readonly kind: 'collect_metrics'; readonly id: number }
  /** Its own, as they were wanted. */
  | { readonly kind: 'metrics'; readonly id: number; readonly families: readonly MetricFamily[] };
