import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { type Checkout, checkoutForTest, databaseForTest, newDatabaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { lockProduct } from '../support/product-lock.ts';
import { changes, needs } from '../support/store-rows.ts';
import { atOnce, tally } from '../support/tally.ts';
import { expectUnavailable } from '../support/unavailable.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('reads on $name', (kind) => {
  test('a cache that says 1 left decides nothing: the hold is refused by the database, and the cache learns', async () => {
    const database = await databaseForTest(kind);
    const node = await checkoutForTest({ database, variables: { CACHE_TTL_MS: '60000' } });
    const other = await checkoutForTest({ database });
    const productId = await node.createProduct({ stock: 1 });
    expect(await node.availableStock(productId)).toBe(1);
    await other.hold(productId);
    // What the test is about: this node shows what it last saw.
    expect(await node.availableStock(productId)).toBe(1);

    const refused = await node.hold(productId);

    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'insufficient_stock', available_stock: 0 });
    expect(await node.availableStock(productId)).toBe(0);
  });

  test('a snapshot is replaced when its time is over', async () => {
    const database = await databaseForTest(kind);
    const node = await checkoutForTest({ database, variables: { CACHE_TTL_MS: '100' } });
    const other = await checkoutForTest({ database });
    const productId = await node.createProduct({ stock: 3 });
    expect(await node.availableStock(productId)).toBe(3);

    await other.hold(productId);

    await until(async () => (await node.availableStock(productId)) === 2);
  });

  test('what is not committed is never shown, whether it is under way or fails', async () => {
    const database = await databaseForTest(kind);
    await database.store.migrate();
    const node = await checkoutForTest({
      database,
      variables: { CACHE_TTL_MS: '0' },
      decide: failingFor(7, () => new Error('this batch fails after it was decided')),
    });
    const productId = await node.createProduct({ stock: 100 });
    const done = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const underWay = database.store.transact(async (transaction) => {
      const product = (await transaction.load(needs({ productIds: [productId] }))).products.get(productId);
      if (product !== undefined) {
        const sold = { ...product, stock: 0, version: product.version + 1 };
        await transaction.apply(changes({}, { products: [sold] }));
      }
      written.resolve();
      await done.promise;
      throw new Error('rolled back');
    });

    await Promise.race([written.promise, underWay]);
    expect((await node.product(productId)).body).toMatchObject({ stock: 100, available_stock: 100 });
    done.resolve();
    await expect(underWay).rejects.toThrow('rolled back');
    expect((await node.product(productId)).body.stock).toBe(100);

    expect((await node.hold(productId, 7)).status).toBe(500);
    expect(await node.availableStock(productId)).toBe(100);
    expect(await node.auditDifferences()).toEqual([]);
  });
});

describeEach(sharedDatabases)('locks on $name', (kind) => {
  test('a product that stays locked is waited for within bounds: 503, nothing half done, and as ever when it is free', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({
      database,
      variables: { REQUEST_TIMEOUT_MS: '300', WORKER: 'false' },
    });
    const productId = await checkout.createProduct({ stock: 100 });
    const order = await checkout.ordered(productId);
    await checkout.connect(30);
    const event = { idempotency_key: 'while it is locked', order_id: order.order_id };

    const unlock = await lockProduct(database.store, productId);
    const [holds, payment] = await Promise.all([
      atOnce(30, () => checkout.hold(productId)),
      checkout.pay(event),
    ]);
    for (const reply of [...holds, payment]) {
      expect(reply.status).toBe(503);
      expect(reply.body.code).toMatch(/^(database_unavailable|overloaded)$/);
      expect(reply.headers['retry-after']).toMatch(/^\d+$/);
    }
    // Reads do not wait for it.
    expect((await checkout.product(productId)).body.held_stock).toBe(1);
    await unlock();

    expect((await checkout.pay(event)).body).toMatchObject({ result: 'processed', stock_deducted: 1 });
    expect((await checkout.hold(productId)).status).toBe(201);
    expect((await checkout.product(productId)).body).toMatchObject({ stock: 99, held_stock: 1 });
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('a lock that is given back in time is not noticed', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({ database, variables: { REQUEST_TIMEOUT_MS: '30000' } });
    const productId = await checkout.createProduct({ stock: 100 });

    const unlock = await lockProduct(database.store, productId);
    const waiting = atOnce(20, () => checkout.hold(productId));
    // An answer to another request shows that the server has gone on meanwhile.
    await checkout.product(productId);
    await unlock();

    expect(tally(await waiting)).toEqual({ 201: 20 });
  });
});

