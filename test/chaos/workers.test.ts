import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('several workers on one $name', (kind) => {
  test('each hold that runs out is released once and logged once, while buyers reclaim its units as well', async () => {
    const database = await databaseForTest(kind);
    const variables = { HOLD_SECONDS: '1', REQUEST_TIMEOUT_MS: '30000' };
    const start = (command: 'serve' | 'worker') =>
      startProcess({ databaseUrl: database.url, command, variables });
    const [server, ...workers] = await Promise.all([start('serve'), start('worker'), start('worker')]);
    const productId = await server.createProduct({ stock: 300 });

    const holds = await atOnce(300, () => server.hold(productId));
    expect(tally(holds)).toEqual({ 201: 300 });
    const reclaimed: number[] = [];
    await until(async () => {
      const replies = await atOnce(20, () => server.hold(productId));
      reclaimed.push(...replies.filter(({ status }) => status === 201).map(({ body }) => body.hold_id));
      return reclaimed.length >= 100;
    });

    const everyHold = [...holds.map(({ body }) => body.hold_id), ...reclaimed].toSorted();
    const released = () =>
      [server, ...workers].flatMap((node) =>
        node
          .logged('Hold expired and released', { product_id: productId })
          .map((line) => Number(line.hold_id)),
      );
    await until(() => released().length >= everyHold.length);
    expect(released().toSorted()).toEqual(everyHold);
    expect((await server.hold(productId, 300)).status).toBe(201);
    expect(await server.auditDifferences()).toEqual([]);
  });
});
