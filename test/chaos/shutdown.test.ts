import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import type { CheckoutClient, Reply } from '../support/checkout-client.ts';
import { startProcess } from '../support/checkout-process.ts';
import { embeddedAndServer, sharedDatabases, type TestDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { lockProduct } from '../support/product-lock.ts';
import { tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

const buyers = 200;

const unendedBody =
  'POST /api/v1/holds HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
const unendedHeaders = 'POST /api/v1/holds HTTP/1.1\r\nHo';

const setUpsOn = (kinds: readonly TestDatabase[]) =>
  kinds.flatMap((kind) => ['1', '3'].map((PROCESSES) => ({ ...kind, PROCESSES })));

const setUps = setUpsOn(sharedDatabases);
// Which signals are obeyed and which clients are waited for is decided before anything comes to the database.
const setUpsBesideIt = setUpsOn(embeddedAndServer);

describeEach(setUps)('SIGTERM on $name with PROCESSES=$PROCESSES', ({ PROCESSES, ...kind }) => {
  test('under load every accepted request is answered, nothing is done that nobody is told of, and the exit code is 0', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcess({
      databaseUrl: database.url,
      variables: { PROCESSES },
    });
    const productId = await checkout.createProduct({ stock: 100_000 });
    const replies: Reply[] = [];
    const load = Promise.all(
      Array.from({ length: buyers }, () => holdUntilRefused(checkout, productId, replies)),
    );
    await until(() => replies.length >= 500);

    checkout.signal('SIGTERM');

    expect(await checkout.ended).toEqual({ code: 0, signal: null });
    await load;
    const counts = tally(replies);
    const granted = counts[201] ?? 0;
    expect(granted + (counts.shutting_down ?? 0)).toBe(replies.length);
    expect((await database.store.product(productId))?.heldStock).toBe(granted);
    expect((await database.store.audit()).ok).toBe(true);
  });

  test('a request under way is answered, although its buyer keeps the connection open, and then the process ends', async () => {
    const { checkout, productId, untilItWaits, unlock } = await withLockedProduct(kind, PROCESSES);
    const answered = checkout.hold(productId);
    await untilItWaits();

    checkout.signal('SIGTERM');
    await until(() => checkout.logged('Stopping', { signal: 'SIGTERM' }).length === 1);
    await unlock();

    expect((await answered).status).toBe(201);
    expect(await checkout.ended).toEqual({ code: 0, signal: null });
  });
});

describeEach(setUpsBesideIt)('an end on $name with PROCESSES=$PROCESSES', ({ PROCESSES, ...kind }) => {
  test('Ctrl-C, which reaches all processes of a terminal, ends it as SIGTERM does', async () => {
    const { checkout, productId, untilItWaits, unlock } = await withLockedProduct(kind, PROCESSES);
    const answered = checkout.hold(productId);
    await untilItWaits();

    checkout.signalGroup('SIGINT');
    await until(() => checkout.logged('Stopping', { signal: 'SIGINT' }).length === 1);
    await unlock();

    expect((await answered).status).toBe(201);
    expect(await checkout.ended).toEqual({ code: 0, signal: null });
  });

  test('a second signal ends it at once', async () => {
    const { checkout, productId, untilItWaits, unlock } = await withLockedProduct(kind, PROCESSES);
    const lost = checkout.hold(productId).catch((error: NodeJS.ErrnoException) => error.code);
    await untilItWaits();

    checkout.signal('SIGTERM');
    await until(() => checkout.logged('Stopping', { signal: 'SIGTERM' }).length === 1);
    checkout.signal('SIGTERM');

    expect(await checkout.ended).toEqual({ code: 1, signal: null });
    await checkout.gone;
    expect(await lost).toBe('ECONNRESET');
    await unlock();
  });

  test('clients that never end a body or the headers cannot keep it from ending in time', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcess({ databaseUrl: database.url, variables: { PROCESSES } });
    const { hostname, port } = new URL(checkout.url);
    for (const text of [unendedBody, unendedHeaders]) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(text);
    }
    await checkout.get('/healthz');

    checkout.signal('SIGTERM');

    expect(await checkout.ended).toEqual({ code: 0, signal: null });
  });
});

/** A service whose next hold of the product waits for the lock. */
async function withLockedProduct(kind: TestDatabase, PROCESSES: string) {
  const database = await databaseForTest(kind);
  const checkout = await startProcess({
    databaseUrl: database.url,
    variables: {
      PROCESSES,
      WORKER: 'false',
      REQUEST_TIMEOUT_MS: '60000',
      LOG_LEVEL: 'debug',
    },
    ownGroup: true,
  });
  const productId = await checkout.createProduct();
  const untilItWaits = () => until(() => checkout.logged('Batch is decided again').length > 0);
  return { checkout, productId, untilItWaits, unlock: await lockProduct(database.store, productId) };
}

/**
 * Holds over and over. What was sent on a connection that is being closed was never accepted: no byte of an
 * answer comes.
 */
async function holdUntilRefused(
  checkout: CheckoutClient,
  productId: number,
  replies: Reply[],
): Promise<void> {
  for (;;) {
    const reply = await checkout.hold(productId).catch(() => null);
    if (reply !== null) {
      replies.push(reply);
    }
    if (reply?.status !== 201) {
      return;
    }
  }
}
