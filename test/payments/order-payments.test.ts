import { beforeEach, expect, test } from 'vitest';
import type { Order } from '../../src/domain/order.ts';
import { OrderPayments } from '../../src/payments/order-payments.ts';
import { emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { ProviderAtHand } from '../support/provider-at-hand.ts';
import { Sale } from '../support/sale.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('the payment of an order on $name', (kind) => {
  const database = emptyDatabase(kind);
  let sale: Sale;
  let provider: ProviderAtHand;
  let payments: OrderPayments;
  let told: unknown[];
  beforeEach(() => {
    sale = new Sale(database.store);
    provider = new ProviderAtHand();
    told = [];
    payments = paymentsOf(sale);
  });

  const paymentsOf = (of: Sale, reader = database.store) =>
    new OrderPayments({
      provider,
      engine: of.engine,
      reader,
      failed: (_order, error) => told.push(error),
    });
  const ordered = async (of = sale): Promise<Order> =>
    of.order((await of.hold(await of.product({ stock: 100 }))).id);
  const recorded = async ({ id }: Order) => (await database.store.order(id))?.value.paymentIntent;

  test('is made once, written down, and the same for everybody who asks', async () => {
    const order = await ordered();
    const expected = { provider: 'stripe', clientSecret: `pi_${order.id}_secret` };

    expect(await atOnce(5, () => payments.forOrder(order, null))).toEqual(Array(5).fill(expected));
    expect(await payments.forOrder(order)).toEqual(expected);
    expect(await payments.forOrder(order, await recorded(order))).toEqual(expected);

    expect(provider.asked).toEqual(['createIntent']);
    expect(await recorded(order)).toMatchObject({
      orderId: order.id,
      provider: 'stripe',
      reference: `pi_${order.id}`,
      status: 'open',
    });
  });

  test('that the provider has not answered yet is null, and there as soon as it answers', async () => {
    const order = await ordered();
    let answer = () => {};
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const create = provider.createIntent.bind(provider);
    provider.createIntent = async (...given) => {
      await slow;
      return create(...given);
    };

    expect(await payments.forOrder(order, null)).toBeNull();
    answer();
    await until(async () => (await recorded(order)) !== null);

    expect(await payments.forOrder(order)).toMatchObject({ clientSecret: `pi_${order.id}_secret` });
    expect(provider.asked).toEqual(['createIntent']);
  });

  test('that could not be made is null, and made by the next look', async () => {
    const order = await ordered();
    provider.faults = ['lost before', 'refused'];

    expect(await payments.forOrder(order, null)).toBeNull();
    expect(await payments.forOrder(order)).toBeNull();
    expect(told).toHaveLength(2);

    expect(await payments.forOrder(order)).not.toBeNull();
  });

  test('that the provider can never take ends its order, for all who ask at the same time', async () => {
    const productId = await sale.product({ stock: 1 });
    const order = await sale.order((await sale.hold(productId)).id);
    provider.faults = ['amount refused', 'amount refused'];

    expect(await atOnce(3, () => payments.forOrder(order, null))).toEqual([null, null, null]);
    expect(await payments.forOrder(order)).toBeNull();

    expect((await database.store.order(order.id))?.value.order.status).toBe('failed');
    expect((await database.store.product(productId))?.heldStock).toBe(0);
    expect([provider.asked, told]).toEqual([['createIntent'], []]);
    expect((await database.store.backlog()).refusedPayments).toMatchObject({
      count: 1,
      productIds: [productId],
    });
  });

  test('that the provider has taken for another process keeps its order when this one is refused', async () => {
    const order = await ordered();
    await payments.forOrder(order, null);
    provider.faults = ['amount refused'];

    expect(await paymentsOf(new Sale(database.another())).forOrder(order, null)).toBeNull();

    expect((await database.store.order(order.id))?.value.order.status).toBe('pending');
    expect(told).toEqual([]);
  });

  test('is not made for an order that has ended', async () => {
    const order = await ordered();
    await sale.engine.submit({ kind: 'cancel_order', orderId: order.id });
    const slow = new Sale(database.store, { rules: { paymentSeconds: -60 } });
    const expired = await ordered(slow);

    expect(await payments.forOrder({ ...order, status: 'cancelled' })).toBeNull();
    expect(await payments.forOrder(order)).toBeNull();
    expect(await payments.forOrder(expired, null)).toBeNull();
    expect(provider.asked).toEqual([]);
  });

  test('that two processes make at once is one', async () => {
    const order = await ordered();
    const other = database.another();

    const made = await Promise.all([
      payments.forOrder(order, null),
      paymentsOf(new Sale(other), other).forOrder(order, null),
    ]);

    expect(made[0]).toEqual(made[1]);
    expect(provider.intents.size).toBe(1);
  });

  test('of many orders at once is made for each', async () => {
    const product = await sale.product({ stock: 1_000 });
    const orders = await atOnce(120, async () => sale.order((await sale.hold(product)).id));

    const made = await Promise.all(orders.map((order) => payments.forOrder(order, null)));

    expect(new Set(made.map((payment) => payment?.clientSecret)).size).toBe(120);
    expect(told).toEqual([]);
  });

  test('that is being made when the process ends is null at once', async () => {
    const order = await ordered();
    provider.faults = ['lost after'];

    const asked = payments.forOrder(order, null);
    await until(() => provider.asked.length === 1);
    payments.stop();

    expect(await asked).toBeNull();
    expect(await payments.forOrder(order, null)).toBeNull();
    expect(told).toEqual([]);
  });
});
