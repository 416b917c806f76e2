import { expect, test } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { signEvent, stripeIntent, stripePath, stripeSecret } from '../support/signed-events.ts';
import { stripeForTest } from '../support/stripe-server.ts';
import { until } from '../support/until.ts';

/** A checkout with a key of Stripe, and an order that waits for its payment. */
async function saleWith(key: string) {
  const stripe = await stripeForTest();
  const checkout = await checkoutForTest({
    variables: {
      STRIPE_API_KEY: key,
      STRIPE_API_URL: stripe.url,
      STRIPE_WEBHOOK_SECRETS: stripeSecret,
    },
  });
  const order = await checkout.ordered(await checkout.createProduct());
  const paid = {
    id: 'evt_1',
    object: 'event',
    type: 'payment_intent.succeeded',
    data: { object: stripeIntent(order, { amount_received: 10_000, currency: 'usd' }) },
  };
  const send = async (event: object) => {
    const body = JSON.stringify(event);
    return checkout.post(stripePath, body, await signEvent(stripePath, body));
  };
  const status = async (): Promise<string> => (await checkout.orderOf(order)).status;
  return { checkout, order, paid, send, status };
}

test('a test event that names a real order does not pay it, and the log says so', async () => {
  const { checkout, order, paid, send, status } = await saleWith('sk_live_hunter2');

  const reply = await send({ ...paid, livemode: false });
  expect([reply.status, reply.body.result, await status()]).toEqual([200, 'ignored', 'pending']);
  await until(() => checkout.logged('Stripe event ignored').length > 0);
  expect(checkout.logged('Stripe event ignored')).toMatchObject([
    {
      level: 'warn',
      event_id: 'evt_1',
      order_id: order.order_id,
      hold_id: order.hold_id,
      reason: 'livemode is false, and STRIPE_API_KEY is a live key',
    },
  ]);
  expect(JSON.stringify(checkout.logLines())).not.toContain('hunter2');

  // The same payment of the live mode, under a key that the ignored event has not used up.
  expect([(await send({ ...paid, livemode: true })).body.result, await status()]).toEqual([
    'processed',
    'paid',
  ]);
});

test('a test event pays an order where the key is a test key', async () => {
  const { paid, send, status } = await saleWith('sk_test_1');
  expect((await send({ ...paid, livemode: false })).body.result).toBe('processed');
  expect(await status()).toBe('paid');
});

test('events of a connected account and thin events change nothing', async () => {
  const { checkout, paid, send, status } = await saleWith('sk_test_1');
  const thin = { id: 'evt_2', object: 'v2.core.event', type: 'v1.payment_intent.succeeded', created: 'now' };

  for (const event of [{ ...paid, account: 'acct_other' }, thin, { ...thin, id: 'evt_3' }]) {
    const reply = await send(event);
    expect([reply.status, reply.body.result, await status()]).toEqual([200, 'ignored', 'pending']);
  }
  const warning = /payload style 'snapshot'/;
  await until(() => checkout.logLines().some(({ msg }) => warning.test(String(msg))));
  expect(checkout.logLines().filter(({ msg }) => warning.test(String(msg)))).toHaveLength(1);
  expect(checkout.logged('Stripe event ignored')).toMatchObject([{ event_id: 'evt_1' }]);
});
