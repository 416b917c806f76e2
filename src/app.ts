import type { AddressInfo } from 'node:net';
import { MemorySnapshotCache } from './cache/memory-snapshot-cache.ts';
import { demoProducts } from './cli/demo-products.ts';
import { ConfigError } from './config/config.ts';
import type { Config } from './config/options.ts';
import { assertEventsCanBeTrusted, unsignedEventsAllowed } from './config/unsigned-events.ts';
import { decide } from './domain/decide.ts';
import type { Decide } from './engine/batch.ts';
import { Engine } from './engine/engine.ts';
import { newId } from './engine/new-id.ts';
import { createHealthServer } from './http/health-server.ts';
import { createServer } from './http/server.ts';
import { bringUp } from './store/bring-up.ts';
import { openStore } from './store/open-store.ts';
import type { QueryObserver } from './store/query-observer.ts';
import type { Store } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import { logDomainEvent } from './telemetry/domain-event-log.ts';
import { cacheHit, cacheMiss, databaseQuery, slowQuery } from './telemetry/log-events.ts';
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
};

export type RunningServer = {
  /** Where it listens: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Resolves once the database can be used, or when the server is stopped before that. */
  readonly databaseReady: Promise<void>;
  /** Takes no new connections, answers what was accepted, stops the workers and closes the database. */
  stop(): Promise<void>;
};

export type RunningWorker = { readonly databaseReady: Promise<void>; stop(): Promise<void> };

/** How long a failed write keeps the process from being called ready: without requests nothing else would tell that it is over. */
const unreadyMs = 5_000;
const databaseRetryMs = 1_000;

/**
 * Starts a node: server, engine and, unless switched off, the workers. It listens at once; until the database can be used, requests
 * are answered 503.
 *
 * @throws ConfigError when payment events of anybody would be believed; Error when the address cannot be listened on
 */
export async function startServer(config: Config, parts: Parts): Promise<RunningServer> {
  assertEventsCanBeTrusted(config);
  assertSupported(config);
  const core = compose(config, parts);
  const server = createServer({
    config,
    log: parts.log,
    engine: core.engine,
    reader: core.store,
    snapshots: core.snapshots,
    isUp: core.isUp,
    readiness: core.readiness,
    unsignedEvents: unsignedEventsAllowed(config),
    newId,
  });
  await server.listen({ host: config.host, port: config.port });
  const databaseReady = core.start({
    workers: config.worker,
    seed: config.seed && config.nodeEnv !== 'production',
  });
  return {
    url: urlOf(server.server.address() as AddressInfo),
    databaseReady,
    stop: async () => {
      await core.stopWorkers();
      await server.close();
      await core.stop();
    },
  };
}

/** Starts only the workers of a node, and where a port is set for it their health. */
export async function startWorker(config: Config, parts: Parts): Promise<RunningWorker> {
  assertSupported(config);
  const core = compose(config, parts);
  const health = config.workerPort === null ? null : createHealthServer(core.readiness);
  await health?.listen({ host: config.host, port: config.workerPort ?? 0 });
  const databaseReady = core.start({ workers: true, seed: false });
  return {
    databaseReady,
    stop: async () => {
      await core.stopWorkers();
      await health?.close();
      await core.stop();
    },
  };
}

