import { MemorySnapshotCache } from './cache/memory-snapshot-cache.ts';
import { RedisSnapshotCache } from './cache/redis-snapshot-cache.ts';
import { type SiblingLink, SiblingSnapshotCache } from './cache/sibling-snapshot-cache.ts';
import type { SnapshotCache } from './cache/snapshot-cache.ts';
import type { Config } from './config/options.ts';
import { demoProducts } from './demo-products.ts';
import { decide } from './domain/decide.ts';
import type { Decide } from './engine/batch.ts';
import { Engine, type EngineListener } from './engine/engine.ts';
import { newId } from './engine/new-id.ts';
import { RedisLink } from './redis/redis-link.ts';
import { RedisWindowCounts } from './redis/redis-window-counts.ts';
import { bringUp } from './store/bring-up.ts';
import { openStore } from './store/open-store.ts';
import { gatedReader } from './store/read-gate.ts';
import type { Store } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import type { StoreObserver } from './store/store-observer.ts';
import type { StoreReader } from './store/store-reader.ts';
import { logDomainEvent } from './telemetry/domain-event-log.ts';
import {
  cacheHit,
  cacheMiss,
  databaseClocksDiffer,
  databaseHostIsBack,
  databaseHostPassedOver,
  databaseQuery,
  slowQuery,
} from './telemetry/log-events.ts';
import type { Logger } from './telemetry/logger.ts';
import { expiryRound } from './workers/expiry-worker.ts';
import { parkedEventsRound, recheckParked } from './workers/parked-events-worker.ts';
import { retentionRound } from './workers/retention-worker.ts';
import { Worker } from './workers/worker.ts';

/** What a process is made of besides its configuration. */
export type Parts = {
  readonly log: Logger;
  /** The host's clock, in ms since 1970. */
  readonly wallMs?: () => number;
  readonly decide?: Decide;
  /** Where several processes of one machine serve. With Redis they share through that. */
  readonly siblings?: SiblingLink;
};

/**
 * How long a failed write keeps the process from being called ready: without requests nothing else would tell
 * that it is over.
 */
const unreadyMs = 5_000;
const databaseRetryMs = 1_000;
/**
 * The longest rests of the workers. Deadlines are at most a second late in the rows and the log, never in an
 * answer.
 */
const expiryRestMs = 1_000;
const parkedEventsRestMs = 5_000;
const retentionRestMs = 60_000;

/**
 * All of a process but its server: store, engine, cache and workers, from the first connection to the last.
 */
export class CheckoutNode {
  readonly store: Store;
  /** What requests read through: each gets its answer within the time of a request. */
  readonly reader: StoreReader;
  readonly engine: Engine;
  readonly snapshots: SnapshotCache;
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

  constructor(config: Config, parts: Parts) {
    const { log } = parts;
    this.#config = config;
    this.#log = log;
    this.store = openStore(config.databaseUrl, parts.wallMs, storeLog(config, log));
    this.reader = gatedReader(this.store, config.requestTimeoutMs);
    const cache = {
      read: this.reader.product,
      nowMs: this.store.nowMs,
      lookedUp: (productId: number, hit: boolean) => (hit ? cacheHit : cacheMiss)(log, { productId }),
    };
    this.#redis = null;
    if (config.redisUrl !== null) {
      const link = linkTo(config.redisUrl, log);
      this.#redis = { link, snapshots: new RedisSnapshotCache(link, { ...cache, ttlMs: config.cacheTtlMs }) };
      this.sharedCounts = new RedisWindowCounts(link);
    }
    const options = { ...cache, ttlMs: () => config.cacheTtlMs };
    const snapshots =
      this.#redis?.snapshots ??
      (parts.siblings === undefined
        ? new MemorySnapshotCache(options)
        : new SiblingSnapshotCache(parts.siblings, options));
    this.snapshots = snapshots;
    this.engine = createEngine(config, parts, this.store, {
      committed: (report) => {
        for (const snapshot of report.snapshots.values()) {
          snapshots.put(snapshot);
        }
        if (report.happened.length > 0) {
          this.#writeFailedAtMs = Number.NEGATIVE_INFINITY;
        }
        recheckParked(this.store, this.engine, report.happened).catch((error) =>
          log.warn({ reason: messageOf(error) }, 'Parked events will be looked at by the worker'),
        );
      },
      unavailable: () => {
        this.#writeFailedAtMs = performance.now();
      },
    });
    this.#workers = this.#makeWorkers();
  }

