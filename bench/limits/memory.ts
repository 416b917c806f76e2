import { setTimeout as pause } from 'node:timers/promises';
import { options as settings } from '../../src/config/options.ts';
import { Metrics } from '../../test/support/metrics.ts';
import { until } from '../../test/support/until.ts';
import { holdBody, plentyOfStock } from '../load/holds.ts';
import { HttpLines } from '../load/http-lines.ts';
import type { BenchDatabases } from '../measure/bench-databases.ts';
import {
  assertClean,
  longHolds,
  type MeasuredCheckout,
  startCheckout,
} from '../measure/measured-checkout.ts';
import { type Measurement, single } from '../measure/measurement.ts';
import { memoryMb } from '../measure/process-memory.ts';
import { say } from '../measure/progress.ts';
import type { Findings } from '../report/findings.ts';
import type { Limit } from './limit.ts';

/** What the batch may have that is under way while the others wait. */
const batchMax = Number(settings.find(({ env }) => env === 'BATCH_MAX')?.default);
/** One that waits behind it. */
export const waitingMin = batchMax + 1;
/** What the start leaves has been tidied up by then. */
const idleMs = 5_000;
/** Nobody is refused while the database stands still. */
const patience = { ...longHolds, REQUEST_TIMEOUT_MS: '60000' } as const;

/** Memory of the server's process: after its start, and with very many commands that wait for a database that stands still. */
export const measureMemory: Limit = async (databases, folder, { waiting }) => {
  const database = await databases.create();
  const checkout = await startCheckout(database.url, folder, patience);
  try {
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    await checkout.client.product(productId);
    await checkout.client.ordered(productId);
    await pause(idleMs);
    const { nowMb: idleMb } = memoryMb(checkout.pid);
    const idle: Measurement = {
      ...single(
        idleMb,
        `${await databases.text()}; VmRSS of the server process ${idleMs / 1000} s after its first order, worker and cache on`,
      ),
      name: `memory, idle, ${databases.name}`,
      unit: 'MB',
      target: { atMost: 120 },
    };
    const waited = await withWaiting(databases, checkout, productId, waiting);
    await assertClean(checkout);
    return { measurements: [idle, ...waited], series: [] } satisfies Findings;
  } finally {
    await checkout.stop();
    await database.close();
  }
};

/** Nothing for a database that is a file: it cannot stand still by itself. */
async function withWaiting(
  databases: BenchDatabases,
  { client, pid }: MeasuredCheckout,
  productId: number,
  waiting: number,
): Promise<readonly Measurement[]> {
  const { server } = databases;
  if (server === null) {
    return [];
  }
  const lines = new HttpLines(client.url, waiting);
  await lines.openAhead(waiting);
  const connectedMb = memoryMb(pid).nowMb;
  await server.freeze();
  // One batch is under way, and as many as there may be wait behind it.
  const answers = Promise.all(
    Array.from({ length: waiting }, () => lines.send('POST', '/api/v1/holds', holdBody(productId))),
  );
  const queued = await until(async () => {
    const metrics = new Metrics((await client.get('/metrics')).text);
    const depth = metrics.find('flash_sale_queue_commands', { line: 'holds' }) ?? 0;
    say(`${depth} commands wait`);
    return depth >= waiting - batchMax && depth;
  }, 200);
  const { nowMb, mostMb } = memoryMb(pid);
  server.thaw();
  const made = (await answers).filter(({ status }) => status === 201).length;
  lines.close();
  if (made !== waiting) {
    throw new Error(`${made} of ${waiting} holds were made once the database went on`);
  }
  const how = `${await databases.text()}, stopped by SIGSTOP while ${waiting} connections asked for a hold each; VmRSS of the server process with ${queued} commands in its queue and a batch of the others under way; afterwards all were made and the audit was clean`;
  return [
    {
      ...single(nowMb, how),
      name: `memory, ${waiting} commands waiting`,
      unit: 'MB',
      target: { atMost: 250 },
    },
    { ...single(mostMb, how), name: `memory, the most until then`, unit: 'MB' },
    { ...single(connectedMb, how), name: `memory, ${waiting} idle connections`, unit: 'MB' },
  ];
}
