import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { embeddedAndServer } from '../support/databases.ts';
import { readMetrics } from '../support/metrics.ts';
import { testEach } from '../support/needing.ts';
import { until } from '../support/until.ts';

/** More than Node lets wait by itself, and not more than the kernel does: elsewhere than on Linux that is 128. */
const kernelFile = '/proc/sys/net/core/somaxconn';
const buyers = Math.min(2_000, existsSync(kernelFile) ? Number(readFileSync(kernelFile, 'utf8')) : 128);

testEach(embeddedAndServer)(
  'a crowd that connects in one moment, while the process is busy, is let in and sold to together on $name',
  async (kind) => {
    const database = await databaseForTest(kind);
    const checkout = await startProcess({ databaseUrl: database.url, variables: { WORKER: 'false' } });
    const productId = await checkout.createProduct({ stock: buyers });
    const batchesBefore = (await readMetrics(checkout)).find('flash_sale_batch_duration_seconds_count') ?? 0;

    checkout.signal('SIGSTOP');
    const crowd = Array.from({ length: buyers }, () => comeAndAsk(checkout.url, productId));
    await until(() => crowd.every(({ isIn }) => isIn()));
    checkout.signal('SIGCONT');
    const statuses = await Promise.all(crowd.map(({ status }) => status));

    expect(new Set(statuses)).toEqual(new Set([201]));
    expect((await checkout.product(productId)).body).toMatchObject({ available_stock: 0 });
    expect(await checkout.auditDifferences()).toEqual([]);
    const batches = (await readMetrics(checkout)).find('flash_sale_batch_duration_seconds_count') ?? 0;
    expect(batches - batchesBefore).toBeLessThan(buyers / 4);
  },
);

/** Connects and asks for a hold without waiting to be let in; the status is that of the answer. */
function comeAndAsk(url: string, productId: number) {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ product_id: productId, qty: 1 });
  let isConnected = false;
  const socket = connect(Number(port), hostname, () => {
    isConnected = true;
  });
  onTestFinished(() => void socket.destroy());
  socket.write(
    'POST /api/v1/holds HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  const status = new Promise<number>((resolve, reject) => {
    socket.once('data', (answer: Buffer) => resolve(Number(answer.toString().split(' ')[1])));
    socket.once('error', reject);
  });
  return { isIn: () => isConnected, status };
}
