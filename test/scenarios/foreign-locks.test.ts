import { expect, test } from 'vitest';
import { checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { serverDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { type OperatorSession, operatorSession } from '../support/operator-session.ts';
import { atOnce, tally } from '../support/tally.ts';
import { timed } from '../support/timed.ts';
import { expectRefused } from '../support/unavailable.ts';
import { until } from '../support/until.ts';

const requestTimeoutMs = 1_000;
/** Besides the request's own time: one wait for a lock that had begun in time, and a machine with other work. */
const answeredWithinMs = requestTimeoutMs + 2_000 + 3_000;

describeEach(serverDatabases)("an operator's locks on $name", (kind) => {
  const sale = async (variables: Readonly<Record<string, string>> = {}) => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({
      database,
      variables: { REQUEST_TIMEOUT_MS: String(requestTimeoutMs), WORKER: 'false', ...variables },
    });
    return { database, checkout, operator: await operatorSession(database.url) };
  };

  test('a whole table that is locked: reads and writes, more than there are connections, are answered 503 in time', async () => {
    const { checkout, operator } = await sale();
    const productId = await checkout.createProduct({ stock: 1_000 });
    const { body: hold } = await checkout.hold(productId);
    await checkout.connect(80);
    await operator.run(
      kind.name === 'PostgreSQL'
        ? 'begin; lock table products, holds in access exclusive mode'
        : 'lock tables products write, holds write',
    );

    const replies = await Promise.all([
      timed(atOnce(40, () => checkout.get(`/api/v1/holds/${hold.hold_id}`))),
      timed(atOnce(40, () => checkout.hold(productId))),
    ]);

    for (const { ms, value } of replies) {
      expectRefused(value);
      expect(ms).toBeLessThan(answeredWithinMs);
    }
    expect((await checkout.get('/healthz')).status).toBe(200);
    expect((await checkout.get('/readyz')).status).toBe(503);

    await operator.run(kind.name === 'PostgreSQL' ? 'commit' : 'unlock tables');
    expect((await checkout.hold(productId)).status).toBe(201);
    expect((await checkout.get(`/api/v1/holds/${hold.hold_id}`)).status).toBe(200);
    expect((await checkout.get('/readyz')).status).toBe(200);
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('a product that stays selected for update: its buyers are told 503 in time, reads go on, and so does the sale afterwards', async () => {
    const { checkout, operator } = await sale();
    const [locked, other] = [await checkout.createProduct(), await checkout.createProduct()];
    const order = await checkout.ordered(locked);
    await checkout.connect(25);
    await operator.run('begin');
    await operator.run(`select * from products where id = ${locked} for update`);

    const event = { idempotency_key: 'while it is locked', order_id: order.order_id };
    const { ms, value } = await timed(
      Promise.all([checkout.pay(event), ...Array.from({ length: 20 }, () => checkout.hold(locked))]),
    );
    expectRefused(value);
    expect(ms).toBeLessThan(answeredWithinMs);
    expect((await checkout.product(locked)).body.held_stock).toBe(1);
    // Nobody waits for it who does not ask for it.
    expect((await checkout.hold(other)).status).toBe(201);

    await operator.run('commit');
    expect((await checkout.pay(event)).body).toMatchObject({ result: 'processed', stock_deducted: 1 });
    expect((await checkout.hold(locked)).status).toBe(201);
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('a deadlock with a transaction of an operator: buyers do not notice, whichever of the two is ended', async () => {
    const { database, checkout, operator } = await sale({ REQUEST_TIMEOUT_MS: '30000', LOG_LEVEL: 'debug' });
    const create = () => checkout.createProduct({ stock: 1_000 });
    const [first, second, third] = [await create(), await create(), await create()];
    const colleague = await operatorSession(database.url);
    await checkout.connect(20);
    const collide = async (): Promise<boolean> => {
      // MySQL and MariaDB end who has written less, PostgreSQL who finds out first.
      await operator.run('begin');
      await operator.run(`update products set name = 'renamed' where id = ${second}`);
      await colleague.run('begin');
      await colleague.run(`select * from products where id = ${third} for update`);
      // While one batch waits for the third product, holds of the other two come together for the next one.
      const waiting = [checkout.hold(third)];
      await checkout.product(third);
      waiting.push(...Array.from({ length: 10 }, (_, index) => checkout.hold(index % 2 ? first : second)));
      await checkout.product(third);
      await colleague.run('rollback');
      await until(() => isLocked(colleague, first));
      const end = await operator.run(`update products set name = 'renamed' where id = ${first}`).then(
        () => 'commit',
        () => 'rollback',
      );
      await operator.run(end);
      expect(tally(await Promise.all(waiting))).toEqual({ 201: 11 });
      const last = await checkout.hold(third);
      await until(() => checkout.logged('Hold created', { hold_id: last.body.hold_id }).length > 0);
      const reasons = checkout.logged('Batch is decided again').map(({ reason }) => String(reason));
      return end === 'rollback' || reasons.some((reason) => /deadlock/i.test(reason));
    };
    // On a machine that is busy with other things our lock may time out before the two have met.
    await until(collide);
    expect(await checkout.auditDifferences()).toEqual([]);
  });
});

async function isLocked(session: OperatorSession, productId: number): Promise<boolean> {
  try {
    await session.run(`select id from products where id = ${productId} for update nowait`);
    return false;
  } catch {
    return true;
  }
}
