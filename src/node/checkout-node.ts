import { MemorySnapshotCache } from '../cache/memory-snapshot-cache.ts';
import { RedisSnapshotCache } from '../cache/redis-snapshot-cache.ts';
import { SiblingSnapshotCache } from '../cache/sibling-snapshot-cache.ts';
import type { SnapshotCache } from '../cache/snapshot-cache.ts';
import type { Config } from '../config/options.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { CommandSink } from '../engine/answer.ts';
import type { Engine } from '../engine/engine.ts';
import { createLive, type Live } from '../live/live.ts';
import { redisSecondsLink } from '../live/redis-seconds-link.ts';
import { OrderPayments } from '../payments/order-payments.ts';
import type { PaymentProvider } from '../payments/payment-provider.ts';
import type { RedisLink } from '../redis/redis-link.ts';
import { RedisWindowCounts } from '../redis/redis-window-counts.ts';
import { bringUp } from '../store/bring-up.ts';
import { openStore } from '../store/open-store.ts';
import type { OutboxReader } from '../store/outbox.ts';
import { gatedReader } from '../store/read-gate.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { cacheHit, cacheMiss, paymentNotCreated } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ProcessCounts } from '../telemetry/metrics/process-counts.ts';
import { recheckParked } from '../workers/parked-events-worker.ts';
import type { Worker } from '../workers/worker.ts';
import { createEngine, seedDemoProducts } from './engine.ts';
import { linkTo, storeLog } from './log.ts';
import { messageOf } from './message-of.ts';
import type { Parts } from './parts.ts';
import { tracedSink } from './traced-commands.ts';
import { createWorkers } from './workers.ts';

/** What a node does besides waiting for its database. */
export type NodeStart = {
  /** It answers requests, so it counts what there is to tell of each second. */
  readonly serves: boolean;
  readonly workers: boolean;
  readonly seed: boolean;
};

/**
 * How long a failed write keeps the process from being called ready: without requests nothing else would tell
 * that it is over.
 */
const unreadyMs = 5_000;
const databaseRetryMs = 1_000;

/**
 * All of a process but its server: store, engine, cache and workers, from the first connection to the last.
 */
export class CheckoutNode {
  /** What this process counts of itself: fed by all parts, read by whoever shows it. */
  readonly counts = new ProcessCounts();
  readonly store: Store;
  /** What requests read through: each gets its answer within the time of a request. */
  readonly reader: StoreReader & OutboxReader;
  readonly engine: Engine;
  /** The engine as requests know it. */
  readonly commands: CommandSink;
  readonly snapshots: SnapshotCache;
  readonly live: Live;
  /** What buyers pay with, where there is a payment provider. */
  readonly orderPayments: OrderPayments | undefined;
  /** Counts of requests over all nodes, where they share a Redis. */
  readonly sharedCounts: RedisWindowCounts | undefined;
  readonly #redis: { readonly link: RedisLink; readonly snapshots: RedisSnapshotCache } | null;
  readonly #config: Config;
  readonly #log: Logger;
  readonly #workers: readonly Worker[];
  readonly #stopping = new AbortController();
  #starting: Promise<void> = Promise.resolve();
  #isUp = false;
  #writeFailedAtMs = Number.NEGATIVE_INFINITY;

