import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checkout, startCheckout } from './support/checkout.ts';
import { sharedDatabases } from './support/databases.ts';
import { describeEach } from './support/needing.ts';
import { until } from './support/until.ts';

describeEach(sharedDatabases)('the checkout on $name', (kind) => {
  /**
   * The four tests of the system that this one replaces, under their own names, against the real server over
   * HTTP.
   */
  describe('FlashSaleTest', () => {
    let checkout: Checkout;

    beforeEach(async () => {
      checkout = await startCheckout({ database: kind, variables: { HOLD_SECONDS: '1' } });
    });
    afterEach(() => checkout.stop());

    test('test_no_overselling_with_parallel_hold_attempts', async () => {
      const productId = await checkout.createProduct({ stock: 10 });

      const replies = await Promise.all(Array.from({ length: 20 }, () => checkout.hold(productId)));

      expect(replies.filter((reply) => reply.status === 201)).toHaveLength(10);
      expect(replies.filter((reply) => reply.status === 409)).toHaveLength(10);
      expect(await checkout.availableStock(productId)).toBe(0);
    });

    test('test_expired_holds_release_stock_availability', async () => {
      const productId = await checkout.createProduct({ stock: 5 });
      const hold = await checkout.hold(productId, 5);
      expect(await checkout.availableStock(productId)).toBe(0);

      await until(async () => (await checkout.availableStock(productId)) === 5);

      expect((await checkout.get(`/api/v1/holds/${hold.body.hold_id}`)).body.status).toBe('released');
      expect((await checkout.order(hold.body.hold_id)).body.code).toBe('hold_expired');
    });

    test('test_webhook_idempotency_prevents_duplicate_processing', async () => {
      const productId = await checkout.createProduct({ stock: 10 });
      const hold = await checkout.hold(productId, 2);
      const order = await checkout.order(hold.body.hold_id);
      const event = { idempotency_key: 'pay_abc123', order_id: order.body.order_id };

      const first = await checkout.pay(event);
      const second = await checkout.pay(event);

      expect(first.body).toMatchObject({ result: 'processed', order_status: 'paid', stock_deducted: 2 });
      expect(second.text).toBe(first.text);
      expect((await checkout.get(`/api/v1/products/${productId}`)).body.stock).toBe(8);
    });

    test('test_webhook_handles_early_arrival_before_order_exists', async () => {
      const productId = await checkout.createProduct({ stock: 10 });
      const hold = await checkout.hold(productId);

      const early = await checkout.pay({ idempotency_key: 'pay_early', hold_id: hold.body.hold_id });
      const order = await checkout.order(hold.body.hold_id);

      expect(early.status).toBe(202);
      expect(order.body.status).toBe('paid');
      expect((await checkout.get(`/api/v1/products/${productId}`)).body.stock).toBe(9);
    });
  });
});