/** @throws ConfigError for what a later version will do: to take it without a word would be worse. */
function assertSupported({ redisUrl }: Config): void {
  if (redisUrl !== null) {
    throw new ConfigError(
      'REDIS_URL: expected nothing, because this version does not use Redis yet: unset it',
    );
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
  const store = openStore(config.databaseUrl, parts.wallMs, queryLog(config, parts.log));
  return { store, engine: createEngine(config, parts, store, () => {}) };
}

type EngineReport = Parameters<ConstructorParameters<typeof Engine>[2]['committed']>[0];

function createEngine(
  config: Config,
  { log, decide: rules = decide }: Parts,
  store: Store,
  committed: (report: EngineReport) => void,
  unavailable: () => void = () => {},
): Engine {
  return new Engine(
    {
      store,
      decide: rules,
      rules: {
        holdSeconds: config.holdSeconds,
        paymentSeconds: config.paymentSeconds,
        parkedMax: config.parkedMax,
      },
      newId,
    },
    { queueMax: config.queueMax, batchMax: config.batchMax, requestTimeoutMs: config.requestTimeoutMs },
    {
      committed: (report) => {
        committed(report);
        for (const event of report.happened) {
          logDomainEvent(log, event);
        }
      },
      failed: ({ error, commands, willRetry }) => {
        if (!willRetry) {
          unavailable();
        }
        const fields = { reason: messageOf(error), commands };
        if (willRetry) {
          log.debug(fields, 'Batch is decided again');
        } else {
          log.error(fields, 'Database cannot be written');
        }
      },
      defect: ({ error }) => log.error({ err: error }, 'A committed batch could not be told of'),
    },
  );
}

function compose(config: Config, parts: Parts) {
  const { log } = parts;
  const store = openStore(config.databaseUrl, parts.wallMs, queryLog(config, log));
  const snapshots = new MemorySnapshotCache({
    read: (id) => store.product(id),
    nowMs: store.nowMs,
    ttlMs: config.cacheTtlMs,
    lookedUp: (productId, hit) => (hit ? cacheHit : cacheMiss)(log, { productId }),
  });
  let databaseProblem: string | null = 'the database has not been reached yet';
  let writeFailedAtMs = Number.NEGATIVE_INFINITY;
  const engine = createEngine(
    config,
    parts,
    store,
    (report) => {
      for (const snapshot of report.snapshots.values()) {
        snapshots.put(snapshot);
      }
      recheckParked(store, engine, report.happened).catch((error) =>
        log.warn({ reason: messageOf(error) }, 'Parked events will be looked at by the worker'),
      );
    },
    () => {
      writeFailedAtMs = performance.now();
    },
  );
  const roundFailed = (worker: string) => (error: unknown) => {
    const expected = error instanceof StoreError && error.kind !== 'defect';
    if (expected) {
      log.warn({ worker, reason: messageOf(error) }, 'Worker failed, will try again');
    } else {
      log.error({ worker, err: error }, 'Worker failed, will try again');
    }
  };
  const workers = [
    new Worker(expiryRound(store, engine), 1_000, roundFailed('expiry')),
    new Worker(parkedEventsRound(store, engine, config.parkedSeconds), 5_000, roundFailed('parked events')),
    new Worker(
      retentionRound(
        (before, limit) => engine.runBetweenBatches(() => store.purge(before, limit)),
        store.nowMs,
        config.retentionDays,
      ),
      60_000,
      roundFailed('retention'),
    ),
  ];
  const stopping = new AbortController();
  let starting: Promise<void> = Promise.resolve();

  return {
    store,
    engine,
    snapshots,
    isUp: () => databaseProblem === null,
    readiness: () => {
      if (databaseProblem !== null) {
        return { ready: false, reason: `The database cannot be used: ${databaseProblem}` };
      }
      return performance.now() - writeFailedAtMs < unreadyMs
        ? { ready: false, reason: 'The database could not be written a moment ago' }
        : { ready: true };
    },
    start: (what: { readonly workers: boolean; readonly seed: boolean }): Promise<void> => {
      starting = bringUp(store, {
        migrate: config.migrate,
        signal: stopping.signal,
        retryMs: databaseRetryMs,
        waiting: (reason) => {
          databaseProblem = reason;
          log.error({ reason }, 'Database cannot be used yet, will try again');
        },
      }).then(async () => {
        if (stopping.signal.aborted) {
          return;
        }
        if (what.seed) {
          await seedDemoProducts(engine);
        }
        databaseProblem = null;
        if (what.workers) {
          for (const worker of workers) {
            worker.start();
          }
        }
      });
      return starting;
    },
    stopWorkers: async () => {
      stopping.abort();
      await starting.catch(() => undefined);
      await Promise.all(workers.map((worker) => worker.stop()));
    },
    stop: async () => {
      await engine.close();
      await store.close();
    },
  };
}

/** Slow queries always, every query when the operator asked for it. */
function queryLog(config: Config, log: Logger): QueryObserver {
  const { dbLogQueries, slowQueryMs } = config;
  return (sql, durationMs) => {
    if (durationMs > slowQueryMs) {
      slowQuery(log, { sql, durationMs });
    } else if (dbLogQueries) {
      databaseQuery(log, { sql, durationMs });
    }
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
