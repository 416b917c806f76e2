import type { SiblingLink } from '../cache/sibling-snapshot-cache.ts';
import type { Decide } from '../engine/batch.ts';
import type { SecondsLink } from '../live/seconds-link.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { SiblingMetrics } from '../telemetry/metrics/sibling-metrics.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';

/** What a process is made of besides its configuration. */
export type Parts = {
  readonly log: Logger;
  /** Signs simulated payment events where several processes receive them; else each has a key of its own. */
  readonly simulatedSecret?: string;
  /** The host's clock, in ms since 1970. */
  readonly wallMs?: () => number;
  readonly decide?: Decide;
  /** Without it there are no traces. */
  readonly tracing?: Tracing | undefined;
  /** Where several processes of one machine serve. With Redis they share through that. */
  readonly siblings?: SiblingLink & SiblingMetrics;
  /** What the same processes tell each other of each second. */
  readonly seconds?: SecondsLink;
};
