import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CheckoutOptions, checkoutForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { cutConnections } from '../support/database-on-server.ts';
import { describeEach } from '../support/needing.ts';
import { createDatabase } from '../support/new-database.ts';
import { type OperatorSession, operatorSession } from '../support/operator-session.ts';
import { OwnServer, ownServers } from '../support/own-server.ts';
import { createPlainUser, type PlainUser } from '../support/plain-user.ts';
import { freePort } from '../support/servers.ts';
import { atOnce } from '../support/tally.ts';
import { expectRefused } from '../support/unavailable.ts';
import { until } from '../support/until.ts';

describeEach(ownServers)('$name that refuses', ({ name }) => {
  const isPostgres = name === 'PostgreSQL';
  let server: OwnServer;
  let databaseUrl: string;
  let admin: OperatorSession;
  let user: PlainUser;

  beforeAll(async () => {
    server = await OwnServer.start(name);
  }, 180_000);
  afterAll(() => server.end());
  beforeEach(async () => {
    databaseUrl = (await createDatabase(name, server.url)).url;
    admin = await operatorSession(server.url);
    user = await createPlainUser(name, admin, databaseUrl);
  });
  const sale = (variables: CheckoutOptions['variables'] = {}) =>
    checkoutForTest({
      variables: { DATABASE_URL: user.url(), REQUEST_TIMEOUT_MS: '1000', WORKER: 'false', ...variables },
    });

  test('writes in mid-sale: reads go on, writes are answered 503, and the sale goes on when it takes them again', async () => {
    const checkout = await sale();
    const productId = await checkout.createProduct();
    const order = await checkout.ordered(productId);
    const event = { idempotency_key: 'while it is read-only', order_id: order.order_id };
    const setReadOnly = async (value: 'on' | 'off'): Promise<void> => {
      if (isPostgres) {
        await admin.run(`alter system set default_transaction_read_only = ${value}`);
        await admin.run('select pg_reload_conf()');
      } else {
        await admin.run(`set global read_only = ${value}`);
      }
    };

    await setReadOnly('on');
    // PostgreSQL tells its sessions a moment later.
    await until(async () => (await checkout.hold(productId)).status === 503);
    expectRefused([await checkout.hold(productId), await checkout.pay(event)]);
    expect((await checkout.get(`/api/v1/orders/${order.order_id}`)).body.status).toBe('pending');
    expect((await checkout.product(productId)).status).toBe(200);
    expect((await checkout.get('/readyz')).body.code).toBe('database_unavailable');
    expect((await checkout.get('/healthz')).status).toBe(200);
    await until(() => checkout.logged('Database cannot be written').length > 0);
    expect(String(checkout.logged('Database cannot be written')[0]?.reason)).toMatch(/read.only/i);

    await setReadOnly('off');
    await until(async () => (await checkout.hold(productId)).status === 201);
    expect((await checkout.pay(event)).body.result).toBe('processed');
    expect((await checkout.get('/readyz')).status).toBe(200);
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('more connections: requests are answered 503, and the sale goes on when there is room', async () => {
    const checkout = await sale();
    const productId = await checkout.createProduct({ stock: 1_000 });
    const { body: hold } = await checkout.hold(productId);
    await admin.run(
      isPostgres ? `alter role ${user.name} connection limit 12` : 'set global max_connections = 12',
    );

    const others: OperatorSession[] = [];
    await cutConnections(databaseUrl);
    await until(async () => {
      const other = await operatorSession(user.url()).catch(() => null);
      others.push(...(other === null ? [] : [other]));
      return other === null;
    });
    // More than there may be connections: none of them is lost to one that was not made.
    for (let round = 0; round < 2; round += 1) {
      expectRefused(await atOnce(20, () => checkout.get(`/api/v1/holds/${hold.hold_id}`)));
      expectRefused(await atOnce(20, () => checkout.hold(productId)));
    }
    expect((await checkout.get('/readyz')).status).toBe(503);
    await until(() => checkout.logged('Database cannot be written').length > 0);
    expect(String(checkout.logged('Database cannot be written')[0]?.reason)).toMatch(/too many connections/i);

    await Promise.all(others.map((other) => other.end()));
    await until(async () => (await checkout.hold(productId)).status === 201);
    await until(async () => (await checkout.get(`/api/v1/holds/${hold.hold_id}`)).status === 200);
    await until(async () => (await checkout.get('/readyz')).status === 200);
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('everybody at the start, being away, and then whoever has no right password: the process waits, says why, and serves when it may', async () => {
    const wrongPassword = 'not-the-password';
    await server.kill();
    const checkout = await startProcess({
      databaseUrl: user.url(wrongPassword),
      variables: { PORT: String(await freePort()) },
      waits: false,
    });
    const reasons = () =>
      checkout.logged('Database cannot be used yet, will try again').map(({ reason }) => String(reason));
    const expectWaiting = async (): Promise<void> => {
      expect((await checkout.get('/healthz')).status).toBe(200);
      expect((await checkout.get('/readyz')).body.code).toBe('database_unavailable');
      expectRefused([await checkout.hold(1), await checkout.get('/api/v1/products')]);
    };

    await until(() => reasons().some((reason) => reason.includes('ECONNREFUSED')));
    await expectWaiting();

    await server.restart();
    await until(() => reasons().some((reason) => /access denied|authentication failed/i.test(reason)));
    await expectWaiting();

    const restarted = await operatorSession(server.url);
    await restarted.run(
      isPostgres
        ? `alter role ${user.name} password '${wrongPassword}'`
        : `alter user ${user.name}@'%' identified by '${wrongPassword}'`,
    );
    await until(async () => (await checkout.get('/readyz')).status === 200);
    const productId = await checkout.createProduct();
    expect((await checkout.hold(productId)).status).toBe(201);

    // One line for each reason, whatever was tried meanwhile, and the password in none.
    expect(reasons().length).toBeLessThan(6);
    expect(JSON.stringify(checkout.logLines())).not.toContain(wrongPassword);
  });
});
