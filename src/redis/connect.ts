import type { Redis, RedisOptions } from 'ioredis';

/** How long a connection may take until it can be used, and how long any answer is waited for on it, in ms. */
const answerMsMax = 1_000;
/** How long a connection that is given up may take to close before it is cut. */
const closeMsMax = 100;

/**
 * What every connection has in common: nothing is kept for later while Redis is away. What was meant for then
 * would be out of date, and a queue without an end would take the process down with Redis.
 */
const boundedWaits = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: answerMsMax,
  commandTimeout: answerMsMax,
  disconnectTimeout: closeMsMax,
} satisfies RedisOptions & { disconnectTimeout: number };

/** A connection that is not made yet. The driver is loaded here, so a process without Redis never loads it. */
export async function redisClient(url: string, retryStrategy: RedisOptions['retryStrategy']): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  return new Client(url, { ...boundedWaits, retryStrategy });
}

/**
 * Does a piece of work on a connection of its own, which is closed afterwards.
 *
 * @throws Error that says in one line why Redis cannot be used
 */
export async function withRedis<Result>(
  url: string,
  work: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const redis = await redisClient(url, null);
  const failed = new Promise<never>((_, reject) => redis.once('error', reject));
  try {
    // What went wrong comes as an event; the rejected promise says only that the connection is closed.
    await Promise.race([failed, redis.connect().catch(() => failed)]);
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
