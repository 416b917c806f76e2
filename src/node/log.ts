import type { Config } from '../config/options.ts';
import { RedisLink } from '../redis/redis-link.ts';
import type { StoreObserver } from '../store/store-observer.ts';
import {
  checkpointFailed,
  databaseClocksDiffer,
  databaseHostIsBack,
  databaseHostPassedOver,
  databaseQuery,
  slowQuery,
} from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/logger.ts';

/** The way to Redis, which says when it is there and when it is gone. */
export function linkTo(url: string, log: Logger): RedisLink {
  return new RedisLink({
    url,
    reached: () => log.info('Redis is used: snapshots and rate limits are shared with other nodes'),
    lost: (reason) =>
      log.warn({ reason }, 'Redis cannot be used, this node goes on by itself and tries again'),
  });
}

/** Slow queries always, every query when the operator asked for it; and what becomes of the database's hosts. */
export function storeLog({ dbLogQueries, slowQueryMs }: Config, log: Logger): StoreObserver {
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
    checkpointFailed: (reason) => checkpointFailed(log, { reason }),
  };
}
