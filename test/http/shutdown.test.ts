import { expect, test } from 'vitest';
import { databaseForTest, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { lockFromOutside } from '../support/outside-lock.ts';
import { connectRaw, listens, requestText } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('the server on $name', (kind) => {
  test('a server that stops answers what it took, and does not wait for clients that keep their connection', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startCheckout({ database, variables: { WORKER: 'false', LOG_LEVEL: 'debug' } });
    const idle = await connectRaw(checkout.url);
    idle.socket.write(requestText('GET', '/readyz'));
    await idle.heard();
    const productId = await checkout.createProduct({ stock: 5 });
    const unlock = await lockFromOutside(database.url);
    const busy = await connectRaw(checkout.url);
    busy.socket.write(requestText('POST', '/api/v1/holds', { product_id: productId, qty: 6 }));
    await until(() => checkout.logged('Batch is decided again').length > 0);

    const stopped = checkout.stop();
    await until(async () => !(await listens(checkout.url)));
    expect((await idle.replies).map(({ status }) => status)).toEqual([200]);
    await unlock();
    await stopped;
    expect((await busy.replies).map(({ body }) => body.code)).toEqual(['insufficient_stock']);
  });
});
