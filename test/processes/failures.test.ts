import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { type CheckoutProcess, runCommand } from '../support/checkout-process.ts';
import { embeddedAndServer, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { lockProduct } from '../support/product-lock.ts';
import { clientOfEach, readyPids, startProcesses, untilReady } from '../support/server-processes.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

const buyers = 60;
const replaced = 'Server process ended, another one takes its place';

describeEach(sharedDatabases)('kill -9 of a server process on $name', (kind) => {
  test('under load: it is replaced, nothing that was acknowledged is lost, and what was sent again has one effect', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcesses(3, { databaseUrl: database.url });
    const pids = await untilReady(checkout, 3);
    const productId = await checkout.createProduct({ stock: 1_000_000 });
    const acknowledged: number[] = [];
    let keys = 0;
    let isOver = false;
    const load = Promise.all(
      Array.from({ length: buyers }, async () => {
        while (!isOver) {
          keys += 1;
          acknowledged.push(await holdUntilAnswered(checkout, productId));
        }
      }),
    );
    await until(() => acknowledged.length >= 100);

    process.kill(pids[1] ?? 0, 'SIGKILL');

    await untilReady(checkout, 4);
    const then = acknowledged.length;
    await until(() => acknowledged.length >= then + 100);
    isOver = true;
    await load;
    expect(checkout.logged(replaced)).toMatchObject([{ ended_pid: pids[1], reason: 'SIGKILL', pause_ms: 0 }]);
    expect(new Set(acknowledged).size).toBe(keys);
    expect((await database.store.product(productId))?.heldStock).toBe(keys);
    expect(runCommand('audit', database.url)).toMatchObject({ status: 0, stderr: '' });
  });
});

// Who is replaced, who gets a connection and who tells whom is between processes; what a process that dies leaves
// in the database is tested on each kind of it, above.
describeEach(embeddedAndServer)('several processes on $name', (kind) => {
  test('the worker goes on in the replacement of its process, and who keeps dying is replaced after longer and longer', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcesses(2, {
      databaseUrl: database.url,
      variables: { HOLD_SECONDS: '1' },
    });
    await untilReady(checkout, 2);
    const productId = await checkout.createProduct({ stock: 10 });
    const heldAndReleased = async (pid = 0) => {
      const { body } = await until(async () => {
        const reply = await checkout.hold(productId).catch(() => null);
        return reply?.status === 201 && reply;
      });
      const released = await until(
        () => checkout.logged('Hold expired and released', { hold_id: body.hold_id })[0] ?? false,
      );
      expect(released.pid).toBe(pid);
    };

    for (let deaths = 0; deaths < 2; deaths += 1) {
      const pids = await untilReady(checkout, deaths + 1, { with_worker: true });
      await heldAndReleased(pids.at(-1));
      process.kill(pids.at(-1) ?? 0, 'SIGKILL');
    }
    await heldAndReleased((await untilReady(checkout, 3, { with_worker: true })).at(-1));

    expect(readyPids(checkout)).toHaveLength(4);
    expect(checkout.logged(replaced).map((line) => line.pause_ms)).toEqual([0, 100]);
  });

  test('when all die at once, they come back on the same port', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcesses(2, { databaseUrl: database.url });
    for (const pid of await untilReady(checkout, 2)) {
      process.kill(pid, 'SIGKILL');
    }
    await untilReady(checkout, 4);
    expect((await checkout.get('/readyz')).status).toBe(200);
  });

  test('a connection that was handed to a process which dies before it took it is closed, so that its buyer comes again', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcesses(2, { databaseUrl: database.url });
    const [frozen = 0] = await untilReady(checkout, 2);
    process.kill(frozen, 'SIGSTOP');
    const outcomes: (number | string | undefined)[] = [];
    const asked = atOnce(4, async () => {
      const asking = checkout.get('/healthz').then(({ status }) => status);
      outcomes.push(await asking.catch((error: NodeJS.ErrnoException) => error.code));
    });
    // The frozen one is handed one connection, and no other before it has taken that.
    await until(() => outcomes.length === 3);

    process.kill(frozen, 'SIGKILL');

    await asked;
    expect(outcomes).toEqual([200, 200, 200, 'ECONNRESET']);
  });

  test('when one dies, the others forget what they know: it may have died before it told of its last commit', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcesses(2, {
      databaseUrl: database.url,
      variables: { CACHE_TTL_MS: '60000', WORKER: 'false' },
    });
    const [one, other] = await clientOfEach(checkout, 2);
    const productId = await checkout.createProduct();
    await one?.client.product(productId);
    // Past the service, as a commit that nobody was told of.
    await database.run(`update products set name = 'Untold' where id = ${productId}`);
    expect((await one?.client.product(productId))?.body.name).toBe('Sneakers');

    process.kill(other?.pid ?? 0, 'SIGKILL');

    await until(async () => (await one?.client.product(productId))?.body.name === 'Untold');
  });

  test('when the primary process dies, the others answer what they accepted, and are gone', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcesses(2, {
      databaseUrl: database.url,
      variables: { WORKER: 'false', LOG_LEVEL: 'debug' },
    });
    const [one] = await clientOfEach(checkout, 2);
    const productId = await checkout.createProduct();
    const unlock = await lockProduct(database.store, productId);
    const answered = one?.client.hold(productId);
    await until(() => checkout.logged('Batch is decided again').length > 0);

    await checkout.kill();
    await unlock();

    expect((await answered)?.status).toBe(201);
    await checkout.gone;
  });
});

test('one that cannot be made, as no more files may be opened, ends like any other', async () => {
  const script = resolve('test/support/fork-without-files.ts');
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -n 64; exec "$@"',
    'sh',
    process.execPath,
    script,
  ]);
  expect(JSON.parse(stdout)).toEqual({ code: -constants.errno.EMFILE, signal: null, failure: null });
});

/** Asks with the same key until there is an answer, as buyers do. */
async function holdUntilAnswered(checkout: CheckoutProcess, productId: number): Promise<number> {
  const headers = { 'idempotency-key': randomUUID() };
  const { body } = await until(async () => {
    const reply = await checkout.hold(productId, 1, headers).catch(() => null);
    return reply?.status === 201 && reply;
  });
  return body.hold_id;
}
