import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, checkoutForTest, startCheckout } from '../support/checkout.ts';
import type { Reply } from '../support/checkout-client.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

/**
 * How far the server's clock and this process's may be apart: they are two readings of one machine's time.
 */
const clockErrorMs = 20;

describeEach(sharedDatabases)('deadlines without a worker on $name', (database) => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await startCheckout({
      database,
      variables: { HOLD_SECONDS: '1', PAYMENT_SECONDS: '3', WORKER: 'false' },
    });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
  });

  test.concurrent('a hold lasts whole seconds, rounded up', async ({ expect }) => {
    const productId = await checkout.createProduct();
    const sentAtMs = Date.now();

    const { body } = await checkout.hold(productId);

    const expiresAtMs = Date.parse(body.expires_at);
    expect(body.expires_at).toMatch(/T\d\d:\d\d:\d\dZ$/);
    expect(expiresAtMs).toBeGreaterThanOrEqual(sentAtMs + 1000 - clockErrorMs);
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 2000 + clockErrorMs);
  });

  test.concurrent('units are not available just before the deadline and are from that instant on, to reads and to holds', async ({
    expect,
  }) => {
    const [seen, bought] = [await checkout.createProduct(), await checkout.createProduct()];
    const first = await checkout.hold(seen, 10);
    const second = await checkout.hold(bought, 10);
    const deadlines = [Date.parse(first.body.expires_at), Date.parse(second.body.expires_at)];
    expect((await checkout.product(seen)).body.next_release_at).toBe(first.body.expires_at);

    const [reads, holds] = await Promise.all([
      observed(
        () => checkout.product(seen),
        ({ body }) => body.available_stock === 10,
      ),
      observed(
        () => checkout.hold(bought, 10),
        ({ status }) => status === 201,
      ),
    ]);

    for (const [index, { refused, granted }] of [reads, holds].entries()) {
      const deadlineMs = deadlines[index] ?? 0;
      expect(refused.length).toBeGreaterThan(0);
      for (const { sentAtMs } of refused) {
        expect(sentAtMs).toBeLessThan(deadlineMs + clockErrorMs);
      }
      expect(granted.answeredAtMs).toBeGreaterThanOrEqual(deadlineMs - clockErrorMs);
    }
    for (const { reply } of holds.refused) {
      expect(reply.body).toMatchObject({
        code: 'insufficient_stock',
        available_stock: 0,
        next_release_at: second.body.expires_at,
      });
    }
  });

  test.concurrent('from its deadline on a hold is released to every reader and cannot become an order', async ({
    expect,
  }) => {
    const productId = await checkout.createProduct();
    const { body } = await checkout.hold(productId, 4);

    await until(async () => (await checkout.availableStock(productId)) === 10);

    const ordered = await checkout.order(body.hold_id);
    expect([ordered.status, ordered.body.code]).toEqual([410, 'hold_expired']);
    expect((await checkout.get(`/api/v1/holds/${body.hold_id}`)).body.status).toBe('released');
    const list = await checkout.admin('GET', `/holds?product_id=${productId}&status=released`);
    expect(list.body.items.map(({ hold_id }) => hold_id)).toEqual([body.hold_id]);
    expect((await checkout.admin('GET', `/holds?product_id=${productId}&status=held`)).body.items).toEqual(
      [],
    );
    expect((await checkout.release(body.hold_id)).status).toBe(204);
  });

  test.concurrent('between order and payment the units stay reserved, beyond the time of the hold, and come back once', async ({
    expect,
  }) => {
    const productId = await checkout.createProduct({ stock: 10 });
    const beganAtMs = Date.now();
    const orders = await atOnce(10, () => checkout.ordered(productId));
    const dueAtMs = Math.min(...orders.map(({ payment_due_at }) => Date.parse(payment_due_at)));
    const placed = orders.map(({ hold_id }) => checkout.get(`/api/v1/holds/${hold_id}`));
    const holdStatus = (await Promise.all(placed)).map(({ body }) => body.status);
    expect(new Set(holdStatus)).toEqual(new Set(['ordered']));

    const reads = await observed(
      () => checkout.product(productId),
      ({ body }) => body.available_stock > 0,
    );

    for (const { reply } of reads.refused) {
      expect(reply.body).toMatchObject({ stock: 10, held_stock: 10, available_stock: 0 });
    }
    // Longer than the second for which they were held.
    expect(reads.granted.answeredAtMs - beganAtMs).toBeGreaterThan(2000);
    expect(reads.granted.answeredAtMs).toBeGreaterThanOrEqual(dueAtMs - clockErrorMs);

    await until(async () => (await checkout.availableStock(productId)) === 10);
    const after = await Promise.all(orders.map(({ order_id }) => checkout.get(`/api/v1/orders/${order_id}`)));
    expect(new Set(after.map(({ body }) => body.status))).toEqual(new Set(['expired']));
    const expired = await checkout.admin('GET', `/orders?product_id=${productId}&status=expired`);
    expect(expired.body.items).toHaveLength(10);
    expect((await checkout.cancel(orders[0]?.order_id ?? 0)).body).toMatchObject({
      code: 'order_not_cancellable',
      order_status: 'expired',
    });
    expect((await checkout.hold(productId, 11)).body.available_stock).toBe(10);
    expect((await checkout.hold(productId, 10)).status).toBe(201);
    await until(() => checkout.logged('Hold expired and released', { product_id: productId }).length === 10);
    expect((await checkout.product(productId)).body.stock).toBe(10);
  });

  test.concurrent('a stock that ran out in many small holds is sold again in one', async ({ expect }) => {
    const productId = await checkout.createProduct({ stock: 1200 });
    await checkout.connect(1200);
    expect(tally(await atOnce(1200, () => checkout.hold(productId)))).toEqual({ 201: 1200 });
    await until(async () => (await checkout.availableStock(productId)) === 1200);

    const replies = await atOnce(2, () => checkout.hold(productId, 1200));

    // More rows than one transaction may release, and still nobody is refused while overdue units remain.
    expect(tally(replies)).toEqual({ 201: 1, insufficient_stock: 1 });
    await until(
      () => checkout.logged('Hold expired and released', { product_id: productId }).length === 1200,
    );
  });
});

