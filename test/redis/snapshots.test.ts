import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach, describeNeeding } from '../support/needing.ts';
import { type RedisForTest, redisForTest, redisMissing, untilRedisIsUsed } from '../support/redis.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

/** Snapshots that would live for a minute: what is new all the same is new because somebody told of it. */
async function nodeOn(
  database: OpenDatabase,
  redis: RedisForTest,
  variables: Readonly<Record<string, string>> = {},
): Promise<Checkout> {
  const node = await checkoutForTest({
    database,
    variables: {
      CACHE_TTL_MS: '60000',
      WORKER: 'false',
      LOG_LEVEL: 'debug',
      ...redis.variables,
      ...variables,
    },
  });
  await untilRedisIsUsed(node);
  return node;
}

async function sharedBy(kind: (typeof sharedDatabases)[number]) {
  const database = await databaseForTest(kind);
  const redis = await redisForTest();
  return { database, redis };
}

let lastMark = 1_000_000;

/** How often a node did not know the product so far. Lines are written in order: once a later one is there, all are. */
async function missesOf(node: Checkout, productId: number): Promise<number> {
  lastMark += 1;
  const keyFor = (id: number) => ({ key: `product:${id}:available_stock` });
  await node.product(lastMark);
  await until(() => node.logged('Cache miss', keyFor(lastMark)).length > 0);
  return node.logged('Cache miss', keyFor(productId)).length;
}

async function keyOf(database: OpenDatabase, productId: number): Promise<string> {
  return `flash-sale:${await database.store.identity()}:product:${productId}:available_stock`;
}

