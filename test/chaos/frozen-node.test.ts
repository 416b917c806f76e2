import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { type CheckoutProcess, startProcess } from '../support/checkout-process.ts';
import { serverDatabases, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

/** A node whose process stands still in the transaction of its first order. */
function startFreezing(databaseUrl: string, requestTimeoutMs: number): Promise<CheckoutProcess> {
  return startProcess({
    databaseUrl,
    script: 'test/support/freezing-serve.ts',
    variables: { WORKER: 'false', LOG_LEVEL: 'debug', REQUEST_TIMEOUT_MS: String(requestTimeoutMs) },
  });
}

const isFrozen = (node: CheckoutProcess) => node.said().endsWith('frozen\n');

describeEach(serverDatabases)('a node that freezes with a product locked on $name', (kind) => {
  test('lets the others go on before it is thawed, and then decides anew or gives up what has waited too long', async () => {
    const database = await databaseForTest(kind);
    const [patient, hasty, other] = await Promise.all([
      startFreezing(database.url, 60_000),
      startFreezing(database.url, 3_000),
      startProcess({ databaseUrl: database.url, variables: { REQUEST_TIMEOUT_MS: '30000' } }),
    ]);
    const sales = await Promise.all(
      [patient, hasty].map(async (node) => {
        const productId = await other.createProduct({ stock: 10 });
        const holdId = (await other.hold(productId)).body.hold_id;
        return { node, productId, holdId, order: node.order(holdId) };
      }),
    );
    const [first, second] = sales;
    await until(() => sales.every(({ node }) => isFrozen(node)));

    // Nobody thaws them: the database ends their transactions.
    const others = [
      other.release(first?.holdId ?? 0),
      other.hold(first?.productId ?? 0, 9),
      other.hold(second?.productId ?? 0, 9),
    ];
    expect(tally(await Promise.all(others))).toEqual({ 201: 2, 204: 1 });
    expect((await other.hold(first?.productId ?? 0)).status).toBe(201);

    patient.signal('SIGCONT');
    hasty.signal('SIGCONT');
    // One hold was let go meanwhile; the other one is as it was, and can still be ordered.
    expect(await first?.order).toMatchObject({ status: 410, body: { code: 'hold_released' } });
    expect(await second?.order).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    await until(() => patient.logged('Batch is decided again').length > 0);
    await until(() => hasty.logged('Database cannot be written').length > 0);
    expect((await hasty.order(second?.holdId ?? 0)).status).toBe(201);
    expect(await patient.auditDifferences()).toEqual([]);
  });
});

const embedded = sharedDatabases.filter((kind) => !serverDatabases.includes(kind));

/** Nobody can end a transaction of another process that has the file. */
describeEach(embedded)('a node that freezes in a transaction on $name', (kind) => {
  test('keeps the others from writing, not from reading, until it is thawed and answers', async () => {
    const database = await databaseForTest(kind);
    const [frozen, other] = await Promise.all([
      startFreezing(database.url, 60_000),
      startProcess({ databaseUrl: database.url, variables: { REQUEST_TIMEOUT_MS: '500' } }),
    ]);
    const productId = await frozen.createProduct({ stock: 10 });
    const hold = await frozen.hold(productId);
    const order = frozen.order(hold.body.hold_id);
    await until(() => isFrozen(frozen));

    const refused = await other.hold(productId);
    expect(refused).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    expect(refused.headers['retry-after']).toBeDefined();
    expect((await other.get(`/api/v1/holds/${hold.body.hold_id}`)).body.status).toBe('held');

    frozen.signal('SIGCONT');
    expect((await order).status).toBe(201);
    await until(async () => (await other.hold(productId, 9)).status === 201);
    expect(await other.auditDifferences()).toEqual([]);
  });
});
