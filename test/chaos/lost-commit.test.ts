import { expect, test } from 'vitest';
import { type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { CutLine } from '../support/cut-line.ts';
import { serverDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { until } from '../support/until.ts';

const messages = ['Hold created', 'Order created', 'Webhook processed', 'Duplicate webhook detected'];

/** How often each fact of this hold and this event is in the log. */
function logged(checkout: Checkout, holdId: number, key: string): readonly number[] {
  return messages.map((message) => {
    const isOfEvent = message.includes('ebhook');
    return checkout.logged(message, isOfEvent ? { idempotency_key: key } : { hold_id: holdId }).length;
  });
}

describeEach(serverDatabases)('a connection that falls during COMMIT on $name', (kind) => {
  test.each(['before', 'after'] as const)(
    'each purchase is answered as the first one and logged once, when it falls %s the server commits',
    async (cut) => {
      const database = await databaseForTest(kind);
      const line = await CutLine.to(`http://127.0.0.1:${new URL(database.url).port}`);
      const checkout = await checkoutForTest({
        variables: {
          DATABASE_URL: Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: line.port }).href,
          WORKER: 'false',
        },
      });
      const productId = await checkout.createProduct({ stock: 10 });
      const cutting = async <Done>(request: () => Promise<Done>): Promise<Done> => {
        line.cutNextCommit(cut);
        const reply = await request();
        expect(line.hasCutCommit).toBe(true);
        return reply;
      };

      const hold = await cutting(() => checkout.hold(productId, 2));
      const holdId = hold.body.hold_id;
      const order = await cutting(() => checkout.order(holdId));
      const event = { idempotency_key: 'evt', order_id: order.body.order_id, status: 'paid' };
      const paid = await cutting(() => checkout.post('/api/v1/payments/webhook', event));

      expect([hold.status, order.status, paid.status]).toEqual([201, 201, 200]);
      expect(paid.body).toMatchObject({ result: 'processed', stock_deducted: 2 });
      for (const { headers } of [hold, order, paid]) {
        expect(headers['idempotency-replayed']).toBeUndefined();
      }
      await until(() => logged(checkout, holdId, 'evt')[2] !== 0);
      expect(logged(checkout, holdId, 'evt')).toEqual([1, 1, 1, 0]);

      const again = await checkout.post('/api/v1/payments/webhook', event);
      expect([again.text, again.headers['idempotency-replayed']]).toEqual([paid.text, 'true']);
      await until(() => logged(checkout, holdId, 'evt')[3] !== 0);
      expect(logged(checkout, holdId, 'evt')).toEqual([1, 1, 1, 1]);
      expect((await checkout.product(productId)).body).toMatchObject({ stock: 8, held_stock: 0 });
      expect(await checkout.auditDifferences()).toEqual([]);
    },
  );
});