describeEach(sharedDatabases)('deadlines with a worker on $name', (database) => {
  test('an order that is never paid expires at its payment deadline, and its units come back once', async () => {
    const checkout = await checkoutForTest({ database, variables: { PAYMENT_SECONDS: '1' } });
    const productId = await checkout.createProduct();
    const orders = await atOnce(3, () => checkout.ordered(productId, 2));

    await until(() => checkout.logged('Hold expired and released').length === 3);

    expect((await checkout.product(productId)).body).toMatchObject({ stock: 10, held_stock: 0 });
    for (const { order_id, hold_id } of orders) {
      expect((await checkout.get(`/api/v1/orders/${order_id}`)).body.status).toBe('expired');
      expect(checkout.logged('Hold expired and released', { hold_id })).toMatchObject([
        { product_id: productId, quantity: 2 },
      ]);
      expect(checkout.logged('Order expired', { order_id })).toHaveLength(1);
    }
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('no deadline moves and nothing is oversold when the wall clock jumps an hour forwards and back', async () => {
    let jumpMs = 0;
    const checkout = await checkoutForTest({
      database,
      wallMs: () => Date.now() + jumpMs,
    });
    const productId = await checkout.createProduct({ stock: 3 });
    const holds = [await checkout.hold(productId)];

    for (const jump of [3_600_000, -3_600_000]) {
      jumpMs = jump;
      expect(await checkout.availableStock(productId)).toBe(3 - holds.length);
      holds.push(await checkout.hold(productId));
    }

    expect((await checkout.hold(productId)).body.code).toBe('insufficient_stock');
    for (const { body } of holds) {
      const { body: found } = await checkout.get(`/api/v1/holds/${body.hold_id}`);
      expect(found).toMatchObject({ status: 'held', expires_at: body.expires_at });
      expect(Math.abs(Date.parse(body.expires_at) - Date.now() - 120_000)).toBeLessThan(60_000);
    }
    expect(await checkout.auditDifferences()).toEqual([]);
  });
});

type Observation = { readonly sentAtMs: number; readonly answeredAtMs: number; readonly reply: Reply };

/** Asks again and again until the answer is as wanted, and tells when each was asked and answered. */
async function observed(
  ask: () => Promise<Reply>,
  isGranted: (reply: Reply) => boolean,
): Promise<{ readonly refused: readonly Observation[]; readonly granted: Observation }> {
  const refused: Observation[] = [];
  for (;;) {
    const sentAtMs = Date.now();
    const reply = await ask();
    const observation = { sentAtMs, answeredAtMs: Date.now(), reply };
    if (isGranted(reply)) {
      return { refused, granted: observation };
    }
    refused.push(observation);
  }
}
