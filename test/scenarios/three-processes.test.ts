import { expect, test } from 'vitest';
import { newDatabaseForTest } from '../support/checkout.ts';
import type { CheckoutClient, Reply } from '../support/checkout-client.ts';
import { startProcess } from '../support/checkout-process.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { atOnce, tally } from '../support/tally.ts';

const buyers = 3_000;
const stock = 100;
/** A limit for what hangs. On a busy machine a server and three processes take a minute to start. */
const timeoutMs = 180_000;

describeEach(sharedDatabases)('three processes on one $name', (kind) => {
  test('3,000 buyers at once, 100 units, every payment event sent twice: 100 paid, each unit sold once', {
    timeout: timeoutMs,
  }, async () => {
    const database = await newDatabaseForTest(kind);
    // More patience than a client would have: nobody is to be refused because the machine is busy.
    const variables = { REQUEST_TIMEOUT_MS: '60000', HOLD_SECONDS: '600' };
    const start = () => startProcess({ databaseUrl: database.url, variables });
    const nodes = await Promise.all([start(), start(), start()]);
    const [one, two, three] = nodes;
    const productId = await one.createProduct({ stock });
    await Promise.all(nodes.map((node) => node.connect(buyers / nodes.length)));

    const groups = [[one, two] as const, [two, three] as const, [three, one] as const].map(([node, other]) =>
      atOnce(buyers / nodes.length, () => buy(productId, node, other)),
    );
    const bought = (await Promise.all(groups)).flat();

    expect(tally(bought.map(({ hold }) => hold))).toEqual({ 201: stock, insufficient_stock: buyers - stock });
    expect(tally(bought.flatMap(({ order }) => order ?? []))).toEqual({ 201: stock });
    for (const { order, payments } of bought.filter((one) => one.order !== null)) {
      expect(payments.map(({ status, body }) => [status, body])).toEqual(
        Array(2).fill([
          200,
          { result: 'processed', order_id: order?.body.order_id, order_status: 'paid', stock_deducted: 1 },
        ]),
      );
      expect(payments.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(1);
    }
    expect(await database.run('select status from orders')).toEqual(Array(stock).fill({ status: 'paid' }));
    expect(await database.run('select stock, held from products')).toMatchObject([{ stock: 0, held: 0 }]);
    expect(await database.run('select id from idempotency_keys')).toHaveLength(stock);
    for (const node of nodes) {
      expect(await node.auditDifferences()).toEqual([]);
      node.hangUp();
    }
  });
});

type Bought = {
  readonly hold: Reply;
  readonly order: Reply | null;
  /** Of two deliveries of one event. */
  readonly payments: readonly Reply[];
};

/** Holds and orders at one node; the provider tells both of the payment, at the same time. */
async function buy(productId: number, node: CheckoutClient, other: CheckoutClient): Promise<Bought> {
  const hold = await node.hold(productId);
  if (hold.status !== 201) {
    return { hold, order: null, payments: [] };
  }
  const order = await node.order(hold.body.hold_id);
  const { order_id, total, currency } = order.body;
  const event = { idempotency_key: `paid ${order_id}`, order_id, amount: total, currency };
  return { hold, order, payments: await Promise.all([node.pay(event), other.pay(event)]) };
}
