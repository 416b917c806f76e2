import { describe, expect, onTestFinished, test } from 'vitest';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  ownRedisMissing,
  type RedisServer,
  redisIsAway,
  redisIsUsed,
  redisServerForTest,
  untilRedisIsUsed,
} from '../support/redis.ts';
import { until } from '../support/until.ts';

/** What can happen to Redis during a sale, and how it comes back. */
const failures: readonly {
  readonly name: string;
  readonly strike: (redis: RedisServer) => Promise<void>;
  readonly mend: (redis: RedisServer) => Promise<void>;
}[] = [
  { name: 'killed and started again', strike: (redis) => redis.kill(), mend: (redis) => redis.start() },
  {
    name: 'frozen and thawed',
    strike: async (redis) => redis.freeze(),
    mend: async (redis) => redis.thaw(),
  },
];

const kinds = sharedDatabases
  .slice(0, 1)
  .map((kind) => ({ ...kind, missing: kind.missing ?? ownRedisMissing }));

describeEach(kinds)('a sale of two nodes on $name', (kind) => {
  async function twoNodes(redis: RedisServer, variables: Readonly<Record<string, string>> = {}) {
    const database = await databaseForTest(kind);
    const options = {
      database,
      variables: { CACHE_TTL_MS: '60000', WORKER: 'false', ...redis.variables, ...variables },
    };
    const nodes = [await checkoutForTest(options), await checkoutForTest(options)] as const;
    await Promise.all(nodes.map((node) => untilRedisIsUsed(node)));
    return { database, nodes };
  }

  /** Buyers and viewers on both nodes. Every answer has to be one that the store could have given. */
  function load(nodes: readonly Checkout[], productId: number) {
    let isOver = false;
    const statuses: number[] = [];
    const buy = async (node: Checkout): Promise<void> => {
      let lastHeld = 0;
      while (!isOver) {
        const hold = await node.hold(productId);
        statuses.push(hold.status);
        // This node has just committed another hold and none ends here: it shows, whatever becomes of Redis.
        const seen = await node.product(productId);
        statuses.push(seen.status);
        expect(seen.body.held_stock).toBeGreaterThan(lastHeld);
        lastHeld = seen.body.held_stock;
        expect(seen.body.available_stock + seen.body.held_stock).toBe(seen.body.stock);
      }
    };
    const done = Promise.all(nodes.flatMap((node) => [buy(node), buy(node)]));
    return {
      end: async () => {
        isOver = true;
        await done;
        return statuses;
      },
    };
  }

  test.each(failures)('goes on rightly while Redis is $name', async ({ strike, mend }) => {
    const redis = await redisServerForTest();
    const { database, nodes } = await twoNodes(redis);
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 1_000_000 });
    const atStore = async () => (await database.store.product(productId))?.heldStock;
    const sale = load(nodes, productId);
    // On a busy machine a node may have given up its first connection before it had one.
    const before = nodes.map((node) => node.logged(redisIsAway).length);
    const outages = () => nodes.map((node, index) => node.logged(redisIsAway).slice(before[index]));

    await strike(redis);
    await until(() => outages().every((lines) => lines.length > 0));
    await Promise.all(nodes.map((node) => node.hold(productId)));
    await mend(redis);
    await Promise.all(nodes.map((node) => untilRedisIsUsed(node, 2)));
    const statuses = await sale.end();

    expect(statuses.filter((status) => status !== 201 && status !== 200)).toEqual([]);
    const held = await atStore();
    for (const node of nodes) {
      await until(async () => (await node.product(productId)).body.held_stock === held);
    }
    // And commits are told of again.
    await one.hold(productId);
    await until(async () => (await other.product(productId)).body.held_stock === (held ?? 0) + 1);
    expect(outages()).toMatchObject(Array(2).fill([{ level: 'warn', reason: expect.any(String) }]));
    for (const node of nodes) {
      expect(node.logged(redisIsUsed)).toHaveLength(2);
    }
    expect(await one.auditDifferences()).toEqual([]);
  });

  test('reports one outage when Redis thaws at the moment the node gives it up', async () => {
    const redis = await redisServerForTest();
    const reports: string[] = [];
    const link = new RedisLink({
      url: redis.url,
      reached: () => reports.push('reached'),
      lost: () => {
        reports.push('lost');
        redis.thaw();
      },
    });
    onTestFinished(() => link.stop());
    link.start('a sale');
    await until(() => reports.length === 1);
    redis.freeze();
    await until(() => reports.length >= 3);
    // The connections that were given up close within 100 ms; a new one is made in at most 1 s.
    await until(async () => (await link.ask((client) => client.ping())) === 'PONG');
    expect(reports).toEqual(['reached', 'lost', 'reached']);
  });

  test.each(failures)('reads the database while Redis is $name', async ({ strike, mend }) => {
    const redis = await redisServerForTest();
    const { nodes } = await twoNodes(redis);
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 10 });
    await strike(redis);
    await until(() => other.logged(redisIsAway).length > 0);
    expect(await other.availableStock(productId)).toBe(10);

    await one.hold(productId);

    await until(async () => (await other.availableStock(productId)) === 9);
    await mend(redis);
  });

  test('goes on rightly while Redis is emptied again and again', async () => {
    const redis = await redisServerForTest();
    const { database, nodes } = await twoNodes(redis);
    const productId = await nodes[0].createProduct({ stock: 1_000_000 });
    const sale = load(nodes, productId);
    for (let round = 0; round < 50; round += 1) {
      await redis.client.flushall();
      await nodes[0].hold(productId);
    }
    const statuses = await sale.end();
    expect(statuses.filter((status) => status !== 201 && status !== 200)).toEqual([]);
    const held = (await database.store.product(productId))?.heldStock;
    for (const node of nodes) {
      await until(async () => (await node.product(productId)).body.held_stock === held);
      expect(node.logged(redisIsAway)).toEqual([]);
    }
  });

  test('does not believe what Redis has kept from before it was away', async () => {
    const redis = await redisServerForTest();
    const { database, nodes } = await twoNodes(redis);
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 10 });
    const key = `flash-sale:${await database.store.identity()}:product:${productId}:available_stock`;
    await until(async () => (await redis.client.exists(key)) === 1);
    const kept = await redis.client.hgetall(key);

    await redis.kill();
    await until(() => other.logged(redisIsAway).length > 0);
    await one.hold(productId);
    await one.stop();
    await redis.start();
    await redis.client.hset(key, kept);
    await untilRedisIsUsed(other, 2);

    expect(await other.availableStock(productId)).toBe(9);
  });

  test('tells after the outage what it sold during it', async () => {
    const redis = await redisServerForTest();
    const { database, nodes } = await twoNodes(redis);
    const productId = await nodes[0].createProduct({ stock: 10 });
    await redis.kill();
    await until(() => nodes[0].logged(redisIsAway).length > 0);
    await nodes[0].hold(productId);
    await redis.start();
    const key = `flash-sale:${await database.store.identity()}:product:${productId}:available_stock`;
    await until(async () => (await redis.client.hget(key, 'version')) === '2');
  });

  test('starts without Redis, says so once, and uses it when it comes', async () => {
    const redis = await redisServerForTest();
    await redis.kill();
    const checkout = await checkoutForTest({ database: kind, variables: { ...redis.variables } });
    const productId = await checkout.createProduct({ stock: 3 });
    expect((await checkout.hold(productId)).status).toBe(201);
    expect(await checkout.availableStock(productId)).toBe(2);
    await until(() => checkout.logged(redisIsAway).length > 0);
    await redis.start();
    await untilRedisIsUsed(checkout);
    expect(checkout.logged(redisIsAway)).toHaveLength(1);
  });

  test.each(['frozen', 'killed'])('stops in time while Redis is %s', async (how) => {
    const redis = await redisServerForTest();
    const checkout = await checkoutForTest({ database: kind, variables: { ...redis.variables } });
    await untilRedisIsUsed(checkout);
    await (how === 'frozen' ? redis.freeze() : redis.kill());
    expect((await checkout.hold(await checkout.createProduct())).status).toBe(201);
    // The checkout is stopped at the end of this test, after this, and has to come to an end.
    onTestFinished(() => redis.thaw());
  });

  describe('with a limit of holds', () => {
    const limit = { RATE_LIMIT_HOLDS: '3' };

    async function passedOf(nodes: readonly Checkout[], productId: number): Promise<readonly number[]> {
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, index) => nodes[index % nodes.length]?.hold(productId)),
      );
      expect(replies.filter((reply) => (reply?.status ?? 0) >= 500)).toEqual([]);
      return replies.flatMap((reply, index) => (reply?.status === 429 ? [] : [index % nodes.length]));
    }

    test('both nodes count together, and tell the same headers', async () => {
      const redis = await redisServerForTest();
      const { nodes } = await twoNodes(redis, limit);
      // Those of one window: a new one may begin in between, then it is asked again.
      const passed = await until(async () => {
        const each = await passedOf(nodes, 77);
        return each.length === 3 && each;
      });
      expect(passed).toHaveLength(3);
      const refused = await until(async () => {
        await passedOf(nodes.slice(0, 1), 77);
        const reply = await nodes[1].hold(77);
        return reply.status === 429 && reply;
      });
      expect(refused.headers).toMatchObject({
        'retry-after': '1',
        'ratelimit-policy': '"holds";q=3;w=1',
        ratelimit: '"holds";r=0;t=1',
      });
      // The window ends for both.
      await until(async () => (await nodes[1].hold(77)).status === 404);
    });

    test.each(failures)('each node counts by itself while Redis is $name', async ({ strike, mend }) => {
      const redis = await redisServerForTest();
      const { nodes } = await twoNodes(redis, limit);
      await strike(redis);
      await Promise.all(nodes.map((node) => until(() => node.logged(redisIsAway).length > 0)));

      await until(async () => {
        const passed = await passedOf(nodes, 77);
        return [0, 1].every((node) => passed.filter((each) => each === node).length === 3);
      });

      await mend(redis);
      await Promise.all(nodes.map((node) => untilRedisIsUsed(node, 2)));
      await until(async () => (await passedOf(nodes, 77)).length === 3);
    });

    test('a key that lost its end is given one again', async () => {
      const redis = await redisServerForTest();
      const { nodes } = await twoNodes(redis, limit);
      const key = await until(async () => {
        await nodes[0].hold(77);
        return (await redis.client.keys('flash-sale:*:holds:*'))[0] ?? false;
      });
      await redis.client.set(key, '1000');
      expect((await nodes[0].hold(77)).status).toBe(429);
      await until(async () => (await nodes[0].hold(77)).status === 404);
    });
  });
});
