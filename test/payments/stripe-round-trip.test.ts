import { expect, test } from 'vitest';
import type { PaymentIntent } from '../../src/payments/payment-provider.ts';
import { stripeProvider } from '../../src/payments/stripe/stripe-provider.ts';
import { type Body, checkoutForTest } from '../support/checkout.ts';
import { stripePath, stripeSecret } from '../support/signed-events.ts';
import { stripeForTest } from '../support/stripe-server.ts';
import { until } from '../support/until.ts';

const signal = new AbortController().signal;

test('payments at Stripe reach their orders, whatever its events go through on their way', async () => {
  const stripe = await stripeForTest();
  const provider = stripeProvider({ apiKey: 'sk_test_1', apiUrl: stripe.url });
  const checkout = await checkoutForTest({ variables: { STRIPE_WEBHOOK_SECRETS: stripeSecret } });
  const productId = await checkout.createProduct({ stock: 100 });
  // Twice each, and later ones may overtake earlier ones.
  let told = 0;
  stripe.webhook = {
    url: checkout.url + stripePath,
    secret: stripeSecret,
    plan: () => {
      told += 1;
      return [(told * 7) % 40, (told * 13) % 60];
    },
  };
  const orders: { readonly order: Body; readonly intent: PaymentIntent }[] = [];
  for (let count = 0; count < 20; count += 1) {
    const order = await checkout.ordered(productId);
    const { order_id: orderId, hold_id: holdId, currency } = order;
    const asked = { orderId, holdId, amountMinor: order.total * 100, currency };
    orders.push({ order, intent: await provider.createIntent(asked, signal) });
  }

  for (const [index, { order, intent }] of orders.entries()) {
    switch (index % 4) {
      case 0:
        stripe.ledger.pay(intent.reference);
        break;
      case 1:
        stripe.ledger.decline(intent.reference);
        stripe.ledger.pay(intent.reference);
        break;
      case 2:
        await provider.cancelIntent(intent.reference, signal);
        break;
      case 3:
        await checkout.cancel(order.order_id);
        stripe.ledger.pay(intent.reference);
        break;
    }
  }
  await until(() => stripe.undelivered === 0);

  const ended = await Promise.all(
    orders.map(async ({ order }) => (await checkout.get(`/api/v1/orders/${order.order_id}`)).body.status),
  );
  expect(ended).toEqual(Array(5).fill(['paid', 'paid', 'failed', 'paid']).flat());
  expect((await checkout.product(productId)).body).toMatchObject({ stock: 85, held_stock: 0 });
  expect(new Set(stripe.deliveries.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await checkout.auditDifferences()).toEqual([]);
});
