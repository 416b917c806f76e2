import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { embeddedAndServer } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

// Whether an event is believed is decided before anything comes to the database.
describeEach(embeddedAndServer)('signed payment events on $name', (kind) => {
  const secret = `whsec_${Buffer.from('a secret that is long enough').toString('base64')}`;
  const newSecret = `whsec_${Buffer.from('another one, just as long').toString('base64')}`;

  describe('an endpoint whose events are signed', () => {
    let checkout: Checkout;
    let orderId: number;
    let sent = 0;

    beforeAll(async () => {
      checkout = await startCheckout({
        database: kind,
        variables: { WEBHOOK_SECRETS: `${secret},${newSecret}` },
      });
      const hold = await checkout.hold(await checkout.createProduct());
      orderId = (await checkout.order(hold.body.hold_id)).body.order_id;
    });
    afterAll(() => checkout.stop());

    type Forgery = {
      readonly body?: (signed: string) => string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly atMs?: number;
      readonly by?: string;
    };

    /** An event for an order that nobody knows, so that all that is taken is parked, signed and then tampered with. */
    function send({ body = (signed) => signed, headers = {}, atMs = Date.now(), by = secret }: Forgery = {}) {
      sent += 1;
      const id = `msg_${sent}`;
      const at = new Date(atMs);
      const signed = JSON.stringify({ idempotency_key: `evt_${sent}`, order_id: sent, status: 'paid' });
      return checkout.post('/api/v1/payments/webhook', body(signed), {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(by).sign(id, at, signed),
        ...headers,
      });
    }

    test.each([
      ['the secret', secret],
      ['the secret that replaces it', newSecret],
    ])('takes an event that was signed with %s', async (_name, by) => {
      expect((await send({ by })).body).toEqual({ result: 'parked' });
    });

    const stranger = `whsec_${Buffer.from('nobody knows this secret').toString('base64')}`;
    test.each<[string, Forgery]>([
      ['a secret of somebody else', { by: stranger }],
      ['another body', { body: (signed) => signed.replace('paid', 'failed') }],
      ['a body that was written again', { body: (signed) => JSON.stringify(JSON.parse(signed), null, 1) }],
      ['a body that is no JSON', { body: () => '{' }],
      ['no body', { body: () => '' }],
      ['another id', { headers: { 'webhook-id': 'msg_other' } }],
      ['another time', { headers: { 'webhook-timestamp': '1700000000' } }],
      ['an old time', { atMs: Date.now() - 400_000 }],
      ['a time to come', { atMs: Date.now() + 400_000 }],
      ['an empty signature', { headers: { 'webhook-signature': '' } }],
      ['a signature of another version', { headers: { 'webhook-signature': 'v2,abc' } }],
    ])('refuses an event with %s', async (_name, forgery) => {
      const reply = await send(forgery);
      expect([reply.status, reply.body.code]).toEqual([401, 'invalid_signature']);
    });

    test('refuses an unsigned event', async () => {
      const reply = await checkout.pay({ idempotency_key: 'pay_unsigned', order_id: orderId });
      expect([reply.status, reply.body.code]).toEqual([401, 'invalid_signature']);
      expect((await checkout.get(`/api/v1/orders/${orderId}`)).body.status).toBe('pending');
    });

    test('takes the signed id for the key of an event that has none', async () => {
      const signed = JSON.stringify({ order_id: orderId, status: 'paid' });
      const at = new Date();
      const headers = {
        'webhook-id': 'msg_key',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign('msg_key', at, signed),
      };
      const first = await checkout.post('/api/v1/payments/webhook', signed, headers);
      const again = await checkout.post('/api/v1/payments/webhook', signed, headers);
      expect(first.body).toMatchObject({ result: 'processed', order_status: 'paid' });
      expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
    });
  });

  test('an endpoint without a secret of its own is closed once another one has one', async () => {
    const checkout = await startCheckout({
      database: kind,
      variables: { STRIPE_WEBHOOK_SECRETS: 'whsec_stripe' },
    });
    const reply = await checkout.pay({ idempotency_key: 'pay_1', order_id: 1 });
    expect([reply.status, reply.body.code]).toEqual([404, 'route_not_found']);
    await checkout.stop();
  });
});
