import { expect, test } from 'vitest';
import { newDatabaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { clientOfEach, startProcesses, untilReady } from '../support/server-processes.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('a sale by three processes on $name', (kind) => {
  test('the last units are sold once, each sale has its line in the one log file, and the demo products are there once', async () => {
    const database = await newDatabaseForTest(kind);
    const checkout = await startProcesses(3, { databaseUrl: database.url, variables: { SEED: 'true' } });
    const productId = await checkout.createProduct({ stock: 100 });
    expect(productId).toBe(11);
    await clientOfEach(checkout, 3);

    const replies = await atOnce(300, () => checkout.hold(productId));

    expect(tally(replies)).toEqual({ 201: 100, insufficient_stock: 200 });
    expect(await checkout.auditDifferences()).toEqual([]);
    checkout.signal('SIGTERM');
    expect(await checkout.ended).toEqual({ code: 0, signal: null });
    const lines = checkout.logged('Hold created', { product_id: productId });
    const held = replies.filter(({ status }) => status === 201).map(({ body }) => body.hold_id);
    expect(lines.map((line) => line.hold_id).toSorted()).toEqual(held.toSorted());
    expect(new Set(checkout.logged('Hold created').map((line) => line.pid)).size).toBe(3);
  });
});

test('a commit of one process is seen in the others without a read of the database, and without Redis', async () => {
  const [kind = expect.fail()] = sharedDatabases;
  const database = await newDatabaseForTest(kind);
  const variables = { CACHE_TTL_MS: '60000', WORKER: 'false', LOG_LEVEL: 'debug' };
  const checkout = await startProcesses(3, { databaseUrl: database.url, variables });
  await untilReady(checkout, 3);
  const [one = expect.fail(), ...others] = await clientOfEach(checkout, 3);
  const productId = await one.client.createProduct({ stock: 1_000 });
  for (const { client } of others) {
    expect(await client.availableStock(productId)).toBe(1_000);
  }
  const misses = async () => {
    // Lines of a process are in order, so once this one is there, all before it are.
    for (const { client, pid } of others) {
      const before = checkout.logged('Cache miss', { pid }).length;
      await client.product(999_999);
      await until(() => checkout.logged('Cache miss', { pid }).length > before);
    }
    return checkout.logged('Cache miss', { key: `product:${productId}:available_stock` }).length;
  };
  const missesBefore = await misses();

  for (let left = 999; left >= 990; left -= 1) {
    await one.client.hold(productId);
    for (const { client } of others) {
      await until(async () => (await client.availableStock(productId)) === left);
    }
  }
  await Promise.all([one, ...others].map(({ client }) => atOnce(30, () => client.hold(productId))));
  for (const { client } of others) {
    await until(async () => (await client.availableStock(productId)) === 900);
  }

  expect(await misses()).toBe(missesBefore);
});