  constructor(config: Config, parts: Parts, provider: PaymentProvider | null) {
    const { log } = parts;
    const { counts } = this;
    this.#config = config;
    this.#log = log;
    this.store = openStore(config.databaseUrl, parts.wallMs, storeLog(config, log));
    const reads = gatedReader(this.store, config.requestTimeoutMs);
    const redis = config.redisUrl === null ? null : linkTo(config.redisUrl, log);
    const live = createLive({
      reader: reads,
      refreshMs: config.cacheTtlMs,
      totals: () => counts.saleTotals(),
      link: redis === null ? (parts.seconds ?? null) : redisSecondsLink(redis),
    });
    this.live = live;
    this.reader = { ...reads, audit: () => live.audits.run() };
    const cache = {
      read: this.reader.product,
      nowMs: this.store.nowMs,
      lookedUp: (productId: number, hit: boolean) => {
        counts.cacheLookedUp(hit);
        (hit ? cacheHit : cacheMiss)(log, { productId });
      },
      changed: (snapshot: ProductSnapshot) => live.products.put(snapshot),
      forgotten: () => live.products.forget(),
    };
    this.#redis = null;
    if (redis !== null) {
      const ofAllNodes = new RedisSnapshotCache(redis, { ...cache, ttlMs: config.cacheTtlMs });
      this.#redis = { link: redis, snapshots: ofAllNodes };
      this.sharedCounts = new RedisWindowCounts(redis);
    }
    const options = { ...cache, ttlMs: () => config.cacheTtlMs };
    const snapshots =
      this.#redis?.snapshots ??
      (parts.siblings === undefined
        ? new MemorySnapshotCache(options)
        : new SiblingSnapshotCache(parts.siblings, options));
    this.snapshots = snapshots;
    this.engine = createEngine(config, parts, this.store, provider?.refusalOfPrice, {
      committed: (report) => {
        counts.batches.committed(report.commands, report.outcomes, report.times);
        parts.tracing?.batchEnded({ ...report, failure: null });
        for (const snapshot of report.snapshots.values()) {
          snapshots.put(snapshot);
        }
        for (const event of report.happened) {
          counts.happened.add(event);
        }
        if (report.happened.length > 0) {
          this.#writeFailedAtMs = Number.NEGATIVE_INFINITY;
        }
        recheckParked(this.store, this.engine, report.happened).catch((error) =>
          log.warn({ reason: messageOf(error) }, 'Parked events will be looked at by the worker'),
        );
      },
      failed: ({ error, willRetry, attempt }) => {
        counts.batches.failed(error instanceof StoreError ? error.kind : 'defect', willRetry);
        if (attempt !== null) {
          parts.tracing?.batchEnded({ ...attempt, failure: messageOf(error) });
        }
        if (!willRetry) {
          this.#writeFailedAtMs = performance.now();
        }
      },
    });
    counts.latestAudit = () => live.audits.latest;
    counts.queueDepth = () => this.engine.queueDepth;
    counts.queueMax = config.queueMax;
    const { store, engine } = this;
    this.commands = parts.tracing === undefined ? engine : tracedSink(engine, parts.tracing);
    if (provider !== null) {
      this.orderPayments = new OrderPayments({
        provider,
        engine: this.commands,
        reader: store,
        failed: ({ id }, error) => paymentNotCreated(log, { orderId: id, reason: messageOf(error) }),
      });
    }
    const stopping = this.#stopping.signal;
    this.#workers = createWorkers({
      config,
      log,
      store,
      engine,
      provider,
      stopping,
      counts,
      tracing: parts.tracing,
    });
  }

  /** Whether the database was reached with the right schema. */
  isUp(): boolean {
    return this.#isUp;
  }

  /** Whether Redis answers; null where there is none. */
  get isRedisReached(): boolean | null {
    return this.#redis?.link.isReached ?? null;
  }

  /** What load balancers are told. Why the database cannot be used is in the log: strangers may read this. */
  readiness(): { readonly ready: boolean; readonly reason?: string } {
    if (!this.#isUp) {
      return { ready: false, reason: 'The database cannot be used yet.' };
    }
    return performance.now() - this.#writeFailedAtMs < unreadyMs
      ? { ready: false, reason: 'The database could not be written a moment ago.' }
      : { ready: true };
  }

  /**
   * Waits for the database, prepares it and starts the workers. Resolves then, or when the node is stopped
   * before.
   */
  start(what: NodeStart): Promise<void> {
    this.#starting = this.#bringUp(what);
    return this.#starting;
  }

  /** Ends the workers, each after the round that is under way, and what the payment provider is asked. */
  async stopWorkers(): Promise<void> {
    this.#stopping.abort();
    this.orderPayments?.stop();
    await this.#starting;
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  /** Answers what was accepted and closes the database. */
  async stop(): Promise<void> {
    this.live.seconds.stop();
    await this.engine.close();
    await this.#redis?.snapshots.close();
    this.#redis?.link.stop();
    await this.store.close();
  }

  async #bringUp(what: NodeStart): Promise<void> {
    await bringUp(this.store, {
      migrate: this.#config.migrate,
      prepare: async () => {
        if (what.seed) {
          await seedDemoProducts(this.engine);
        }
        // Not waited for: without Redis a node works as one that has none.
        this.#redis?.link.start(await this.store.identity());
      },
      signal: this.#stopping.signal,
      retryMs: databaseRetryMs,
      waiting: (reason) => this.#log.error({ reason }, 'Database cannot be used yet, will try again'),
    });
    if (this.#stopping.signal.aborted) {
      return;
    }
    this.#isUp = true;
    if (what.serves) {
      this.live.seconds.start();
    }
    if (what.workers) {
      for (const worker of this.#workers) {
        worker.start();
      }
    }
  }
}
