import { expect, it, test } from 'vitest';
import { checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { type EventStream, watchProducts, watchSale } from '../support/event-stream.ts';
import { describeNeeding } from '../support/needing.ts';
import { redisForTest, redisMissing, untilRedisIsUsed } from '../support/redis.ts';
import { clientOfEach, startProcesses, untilReady } from '../support/server-processes.ts';
import { until } from '../support/until.ts';

/** Holds of all seconds as a stream told of them last, and how many processes told of the newest. */
function heard(stream: EventStream): { readonly holds: number; readonly processes: number } {
  const messages = stream.events.filter(({ event }) => event === 'seconds').map(({ data }) => data);
  const holdsAt = new Map(messages.flatMap(({ seconds }) => seconds.map(({ at, holds }) => [at, holds])));
  return {
    holds: [...holdsAt.values()].reduce((sum, holds) => sum + holds, 0),
    processes: messages.at(-1)?.processes ?? 0,
  };
}

it('three processes add up what they count, and each tells its viewers of the holds of all', async () => {
  const [kind = expect.fail()] = sharedDatabases;
  const database = await databaseForTest(kind);
  const checkout = await startProcesses(3, { databaseUrl: database.url });
  await untilReady(checkout, 3);
  const productId = await checkout.createProduct({ stock: 1_000 });
  const operators = await Promise.all([1, 2, 3].map(() => watchSale(checkout)));
  const viewers = await Promise.all([1, 2, 3].map(() => watchProducts(checkout)));
  await Promise.all(viewers.map((viewer) => viewer.until('products')));
  await until(() => operators.every((operator) => heard(operator).processes === 3));
  const pinned = await clientOfEach(checkout, 3);
  for (const { client } of pinned) {
    await client.hold(productId, 10);
  }
  await Promise.all(viewers.map((viewer) => until(() => viewer.product(productId)?.available_stock === 970)));
  const held = (await checkout.items('/holds')).length;
  await until(() => operators.every((operator) => heard(operator).holds === held));
  checkout.signal('SIGTERM');
  expect(await checkout.ended).toEqual({ code: 0, signal: null });
  await until(() => [...operators, ...viewers].every(({ isEnded }) => isEnded));
});

describeNeeding(redisMissing)('two nodes with a Redis', () => {
  test('tell the viewers of both of a hold, and add up what they count', async () => {
    const [kind = expect.fail()] = sharedDatabases;
    const database = await databaseForTest(kind);
    const redis = await redisForTest();
    const variables = { CACHE_TTL_MS: '60000', WORKER: 'false', ...redis.variables };
    const one = await checkoutForTest({ database, variables });
    const other = await checkoutForTest({ database, variables });
    await untilRedisIsUsed(one);
    await untilRedisIsUsed(other);
    const productId = await one.createProduct({ stock: 9 });
    const viewer = await watchProducts(other);
    await viewer.until('products');
    const operator = await watchSale(other);
    await until(() => heard(operator).processes === 2);
    await one.hold(productId, 4);
    await until(() => viewer.product(productId)?.available_stock === 5);
    await until(() => heard(operator).holds === 1);
  });
});
