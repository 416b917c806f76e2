import { expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { type Body, type Checkout, checkoutForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

describeEach(sharedDatabases)('the list of disputes on $name', (kind) => {
  const reported = async (checkout: Checkout, order: Body, status: string, dispute_id: string) => {
    const { order_id } = order;
    const idempotency_key = `${order_id} ${dispute_id} ${status}`;
    const event = { idempotency_key, order_id, status, dispute_id, amount: 5, currency: 'USD' };
    expect((await checkout.pay(event)).body).toMatchObject({ result: 'processed' });
  };

  test('shows them newest first, by status, order and hold, page after page', async () => {
    const checkout = await checkoutForTest({ database: kind });
    (await ApiDescription.of(checkout)).watch(checkout);
    const id = await checkout.createProduct({ price: 10, currency: 'USD' });
    const orders = [await checkout.ordered(id), await checkout.ordered(id)] as const;
    for (const [index, { order_id }] of orders.entries()) {
      await checkout.pay({ idempotency_key: `paid ${index}`, order_id, payment_reference: `pi_${index}` });
    }
    for (const dispute of ['dp_1', 'dp_2', 'dp_3']) {
      await reported(checkout, orders[0], 'disputed', dispute);
    }
    await reported(checkout, orders[1], 'disputed', 'dp_1');
    await reported(checkout, orders[0], 'dispute_won', 'dp_2');

    const list = async (query: string) =>
      (await checkout.admin('GET', `/disputes?${query}`)).body.items.map(
        ({ dispute_id, order_id, status }) => [dispute_id, order_id, status],
      );
    const [first, second] = orders.map(({ order_id }) => order_id);
    const all = [
      ['dp_1', second, 'open'],
      ['dp_3', first, 'open'],
      ['dp_2', first, 'won'],
      ['dp_1', first, 'open'],
    ];
    expect(await list('')).toEqual(all);
    expect(await list('status=won')).toEqual([all[2]]);
    expect(await list('status=lost')).toEqual([]);
    expect(await list(`order_id=${first}&status=open`)).toEqual([all[1], all[3]]);
    expect(await list(`hold_id=${orders[1].hold_id}`)).toEqual([all[0]]);
    expect((await checkout.items('/disputes')).map(({ dispute_id }) => dispute_id)).toEqual(
      all.map(([dispute]) => dispute),
    );
    const page = (await checkout.admin('GET', '/disputes?limit=3')).body;
    expect(page.items).toHaveLength(3);
    const rest = (await checkout.admin('GET', `/disputes?limit=3&cursor=${page.next_cursor}`)).body;
    expect(rest).toMatchObject({ items: [{ dispute_id: 'dp_1', order_id: first }], next_cursor: null });
    expect((await checkout.admin('GET', `/refunds?cursor=${page.next_cursor}`)).status).toBe(422);
    expect((await checkout.admin('GET', '/disputes?status=due')).status).toBe(422);
    expect(page.items[0]).toEqual({
      dispute_id: 'dp_1',
      order_id: second,
      hold_id: orders[1].hold_id,
      product_id: id,
      payment: 'ref:pi_1',
      amount: 5,
      currency: 'USD',
      status: 'open',
      created_at: expect.stringMatching(/Z$/),
    });
    expect(await checkout.auditDifferences()).toEqual([]);
  });
});
