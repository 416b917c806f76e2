import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { readMetrics } from '../support/metrics.ts';
import { clientOfEach, startProcesses, untilReady } from '../support/server-processes.ts';
import { atOnce } from '../support/tally.ts';

test('whichever process is asked for metrics, the answer counts for all, and one that is stuck is left out', async () => {
  const [kind = expect.fail()] = sharedDatabases;
  const database = await databaseForTest(kind);
  const checkout = await startProcesses(3, { databaseUrl: database.url });
  await untilReady(checkout, 3);
  const clients = await clientOfEach(checkout, 3);
  const productId = await checkout.createProduct({ stock: 1_000 });
  const before = (await readMetrics(checkout)).find('flash_sale_holds_total', { outcome: 'created' }) ?? 0;

  await Promise.all(clients.map(({ client }) => atOnce(20, () => client.hold(productId))));

  for (const { client } of clients) {
    const metrics = await readMetrics(client);
    expect(metrics.find('flash_sale_holds_total', { outcome: 'created' })).toBe(before + 60);
    expect(metrics.find('flash_sale_processes')).toBe(3);
    expect(metrics.find('flash_sale_processes_reporting')).toBe(3);
    expect(metrics.find('flash_sale_backlog_read_ok')).toBe(1);
    expect(metrics.find('flash_sale_queue_commands_max')).toBe(30_000);
    expect(metrics.find('flash_sale_build_info')).toBe(1);
  }

  const [one = expect.fail(), other = expect.fail(), stuck = expect.fail()] = clients;
  process.kill(stuck.pid, 'SIGSTOP');
  try {
    for (const { client } of [one, other]) {
      const metrics = await readMetrics(client);
      expect(metrics.find('flash_sale_processes')).toBe(3);
      expect(metrics.find('flash_sale_processes_reporting')).toBe(2);
      expect(metrics.find('flash_sale_holds_total', { outcome: 'created' })).toBeLessThan(before + 60);
    }
  } finally {
    process.kill(stuck.pid, 'SIGCONT');
  }
  for (const { client } of clients) {
    client.hangUp();
  }
});