describeNeeding(redisMissing)('snapshots that nodes share', () => {
  describeEach(sharedDatabases.slice(0, 1))('on one $name', (kind) => {
    test('a commit of one node is seen on another one without a read of its database', async () => {
      const { database, redis } = await sharedBy(kind);
      const [one, other] = [await nodeOn(database, redis), await nodeOn(database, redis)];
      const productId = await one.createProduct({ stock: 50 });
      expect(await other.availableStock(productId)).toBe(50);
      const misses = await missesOf(other, productId);

      for (let left = 49; left >= 40; left -= 1) {
        await one.hold(productId);
        await until(async () => (await other.availableStock(productId)) === left);
      }

      expect(await missesOf(other, productId)).toBe(misses);
    });

    test('of a hundred commits at once the last one arrives', async () => {
      const { database, redis } = await sharedBy(kind);
      const [one, other] = [await nodeOn(database, redis), await nodeOn(database, redis)];
      const productId = await one.createProduct({ stock: 1000 });
      expect(await other.availableStock(productId)).toBe(1000);
      const misses = await missesOf(other, productId);

      await Promise.all([atOnce(50, () => one.hold(productId)), atOnce(50, () => other.hold(productId))]);

      for (const node of [one, other]) {
        await until(async () => (await node.availableStock(productId)) === 900);
      }
      expect(await missesOf(other, productId)).toBe(misses);
    });

    test('a node that knows nothing takes the latest from Redis', async () => {
      const { database, redis } = await sharedBy(kind);
      const one = await nodeOn(database, redis);
      const productId = await one.createProduct({ stock: 5 });
      await one.hold(productId);
      const key = await keyOf(database, productId);
      await until(async () => (await redis.client.hget(key, 'version')) === '2');

      const late = await nodeOn(database, redis, { DB_LOG_QUERIES: 'true' });

      expect(await late.availableStock(productId)).toBe(4);
      // A product that is not there is read from the database, so it shows in the log, and only that.
      await missesOf(late, productId);
      const [miss = -1, mark = -1] = late
        .logLines()
        .flatMap((line, index) => (line.msg === 'Cache miss' ? [index] : []));
      const between = late.logLines().slice(miss, mark);
      expect(between.filter(({ msg }) => msg === 'Database query')).toEqual([]);
      expect(await redis.client.pttl(key)).toBeLessThanOrEqual(60_000);
    });

    test('an older snapshot replaces a newer one neither in Redis nor in memory', async () => {
      const { database, redis } = await sharedBy(kind);
      const [one, other] = [await nodeOn(database, redis), await nodeOn(database, redis)];
      const productId = await one.createProduct({ stock: 5 });
      const key = await keyOf(database, productId);
      await until(async () => (await redis.client.hget(key, 'version')) === '1');
      const first = String(await redis.client.hget(key, 'snapshot'));
      await one.hold(productId);
      await until(async () => (await other.availableStock(productId)) === 4);

      // The message comes late, and then that of the next commit, which shows that the late one was heard.
      await redis.client.publish(key.replace(/product:.*/, 'snapshots'), first);
      await one.hold(productId);
      const seen = new Set<number>();
      await until(async () => {
        seen.add(await other.availableStock(productId));
        return seen.has(3);
      });

      expect(seen.has(5)).toBe(false);
      expect(await redis.client.hget(key, 'version')).toBe('3');
      // A snapshot that comes late to Redis, and then one of another product, which shows that it was there.
      await redis.client.hset(key, 'version', '999');
      await one.hold(productId);
      const nextKey = await keyOf(database, await one.createProduct());
      await until(async () => (await redis.client.exists(nextKey)) === 1);
      expect(await redis.client.hget(key, 'version')).toBe('999');
    });

    test('a deadline makes a shared snapshot out of date everywhere at its instant', async () => {
      const { database, redis } = await sharedBy(kind);
      const short = { HOLD_SECONDS: '1' };
      const [one, other] = [await nodeOn(database, redis, short), await nodeOn(database, redis, short)];
      const productId = await one.createProduct({ stock: 5 });
      const { expires_at } = (await one.hold(productId, 2)).body;

      for (const node of [one, other]) {
        const after = await until(async () => {
          const { body } = await node.product(productId);
          if (body.available_stock === 5 && body.next_release_at === null) {
            return { body, seenAtMs: Date.now() };
          }
          return false;
        });
        expect(after.body.held_stock).toBe(0);
        expect(after.seenAtMs).toBeGreaterThanOrEqual(Date.parse(expires_at) - 20);
      }
    });

    test('what is no snapshot is not believed', async () => {
      const { database, redis } = await sharedBy(kind);
      const one = await nodeOn(database, redis);
      const productId = await one.createProduct({ stock: 5 });
      const key = await keyOf(database, productId);
      await until(async () => (await redis.client.exists(key)) === 1);
      const snapshot = JSON.parse(String(await redis.client.hget(key, 'snapshot')));
      const channel = key.replace(/product:.*/, 'snapshots');
      const bad = [
        '',
        '{',
        'null',
        '[]',
        { ...snapshot, stock: 'many' },
        { ...snapshot, version: 1e300 },
        { id: 1 },
      ];
      for (const message of bad) {
        const text = typeof message === 'string' ? message : JSON.stringify(message);
        await redis.client.publish(channel, text);
        await redis.client.hset(key, 'snapshot', text);
        const late = await nodeOn(database, redis);
        expect((await late.product(productId)).body).toMatchObject({ stock: 5, available_stock: 5 });
        await late.stop();
      }
      await redis.client.del(key);
      await redis.client.set(key, 'of another kind');
      await one.hold(productId);
      const late = await nodeOn(database, redis);
      expect(await late.availableStock(productId)).toBe(4);
      expect(await one.availableStock(productId)).toBe(4);
    });

    test('two sales on one Redis do not see each other', async () => {
      const { database, redis } = await sharedBy(kind);
      const otherDatabase = await databaseForTest(kind);
      const [one, other] = [await nodeOn(database, redis), await nodeOn(otherDatabase, redis)];
      const id = await one.createProduct({ stock: 5 });
      await one.hold(id);
      await until(async () => (await redis.client.keys('*')).length > 0);
      expect((await other.product(id)).status).toBe(404);
      expect(await other.createProduct({ stock: 77 })).toBe(id);
      expect(await other.availableStock(id)).toBe(77);
      expect(await one.availableStock(id)).toBe(4);
    });

    test('cache-clear empties Redis, and each node forgets what it knows', async () => {
      const { database, redis } = await sharedBy(kind);
      const [one, other] = [await nodeOn(database, redis), await nodeOn(database, redis)];
      const productId = await one.createProduct({ stock: 5 });
      await other.availableStock(productId);
      await until(async () => (await redis.client.keys('flash-sale:*')).length === 1);
      // As after a backup was restored: rows and versions are older than what nodes know.
      await database.run(`update products set name = 'Restored', version = 0 where id = ${productId}`);
      expect((await other.product(productId)).body.name).toBe('Sneakers');

      const { status, stdout } = clearCache(redis.url);

      expect([status, stdout]).toEqual([
        0,
        'Removed 1 shared snapshots; processes told to forget theirs: 2\n',
      ]);
      for (const node of [one, other]) {
        await until(async () => (await node.product(productId)).body.name === 'Restored');
      }
    });
  });
});

test('cache-clear says in one line that Redis cannot be used', () => {
  const { status, stdout, stderr } = clearCache('redis://:hunter2@127.0.0.1:1');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^flash-sale: Redis cannot be used \(.*ECONNREFUSED.*\): check REDIS_URL and Redis\n$/,
  );
  expect(stderr).not.toContain('hunter2');
});

function clearCache(url: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('src/main.ts'), 'cache-clear'], {
    env: { PATH: process.env.PATH ?? '', REDIS_URL: url, NODE_NO_WARNINGS: '1' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
