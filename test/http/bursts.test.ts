import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

/** Each request of a burst has its own connection, and most of them share a batch. */
describeEach(sharedDatabases)('a burst of requests on $name', (kind) => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
  });
  afterAll(() => checkout.stop());

  const burst = <Answer>(count: number, send: (index: number) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => send(index)));

  describe('of operators', () => {
    test('shows each of them the edit of its own request', async () => {
      const id = await checkout.createProduct();
      const edits = await burst(30, async (index) => {
        const { body, headers } = await checkout.admin('PATCH', `/products/${id}`, { name: `Edit ${index}` });
        return { name: body.name, isTagged: headers.etag === `"${body.version}"`, version: body.version };
      });
      expect(edits.map(({ name }) => name)).toEqual(edits.map((_, index) => `Edit ${index}`));
      expect(edits.every(({ isTagged }) => isTagged)).toBe(true);
      expect(new Set(edits.map(({ version }) => version)).size).toBe(30);
    });

    test('shows each of them the stock right after its own change', async () => {
      const id = await checkout.createProduct({ stock: 10 });
      const stocks = await burst(30, async () => {
        const { body } = await checkout.admin('POST', `/products/${id}/stock`, { change: 1, reason: 'box' });
        return body.stock;
      });
      expect(stocks.toSorted((a, b) => a - b)).toEqual(stocks.map((_, index) => 11 + index));
    });
  });

  test('refuses a hold with the next release of that moment, and not of a hold that is granted after it', async () => {
    const id = await checkout.createProduct({ stock: 4 });
    // Every second request asks for more than there ever is.
    const answers = await burst(24, (index) => checkout.hold(id, index % 2 === 0 ? 5 : 1));
    const refused = answers.filter(({ status }) => status === 409);
    const granted = answers.flatMap(({ body }) => body.expires_at ?? []).toSorted();
    expect([refused.length, granted.length]).toEqual([20, 4]);
    for (const { body } of refused) {
      expect([body.available_stock, body.next_release_at]).toEqual([
        body.available_stock,
        body.available_stock === 4 ? null : granted[0],
      ]);
    }
  });
});
