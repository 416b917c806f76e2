import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { databaseForTest, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { connectRaw, listens, requestText } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

test('a server that stops answers what it took, and does not wait for clients that keep their connection', async () => {
  const database = await databaseForTest(sharedDatabases[0] ?? expect.fail());
  const checkout = await startCheckout({ database, variables: { WORKER: 'false', LOG_LEVEL: 'debug' } });
  const idle = await connectRaw(checkout.url);
  idle.socket.write(requestText('GET', '/readyz'));
  await idle.heard();
  const lock = new DatabaseSync(database.url.slice('sqlite:'.length));
  lock.exec('begin immediate');
  const busy = await connectRaw(checkout.url);
  busy.socket.write(requestText('POST', '/api/v1/holds', { product_id: 1, qty: 1 }));
  await until(() => checkout.logged('Batch is decided again').length > 0);

  const stopped = checkout.stop();
  await until(async () => !(await listens(checkout.url)));
  expect((await idle.replies).map(({ status }) => status)).toEqual([200]);
  lock.exec('rollback');
  lock.close();
  await stopped;
  expect((await busy.replies).map(({ body }) => body.code)).toEqual(['product_not_found']);
});
