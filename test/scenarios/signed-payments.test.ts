import { expect, test } from 'vitest';
import { signStandardWebhook, signStripeEvent } from '../../src/payments/sign-test-event.ts';
import { type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { stripeIntent, stripePath, webhookPath } from '../support/signed-events.ts';

const secretOf = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`;
const [oldSecret, newSecret, stranger] = [
  secretOf('the secret that goes away'),
  secretOf('the secret that replaces it'),
  secretOf('the secret of somebody else'),
];

type Signing = { readonly secret: string; readonly body: string; readonly atMs?: number };
type Endpoint = {
  readonly path: string;
  readonly variable: string;
  readonly eventOf: (orderId: number) => object;
  readonly sign: (signing: Signing) => Promise<Readonly<Record<string, string>>>;
};

const endpoints: readonly Endpoint[] = [
  {
    path: webhookPath,
    variable: 'WEBHOOK_SECRETS',
    eventOf: (order_id) => ({ idempotency_key: `pay_${order_id}`, order_id, status: 'paid' }),
    sign: (signing) => signStandardWebhook({ id: 'msg_1', ...signing }),
  },
  {
    path: stripePath,
    variable: 'STRIPE_WEBHOOK_SECRETS',
    eventOf: (order_id) => ({
      id: `evt_${order_id}`,
      type: 'payment_intent.succeeded',
      data: { object: stripeIntent({ order_id }, { amount_received: 10_000, currency: 'usd' }) },
    }),
    sign: signStripeEvent,
  },
];
const setUps = sharedDatabases.flatMap((kind) =>
  endpoints.map((endpoint) => ({ kind, missing: kind.missing, ...endpoint })),
);

describeEach(setUps)('an event at $path on $kind.name', ({ kind, path, variable, eventOf, sign }) => {
  async function send(shop: Checkout, signing: Signing, body = signing.body) {
    return shop.post(path, body, await sign(signing));
  }

  test('that is forged, stale, ahead of its time or written again is refused and has no effect; the genuine one has it once', async () => {
    const shop = await checkoutForTest({ database: kind, variables: { [variable]: oldSecret } });
    const productId = await shop.createProduct();
    const order = await shop.ordered(productId);
    const body = JSON.stringify(eventOf(order.order_id));
    const genuine: Signing = { secret: oldSecret, body };

    const refused = [
      await send(shop, { ...genuine, secret: stranger }),
      await send(shop, { ...genuine, atMs: Date.now() - 400_000 }),
      await send(shop, { ...genuine, atMs: Date.now() + 400_000 }),
      await send(shop, genuine, JSON.stringify(JSON.parse(body), null, 1)),
      await send(shop, genuine, body.replace(String(order.order_id), '4503599627370')),
      await shop.post(path, body),
    ];

    expect(refused.map((reply) => [reply.status, reply.body.code])).toEqual(
      Array(refused.length).fill([401, 'invalid_signature']),
    );
    expect((await shop.admin('GET', '/payment-events')).body.items).toEqual([]);
    expect((await shop.orderOf(order)).status).toBe('pending');

    const [first, replayed] = [await send(shop, genuine), await send(shop, genuine)];
    expect(first.body).toMatchObject({ result: 'processed', order_status: 'paid' });
    expect([replayed.text, replayed.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
    expect((await shop.product(productId)).body).toMatchObject({ stock: 9, held_stock: 0 });
    expect(await shop.auditDifferences()).toEqual([]);
  });

  test('counts by the old and by the new secret while one replaces the other, and then by the new one only', async () => {
    const database = await databaseForTest(kind);
    const start = (secrets: string) => checkoutForTest({ database, variables: { [variable]: secrets } });
    const replacing = await start(`${newSecret},${oldSecret}`);
    const productId = await replacing.createProduct();
    const pay = async (shop: Checkout, secret: string) => {
      const { order_id } = await shop.ordered(productId);
      const { status } = await send(shop, { secret, body: JSON.stringify(eventOf(order_id)) });
      return [status, (await shop.orderOf({ order_id })).status];
    };

    expect(await pay(replacing, oldSecret)).toEqual([200, 'paid']);
    expect(await pay(replacing, newSecret)).toEqual([200, 'paid']);

    const replaced = await start(newSecret);
    expect(await pay(replaced, oldSecret)).toEqual([401, 'pending']);
    expect(await pay(replaced, newSecret)).toEqual([200, 'paid']);
  });
});
