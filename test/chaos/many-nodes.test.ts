import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import type { CheckoutClient } from '../support/checkout-client.ts';
import { startProcess } from '../support/checkout-process.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('many nodes on one $name', (kind) => {
  test('a payment event has one effect and one answer, though both nodes get it, one dies, and it is sent again', async () => {
    const { url: databaseUrl } = await databaseForTest(kind);
    const start = () => startProcess({ databaseUrl, variables: { REQUEST_TIMEOUT_MS: '30000' } });
    const [dying, other] = await Promise.all([start(), start()]);
    const productId = await other.createProduct({ stock: 500 });
    const orders = await atOnce(300, () => other.ordered(productId));

    const answers = new Map<number, Set<string>>(orders.map(({ order_id }) => [order_id, new Set()]));
    let answered = 0;
    let lost = 0;
    const pay = async (node: CheckoutClient, order_id: number): Promise<void> => {
      try {
        const { text } = await node.pay({ idempotency_key: `pays ${order_id}`, order_id });
        answers.get(order_id)?.add(text);
        answered += 1;
      } catch {
        lost += 1;
      }
    };
    const paying = atOnce(30, async (sender) => {
      for (const { order_id } of orders.filter((_, index) => index % 30 === sender)) {
        await Promise.all([pay(dying, order_id), pay(other, order_id)]);
      }
    });
    await until(() => answered >= 100);
    await dying.kill();
    await paying;
    expect(lost).toBeGreaterThan(0);

    const another = await start();
    await Promise.all(orders.flatMap(({ order_id }) => [pay(another, order_id), pay(other, order_id)]));

    expect([...answers.values()].filter((texts) => texts.size !== 1)).toEqual([]);
    expect((await another.product(productId)).body).toMatchObject({ stock: 200, held_stock: 0 });
    expect(await another.auditDifferences()).toEqual([]);
  });

  test('three servers and two workers in a sale with deadlines of seconds: units come back once, each is sold once', async () => {
    const { url: databaseUrl, store } = await databaseForTest(kind);
    const variables = {
      HOLD_SECONDS: '1',
      PAYMENT_SECONDS: '2',
      REQUEST_TIMEOUT_MS: '30000',
      WORKER: 'false',
    };
    const start = (command: 'serve' | 'worker') => startProcess({ databaseUrl, command, variables });
    const servers = await Promise.all([start('serve'), start('serve'), start('serve')]);
    const workers = await Promise.all([start('worker'), start('worker')]);
    const [one, two, three] = servers;
    const productId = await one.createProduct({ stock: 40 });

    await Promise.all(
      [
        [one, two],
        [two, three],
        [three, one],
      ].flatMap(([near = one, far = two]) =>
        plans.flatMap((plan) => Array.from({ length: 7 }, () => buy(plan, near, far, productId))),
      ),
    );

    const holds = await until(async () => {
      const { items } = (await store.holds({ productId }, { limit: 1000, cursor: null })).value;
      return items.every(({ hold }) => hold.status === 'released' || hold.status === 'consumed') && items;
    });
    const idsOf = (status: string) =>
      holds.filter(({ hold }) => hold.status === status).map(({ hold }) => hold.id);
    const logged = () =>
      [...servers, ...workers]
        .flatMap((node) => node.logged('Hold expired and released'))
        .map((line) => Number(line.hold_id));
    await until(() => idsOf('released').every((id) => logged().includes(id)));
    expect(logged()).toHaveLength(new Set(logged()).size);
    const sold = idsOf('consumed').length;
    expect(sold).toBe(21);
    expect(await store.product(productId)).toMatchObject({ stock: 40 - sold, heldStock: 0 });
    expect((await three.hold(productId, 40 - sold)).status).toBe(201);
    expect(await two.auditDifferences()).toEqual([]);
  });
});

/** What a buyer does with a hold. */
const plans = ['forgets it', 'orders it', 'pays for it'] as const;

/** Comes back until there was a unit, and with a plan to order it until that was in time. */
async function buy(
  plan: (typeof plans)[number],
  near: CheckoutClient,
  far: CheckoutClient,
  productId: number,
): Promise<void> {
  let isDone = false;
  while (!isDone) {
    const holdId = await until(async () => (await near.hold(productId)).body.hold_id);
    const order = plan === 'forgets it' ? null : await far.order(holdId);
    isDone = order === null || order.status === 201;
    if (order?.status === 201 && plan === 'pays for it') {
      const event = { idempotency_key: `pays ${holdId}`, order_id: order.body.order_id };
      const [first, second] = await Promise.all([near.pay(event), far.pay(event)]);
      expect([first.status, second.text]).toEqual([200, first.text]);
    }
  }
}
