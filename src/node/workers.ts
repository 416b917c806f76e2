import type { Config } from '../config/options.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { Engine } from '../engine/engine.ts';
import type { PaymentProvider, ProviderError } from '../payments/payment-provider.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { paymentNotKnown, unknownFactsDeleted } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ProcessCounts } from '../telemetry/metrics/process-counts.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import { expiryRound } from '../workers/expiry-worker.ts';
import { parkedEventsRound } from '../workers/parked-events-worker.ts';
import { intentAskingRound, intentClosingRound } from '../workers/payment-intent-worker.ts';
import { refundRound } from '../workers/refund-worker.ts';
import { retentionRound } from '../workers/retention-worker.ts';
import { type RunOnce, Worker } from '../workers/worker.ts';
import { deliveryRounds } from './event-delivery.ts';

/**
 * The longest rests of the workers. Deadlines are at most a second late in the rows and the log, never in an
 * answer.
 */
const restMs = {
  expiry: 1_000,
  'parked events': 5_000,
  retention: 60_000,
  refunds: 1_000,
  'payments before the deadline': 1_000,
  'payments after the end': 1_000,
  deliveries: 5_000,
} as const;

export type WorkerParts = {
  readonly config: Config;
  readonly log: Logger;
  readonly store: Store;
  readonly engine: Engine;
  readonly provider: PaymentProvider | null;
  /** Ends what the workers are waiting for. */
  readonly stopping: AbortSignal;
  readonly counts: ProcessCounts;
  readonly tracing: Tracing | undefined;
};

/** What a node does by itself. */
export function createWorkers({
  config,
  log,
  store,
  engine,
  provider,
  stopping,
  counts,
  tracing,
}: WorkerParts): readonly Worker[] {
  const purge = retentionRound({
    purge: (before, limit) => engine.runBetweenBatches(() => store.purge(before, limit)),
    nowMs: store.nowMs,
    retentionDays: config.retentionDays,
    parkedSeconds: config.parkedSeconds,
    factsDeleted: (count) => {
      counts.factsDeleted += count;
      unknownFactsDeleted(log, count);
    },
  });
  const create = (name: keyof typeof restMs, round: RunOnce) => {
    const counted = counts.worker(name);
    return new Worker(
      async () => {
        counted.begun = true;
        const nextMs = await round();
        counted.succeededAtMs = Date.now();
        return nextMs;
      },
      restMs[name],
      (error) => {
        counted.failures += 1;
        reportFailure(log, name, error);
      },
    );
  };
  const workers = [
    create('expiry', expiryRound(store, engine)),
    create('parked events', parkedEventsRound(store, engine, config.parkedSeconds)),
    create('retention', purge),
    ...deliveryRounds({ config, log, store, engine, stopping, tracing }).map((round) =>
      create('deliveries', round),
    ),
  ];
  if (provider === null) {
    return workers;
  }
  const sender: Pick<PaymentProvider, 'sendRefund' | 'lookUpReturned'> =
    tracing === undefined
      ? provider
      : {
          sendRefund: (...given) => tracing.outgoing('send refund', () => provider.sendRefund(...given)),
          lookUpReturned: (...given) =>
            tracing.outgoing('look up returned money', () => provider.lookUpReturned(...given)),
        };
  const refunds = create('refunds', refundRound({ reader: store, engine, provider: sender, stopping }));
  // What can be told without asking is written down nowhere, so there is nothing to ask for and nothing to close.
  if (provider.intentOf !== undefined) {
    return [...workers, refunds];
  }
  const intents = {
    reader: store,
    engine,
    provider,
    stopping,
    failed: ({ orderId }: PaymentIntent, { message }: ProviderError) =>
      paymentNotKnown(log, { orderId, reason: message }),
  };
  return [
    ...workers,
    refunds,
    create('payments before the deadline', intentAskingRound(intents)),
    create('payments after the end', intentClosingRound(intents)),
  ];
}

function reportFailure(log: Logger, worker: string, error: unknown): void {
  const message = 'Worker failed, will try again';
  if (error instanceof StoreError && error.kind !== 'defect') {
    log.warn({ worker, reason: error.message }, message);
  } else {
    log.error({ worker, err: error }, message);
  }
}