  /** Whether the database was reached with the right schema. */
  isUp(): boolean {
    return this.#isUp;
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
  start(what: { readonly workers: boolean; readonly seed: boolean }): Promise<void> {
    this.#starting = this.#bringUp(what);
    return this.#starting;
  }

  /** Ends the workers, each after the round that is under way. */
  async stopWorkers(): Promise<void> {
    this.#stopping.abort();
    await this.#starting;
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  /** Answers what was accepted and closes the database. */
  async stop(): Promise<void> {
    await this.engine.close();
    await this.#redis?.snapshots.close();
    this.#redis?.link.stop();
    await this.store.close();
  }

  async #bringUp(what: { readonly workers: boolean; readonly seed: boolean }): Promise<void> {
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
    if (what.workers) {
      for (const worker of this.#workers) {
        worker.start();
      }
    }
  }

  #makeWorkers(): readonly Worker[] {
    const { store, engine } = this;
    const { parkedSeconds, retentionDays } = this.#config;
    const failed = (worker: string) => (error: unknown) => {
      const message = 'Worker failed, will try again';
      if (error instanceof StoreError && error.kind !== 'defect') {
        this.#log.warn({ worker, reason: error.message }, message);
      } else {
        this.#log.error({ worker, err: error }, message);
      }
    };
    const purge = retentionRound(
      (before, limit) => engine.runBetweenBatches(() => store.purge(before, limit)),
      store.nowMs,
      retentionDays,
    );
    return [
      new Worker(expiryRound(store, engine), expiryRestMs, failed('expiry')),
      new Worker(
        parkedEventsRound(store, engine, parkedSeconds),
        parkedEventsRestMs,
        failed('parked events'),
      ),
      new Worker(purge, retentionRestMs, failed('retention')),
    ];
  }
}

/** Seeds the demo products into a database without products. Resolves to how many were made. */
export async function seedDemoProducts(engine: Engine): Promise<number> {
  const { outcome } = await engine.submit({ kind: 'seed_products', products: demoProducts });
  if (outcome.kind !== 'products_seeded') {
    throw new Error(`the demo products could not be seeded: ${outcome.code}`);
  }
  return outcome.created;
}

/** Engine and store alone, for commands. The caller closes both. */
export function openEngine(config: Config, parts: Parts): { readonly store: Store; readonly engine: Engine } {
  const store = openStore(config.databaseUrl, parts.wallMs, storeLog(config, parts.log));
  return {
    store,
    engine: createEngine(config, parts, store, { committed: () => {}, unavailable: () => {} }),
  };
}

function createEngine(
  config: Config,
  { log, decide: rules = decide }: Parts,
  store: Store,
  told: Pick<EngineListener, 'committed'> & { unavailable(): void },
): Engine {
  const { holdSeconds, paymentSeconds, parkedMax, queueMax, batchMax, requestTimeoutMs } = config;
  return new Engine(
    { store, decide: rules, rules: { holdSeconds, paymentSeconds, parkedMax, eventEndpoints: [] }, newId },
    { queueMax, batchMax, requestTimeoutMs },
    {
      committed: (report) => {
        told.committed(report);
        for (const event of report.happened) {
          logDomainEvent(log, event);
        }
      },
      failed: ({ error, commands, willRetry }) => {
        const fields = { reason: messageOf(error), commands };
        if (willRetry) {
          log.debug(fields, 'Batch is decided again');
        } else {
          told.unavailable();
          log.error(fields, 'Database cannot be written');
        }
      },
      defect: ({ error }) => log.error({ err: error }, 'A committed batch could not be told of'),
    },
  );
}

function linkTo(url: string, log: Logger): RedisLink {
  return new RedisLink({
    url,
    reached: () => log.info('Redis is used: snapshots and rate limits are shared with other nodes'),
    lost: (reason) =>
      log.warn({ reason }, 'Redis cannot be used, this node goes on by itself and tries again'),
  });
}

/** Slow queries always, every query when the operator asked for it; and what becomes of the database's hosts. */
function storeLog({ dbLogQueries, slowQueryMs }: Config, log: Logger): StoreObserver {
  return {
    query: (sql, durationMs) => {
      if (durationMs > slowQueryMs) {
        slowQuery(log, { sql, durationMs });
      } else if (dbLogQueries) {
        databaseQuery(log, { sql, durationMs });
      }
    },
    hostPassedOver: (host, reason) => databaseHostPassedOver(log, { host, reason }),
    hostIsBack: (host) => databaseHostIsBack(log, { host }),
    clocksDiffer: (hosts, differenceMs) => databaseClocksDiffer(log, { hosts, differenceMs }),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
