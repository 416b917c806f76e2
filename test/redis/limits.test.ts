import { describe, expect, test } from 'vitest';
import {
  adminToken,
  type Checkout,
  checkoutForTest,
  databaseForTest,
  type Reply,
} from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { behindProxy, fromAddress } from '../support/from-address.ts';
import { describeNeeding, testNeeding } from '../support/needing.ts';
import {
  ownRedisMissing,
  redisForTest,
  redisIsAway,
  redisMissing,
  redisServerForTest,
  untilRedisIsUsed,
} from '../support/redis.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

const client = '203.0.113.7';
const unknownMax = 6;
const wrongMax = 10;

async function twoNodes(
  redisVariables: Readonly<Record<string, string>>,
): Promise<readonly [Checkout, Checkout]> {
  const [kind] = sharedDatabases;
  if (kind === undefined) {
    throw new Error('the embedded database is always there');
  }
  const options = {
    database: await databaseForTest(kind),
    variables: {
      WORKER: 'false',
      RATE_LIMIT_UNKNOWN_IDS: String(unknownMax),
      ...behindProxy,
      ...redisVariables,
    },
  };
  const nodes = [await checkoutForTest(options), await checkoutForTest(options)] as const;
  await Promise.all(nodes.map((node) => untilRedisIsUsed(node)));
  return nodes;
}

/** The limits of failures: a request that fails, and one that succeeds below the limit and is refused beyond it. */
const limits: readonly {
  readonly name: string;
  readonly max: number;
  readonly failed: number;
  readonly fail: (node: Checkout, address: string) => Promise<Reply>;
  readonly succeed: (node: Checkout, address: string) => Promise<Reply>;
}[] = [
  {
    name: 'unknown-ids',
    max: unknownMax,
    failed: 404,
    fail: (node, address) => node.get('/api/v1/holds/4503599627370', fromAddress(address)),
    succeed: async (node, address) => {
      const { body } = await node.hold(await node.createProduct());
      return node.get(`/api/v1/holds/${body.hold_id}`, fromAddress(address));
    },
  },
  {
    name: 'admin-tokens',
    max: wrongMax,
    failed: 401,
    fail: (node, address) =>
      node.get('/api/v1/admin/orders', { authorization: 'Bearer wrong', ...fromAddress(address) }),
    succeed: (node, address) =>
      node.get('/api/v1/admin/orders', { authorization: `Bearer ${adminToken}`, ...fromAddress(address) }),
  },
];

describe.each(limits)('two nodes count $name', ({ name, max, failed, fail, succeed }) => {
  describeNeeding(redisMissing)('with Redis', () => {
    test('together, and refuse the address on both', async () => {
      const redis = await redisForTest();
      const [one, other] = await twoNodes(redis.variables);
      for (let index = 0; index < max; index += 1) {
        expect((await fail(index % 2 === 0 ? one : other, client)).status).toBe(failed);
      }
      // An answer does not wait until Redis has counted it.
      await until(async () => (await succeed(other, client)).status === 429);
      const refused = [await fail(one, client), await succeed(other, client)];
      expect(refused.map(({ status }) => status)).toEqual([429, 429]);
      for (const { headers } of refused) {
        expect(Number(headers['retry-after'])).toBeGreaterThan(45);
      }
      expect((await succeed(one, '203.0.113.8')).status).toBe(200);
    });

    test('of many at once on one node exactly as many as the limit', async () => {
      const redis = await redisForTest();
      const [one] = await twoNodes(redis.variables);
      const replies = await atOnce(100, () => fail(one, client));
      expect(replies.filter(({ status }) => status === failed)).toHaveLength(max);
      expect(replies.filter(({ status }) => status === 429)).toHaveLength(100 - max);
    });

    test('and let the address go when its window has ended, also where the window lost its end', async () => {
      const redis = await redisForTest();
      const [one, other] = await twoNodes(redis.variables);
      await atOnce(max, () => fail(one, client));
      const [key = ''] = await redis.client.keys(`flash-sale:*:${name}:${client}`);
      await until(async () => (await succeed(other, client)).status === 429);
      await redis.client.persist(key);
      await succeed(other, client);
      expect(await redis.client.pttl(key)).toBeGreaterThan(0);
      await redis.client.pexpire(key, 1);
      await until(async () => (await succeed(other, client)).status === 200);
    });
  });

  testNeeding(ownRedisMissing)('by themselves while Redis is away', async () => {
    const redis = await redisServerForTest();
    const nodes = await twoNodes(redis.variables);
    await redis.kill();
    await Promise.all(nodes.map((node) => until(() => node.logged(redisIsAway).length > 0)));
    for (const node of nodes) {
      const replies = await atOnce(max + 5, () => fail(node, client));
      expect(replies.filter(({ status }) => status === failed)).toHaveLength(max);
      expect((await succeed(node, client)).status).toBe(429);
    }
  });
});
