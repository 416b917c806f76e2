import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import type { CheckoutClient } from '../support/checkout-client.ts';
import { startProcess } from '../support/checkout-process.ts';
import { createMigrated, type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { meeting, withoutLock } from '../support/lockless-store.ts';
import { describeEach } from '../support/needing.ts';
import { Sale, type SaleOptions } from '../support/sale.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

/**
 * What two nodes on one database, each a process of its own, do to each other. Each promise is followed by
 * its control: without the lock, the race happens.
 */
type Variables = Readonly<Record<string, string>>;

describeEach(sharedDatabases)('two nodes on one $name', (kind) => {
  /** Started once, as that is what takes the time. */
  let nodes: readonly [CheckoutClient, CheckoutClient];
  beforeAll(async () => {
    const database = await kind.create();
    const ends: (() => Promise<void>)[] = [];
    nodes = await startTwo(database, [{}, {}], (end) => void ends.push(end));
    return async () => {
      await Promise.all(ends.map((end) => end()));
      await database.close();
    };
  });
  afterEach(async () => expect(await nodes[0].auditDifferences()).toEqual([]));

  function startTwo(
    { url }: OpenDatabase,
    variables: readonly [Variables, Variables],
    atEnd?: (end: () => Promise<void>) => void,
  ): Promise<[CheckoutClient, CheckoutClient]> {
    // More patience than a client would have: on a busy machine the two wait for each other long.
    const start = (own: Variables) =>
      startProcess({ databaseUrl: url, variables: { REQUEST_TIMEOUT_MS: '30000', ...own } }, atEnd);
    return Promise.all([start(variables[0]), start(variables[1])]);
  }

  /** Engines that neither lock nor notice what the other does between a batch's reads and its writes. */
  async function twoLocklessSales(options: SaleOptions = {}): Promise<{
    readonly database: OpenDatabase;
    readonly sales: readonly [Sale, Sale];
    readonly setUp: Sale;
  }> {
    const database = await createMigrated(kind);
    onTestFinished(() => database.close());
    const met = meeting(2);
    const sales = [
      new Sale(withoutLock(database.store, met), options),
      new Sale(withoutLock(database.store, met), options),
    ] as const;
    return { database, sales, setUp: new Sale(database.store, options) };
  }

  const differing = async ({ store }: OpenDatabase): Promise<readonly string[]> =>
    (await store.audit()).checks.filter(({ ok }) => !ok).map(({ name }) => name);

  test('the last units are sold once though buyers ask both nodes', async () => {
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 10 });

    const replies = await atOnce(200, (index) => (index % 2 === 0 ? one : other).hold(productId));

    expect(tally(replies)).toEqual({ 201: 10, insufficient_stock: 190 });
    expect(await Promise.all([one.hold(productId, 1), other.hold(productId, 1)])).toMatchObject([
      { status: 409, body: { available_stock: 0 } },
      { status: 409, body: { available_stock: 0 } },
    ]);
  });

  test('control: without the lock, one unit is held twice', async () => {
    const { database, sales, setUp } = await twoLocklessSales();
    const productId = await setUp.product({ stock: 1 });

    const outcomes = await Promise.all(sales.map((sale) => sale.tryHold(productId)));

    expect(outcomes.map(({ kind: outcome }) => outcome)).toEqual(['hold_created', 'hold_created']);
    expect(await differing(database)).toContain('held = units of open holds');
  });

  test('one hold becomes one order though both nodes are asked, with one key or with two', async () => {
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 30 });
    const holds = await atOnce(15, () => one.hold(productId));

    for (const [index, { body }] of holds.entries()) {
      const key = index % 2 === 0 ? { 'idempotency-key': randomUUID() } : {};
      const replies = await Promise.all([one.order(body.hold_id, key), other.order(body.hold_id, key)]);

      expect(new Set(replies.map((reply) => reply.body.order_id)).size).toBe(1);
      expect(tally(replies)).toEqual(index % 2 === 0 ? { 201: 2 } : { 201: 1, hold_already_ordered: 1 });
    }
  });

  test('control: without the lock and the unique key behind it, one hold becomes two orders', async () => {
    const { database, sales, setUp } = await twoLocklessSales();
    const hold = await setUp.hold(await setUp.product());
    await database.unconstrain('orders');

    const orders = await Promise.all(sales.map((sale) => sale.order(hold.id)));

    expect(orders[0]?.id).not.toBe(orders[1]?.id);
    expect(await differing(database)).toContain('one order for each hold that has one');
  });

  test('a hold that is let go and ordered at once is either released or ordered, on both nodes', async () => {
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 30 });
    const holds = await atOnce(30, () => one.hold(productId));

    let ordered = 0;
    for (const { body } of holds) {
      const [release, order] = await Promise.all([one.release(body.hold_id), other.order(body.hold_id)]);

      expect([
        [204, 410],
        [409, 201],
      ]).toContainEqual([release.status, order.status]);
      expect(order.body.code ?? release.body.code).toMatch(/^hold_(released|already_ordered)$/);
      ordered += order.status === 201 ? 1 : 0;
    }
    expect((await other.hold(productId, 31)).body.available_stock).toBe(30 - ordered);
  });

  test('control: without the lock, an order stands on units that were let go', async () => {
    const { database, setUp } = await twoLocklessSales();
    const hold = await setUp.hold(await setUp.product());
    const slow = new Sale(withoutLock(database.store, () => setUp.order(hold.id)));

    const { outcome } = await slow.engine.submit({ kind: 'release_hold', holdId: hold.id });

    expect(outcome.kind).toBe('hold_let_go');
    expect(await differing(database)).toContain('orders whose hold is in another state');
  });

  test('order and deadline at the same instant: exactly one of them wins, and no unit is lost or sold twice', async () => {
    const [one, other] = await startTwo(await databaseForTest(kind), [
      { HOLD_SECONDS: '1', WORKER: 'false' },
      // What it sells stays sold: a unit that came back a second time would be counted twice.
      { HOLD_SECONDS: '600', WORKER: 'false' },
    ]);
    const productId = await one.createProduct({ stock: 20 });
    const holds = await atOnce(20, () => one.hold(productId));
    const deadlineMs = Math.max(...holds.map(({ body }) => Date.parse(body.expires_at)));

    // One node takes the orders all around the deadline, the other sells whatever comes back.
    const orders = (async () => {
      const replies = [];
      for (const [index, { body }] of holds.entries()) {
        const atMs = deadlineMs - 25 + index * 2;
        await until(() => Date.now() >= atMs);
        replies.push(await one.order(body.hold_id));
      }
      return replies;
    })();
    const bought = (async () => {
      let granted = 0;
      while (Date.now() < deadlineMs + 100) {
        granted += (await other.hold(productId)).status === 201 ? 1 : 0;
      }
      return granted;
    })();

    const [ordered, granted] = await Promise.all([orders, bought]);
    const counts = tally(ordered);
    expect((counts[201] ?? 0) + (counts.hold_expired ?? 0)).toBe(20);
    const stillFree = (await other.hold(productId, 21)).body.available_stock;
    expect((counts[201] ?? 0) + granted + stillFree).toBe(20);
    expect(await one.auditDifferences()).toEqual([]);
  });

  test('control: without the lock, an order is made of a hold whose units another buyer has by now', async () => {
    const { database, setUp } = await twoLocklessSales();
    const productId = await setUp.product({ stock: 1 });
    const hold = await setUp.hold(productId);
    const slow = new Sale(
      withoutLock(database.store, async () => {
        await setUp.engine.submit({ kind: 'release_hold', holdId: hold.id });
        await setUp.hold(productId);
      }),
    );

    await slow.order(hold.id);

    // One unit, and two buyers who were both told that it is theirs.
    expect(await differing(database)).toContain('held = units of open holds');
  });

  test('the same payment event on both nodes has one effect and one answer', async () => {
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 100 });
    const orders = await atOnce(10, () => one.ordered(productId, 2));

    for (const { order_id } of orders) {
      const event = { idempotency_key: `both ${order_id}`, order_id };
      const replies = await atOnce(6, (index) => (index % 2 === 0 ? one : other).pay(event));
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    }

    expect((await other.hold(productId, 1)).status).toBe(201);
    expect((await other.product(productId)).body).toMatchObject({ stock: 80, held_stock: 1 });
  });

  test('control: without the lock and the unique key behind it, one event is applied twice', async () => {
    const { database, sales, setUp } = await twoLocklessSales();
    const order = await setUp.order((await setUp.hold(await setUp.product())).id);
    await database.unconstrain('idempotency_keys');

    // Two payments that both nodes believe to be the first one.
    await Promise.all(
      sales.map((sale, index) => sale.pay({ key: 'evt', orderId: order.id, reference: `pi_${index}` })),
    );

    expect(await differing(database)).toEqual(
      expect.arrayContaining(['one row for each payment event', 'paid orders have one fulfilled payment']),
    );
  });

  test('an event and its order that meet on two nodes find each other', async () => {
    const [one, other] = nodes;
    const productId = await one.createProduct({ stock: 40 });
    const holds = await atOnce(40, () => one.hold(productId));

    const [orders, payments] = await Promise.all([
      Promise.all(holds.map(({ body }) => one.order(body.hold_id))),
      Promise.all(
        holds.map(({ body }) =>
          other.pay({ idempotency_key: `meets ${body.hold_id}`, hold_id: body.hold_id }),
        ),
      ),
    ]);

    expect(new Set(payments.map(({ status }) => Math.trunc(status / 100)))).toEqual(new Set([2]));
    const statuses = await Promise.all(
      orders.map(({ body }) => other.get(`/api/v1/orders/${body.order_id}`)),
    );
    expect(new Set(statuses.map(({ body }) => body.status))).toEqual(new Set(['paid']));
  });
});