describeEach(sharedDatabases)('defects on $name', (kind) => {
  test('one command of 200 that trips a defect fails alone, however often it is sent', async () => {
    const database = await databaseForTest(kind);
    const batches: number[] = [];
    const checkout = await checkoutForTest({
      database,
      decide: (state, commands, ...rest) => {
        batches.push(commands.length);
        return failingFor(13, () => new Error('a secret of the process'))(state, commands, ...rest);
      },
    });
    const productId = await checkout.createProduct({ stock: 10_000 });
    await checkout.connect(200);

    for (let round = 1; round <= 3; round += 1) {
      batches.length = 0;
      const unlock = await lockProduct(database.store, productId);
      const sending = atOnce(200, (index) => checkout.hold(productId, index === 100 ? 13 : 1));
      await unlock();
      const replies = await sending;

      expect(tally(replies)).toEqual({ 201: 199, internal_error: 1 });
      // The culprit was in company, or nothing was shown.
      expect(Math.max(...batches)).toBeGreaterThan(1);
      const failed = replies[100];
      expect(failed?.status).toBe(500);
      expect(failed?.text).not.toContain('secret');
      await expectCauseInLog(checkout, String(failed?.body.request_id), 'a secret of the process');
    }

    expect((await checkout.product(productId)).body.held_stock).toBe(3 * 199);
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('a row that somebody has tampered with fails what touches it and nothing else', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({ database });
    const productId = await checkout.createProduct({ stock: 300 });
    const holds = await atOnce(200, () => checkout.hold(productId));
    const tampered = holds[77]?.body.hold_id;
    await database.run(`update holds set quantity = 1000 where id = ${tampered}`);

    for (let round = 1; round <= 3; round += 1) {
      const replies = await Promise.all(holds.map(({ body }) => checkout.release(body.hold_id)));

      expect(tally(replies)).toEqual({ 204: 199, internal_error: 1 });
      expect(replies[77]?.status).toBe(500);
      await expectCauseInLog(checkout, String(replies[77]?.body.request_id), `product ${productId}`);
    }

    expect((await checkout.get('/healthz')).status).toBe(200);
    expect((await checkout.hold(productId)).status).toBe(201);
    // The audit finds what was tampered with.
    expect((await checkout.auditDifferences()).map(({ name }) => name)).toContain(
      'held = units of open holds',
    );
  });

  async function expectCauseInLog(checkout: Checkout, requestId: string, cause: string): Promise<void> {
    await until(() => checkout.logLines().some((line) => line.request_id === requestId));
    const lines = checkout.logLines().filter((line) => line.request_id === requestId);
    expect(JSON.stringify(lines)).toContain(cause);
  }
});

describeEach(sharedDatabases)('the log on $name', (kind) => {
  test('tells the six things that operators search for, with exactly these fields, in the log file', async () => {
    const checkout = await checkoutForTest({
      database: kind,
      variables: { SEED: 'true', HOLD_SECONDS: '1', SLOW_QUERY_MS: '0' },
    });
    expect((await checkout.product(1)).body).toMatchObject({ price: 1199.99, currency: 'USD', stock: 50 });
    const hold = await checkout.hold(1, 2);
    const { body: order } = await checkout.order(hold.body.hold_id);
    const event = { idempotency_key: 'pay_abc123', order_id: order.order_id };
    await checkout.pay(event);
    await checkout.pay(event);
    const { body: left } = await checkout.hold(1, 3);

    await until(() => checkout.logged('Hold expired and released').length > 0);

    const ids = { hold_id: hold.body.hold_id, order_id: order.order_id };
    expect(fieldsOf(checkout, 'Hold created')[0]).toEqual({
      level: 'info',
      hold_id: ids.hold_id,
      product_id: 1,
      quantity: 2,
      available_stock_remaining: 48,
    });
    expect(fieldsOf(checkout, 'Order created')).toEqual([{ level: 'info', ...ids, total: 2399.98 }]);
    expect(fieldsOf(checkout, 'Webhook processed')).toEqual([
      {
        level: 'info',
        idempotency_key: 'pay_abc123',
        order_id: ids.order_id,
        status: 'paid',
        stock_deducted: 2,
      },
    ]);
    expect(fieldsOf(checkout, 'Duplicate webhook detected')).toEqual([
      { level: 'info', idempotency_key: 'pay_abc123', cached_response: true },
    ]);
    expect(fieldsOf(checkout, 'Hold expired and released')).toEqual([
      { level: 'info', hold_id: left.hold_id, product_id: 1, quantity: 3 },
    ]);
    for (const slow of fieldsOf(checkout, 'Slow query')) {
      expect(Object.keys(slow).toSorted()).toEqual(['duration_ms', 'level', 'sql']);
    }
    expect(fieldsOf(checkout, 'Slow query').length).toBeGreaterThan(0);
  });

  test('a first hold lasts two minutes and is answered with its id, as the quick test says', async () => {
    const checkout = await checkoutForTest({ database: kind, variables: { SEED: 'true' } });

    const hold = await checkout.post('/api/v1/holds', { product_id: 1, qty: 2 });

    expect(hold.status).toBe(201);
    expect(hold.body).toMatchObject({ product_id: 1, quantity: 2, status: 'held' });
    expect(hold.headers.location).toBe(`/api/v1/holds/${hold.body.hold_id}`);
    const lastsMs = Date.parse(hold.body.expires_at) - Date.now();
    expect(lastsMs).toBeGreaterThan(60_000);
    expect(lastsMs).toBeLessThanOrEqual(121_020);
    await until(() => checkout.logged('Hold created', { available_stock_remaining: 48 }).length === 1);
  });

  test('a replay creates nothing and logs nothing as created', async () => {
    const checkout = await checkoutForTest({ database: kind });
    const productId = await checkout.createProduct();
    const key = { 'idempotency-key': randomUUID() };
    await atOnce(5, () => checkout.hold(productId, 1, key));
    const { body: last } = await checkout.hold(productId);

    await until(() => checkout.logged('Hold created', { hold_id: last.hold_id }).length === 1);

    expect(checkout.logged('Hold created')).toHaveLength(2);
  });

  /** The fields of the lines of one message, without message and time. */
  function fieldsOf(checkout: Checkout, message: string) {
    return checkout.logged(message).map(({ msg: _, time: __, ...fields }) => fields);
  }
});

describeEach(sharedDatabases)('a schema on $name', (kind) => {
  test('that is newer than this version is not touched, and served as soon as it is current', async () => {
    const database = await newDatabaseForTest(kind);
    await database.store.migrate();
    await database.run("insert into kysely_migration (name, timestamp) values ('9999_future', '2099')");
    const checkout = await checkoutForTest({ database, waits: false });

    await expectUnavailable(checkout, /newer than this version/);

    await database.run("delete from kysely_migration where name = '9999_future'");
    await until(async () => (await checkout.get('/readyz')).status === 200);
    expect((await checkout.get('/api/v1/products')).status).toBe(200);
  });

  test('that is older is left alone with MIGRATE=false, and served as soon as somebody has migrated', async () => {
    const database = await newDatabaseForTest(kind);
    const checkout = await checkoutForTest({ database, waits: false, variables: { MIGRATE: 'false' } });

    await expectUnavailable(checkout, /older than this version needs: run bin\/flash-sale migrate/);

    await database.store.migrate();
    await until(async () => (await checkout.get('/readyz')).status === 200);
    expect((await checkout.get('/api/v1/products')).status).toBe(200);
  });
});

/** The rules, with a defect for holds of one quantity. */
function failingFor(quantity: number, error: () => Error): Decide {
  return (state, commands, ...rest) => {
    const decision = decide(state, commands, ...rest);
    if (commands.some((command) => command.kind === 'create_hold' && command.quantity === quantity)) {
      throw error();
    }
    return decision;
  };
}
