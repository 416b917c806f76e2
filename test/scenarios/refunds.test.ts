import { beforeEach, expect, test } from 'vitest';
import { type Body, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import type { CheckoutClient } from '../support/checkout-client.ts';
import { runCommand, startProcess } from '../support/checkout-process.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  type StripeFault,
  type StripeRequest,
  type StripeServer,
  stripeForTest,
} from '../support/stripe-server.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('refunds through Stripe on $name', (kind) => {
  let database: OpenDatabase;
  let stripe: StripeServer;
  let variables: Readonly<Record<string, string>>;
  beforeEach(async () => {
    stripe = await stripeForTest();
    database = await databaseForTest(kind);
    variables = { STRIPE_API_KEY: 'sk_test_1', STRIPE_API_URL: stripe.url };
  });

  /** An order for which Stripe took less money than it should have, and a service that has been told. */
  async function paidWrongly(shop: CheckoutClient): Promise<Body> {
    const order = await shop.ordered(await shop.createProduct());
    const intent = [...stripe.ledger.intents.values()].find(
      ({ metadata }) => metadata.flash_sale_order_id === String(order.order_id),
    );
    expect(intent?.amount).toBe(10_000);
    stripe.ledger.pay(intent?.id ?? '', { amount: 4_000 });
    const { body } = await shop.pay({
      idempotency_key: `evt_${order.order_id}`,
      order_id: order.order_id,
      amount: 40,
      currency: 'USD',
      payment_reference: intent?.id,
    });
    expect(body.result).toBe('amount_mismatch');
    return order;
  }

  const isRefund = ({ method, path }: StripeRequest) => method === 'POST' && path === '/v1/refunds';
  const sent = () => stripe.requests.filter(isRefund);
  const refundOf = async (shop: CheckoutClient, order: Body) => (await shop.refundsOf(order))[0];

  /** What Stripe says of the money, and not what we believe. */
  function expectSentBackOnce(): void {
    expect(stripe.ledger.refunds).toMatchObject([{ amount: 4_000, status: 'succeeded' }]);
    expect([...stripe.ledger.charges.values()]).toMatchObject([{ amount: 4_000, amount_refunded: 4_000 }]);
  }

  test.each<[string, StripeFault]>([
    ['gets no answer and was not made', { kind: 'hang-up', done: false }],
    ['gets no answer and was made', { kind: 'hang-up', done: true }],
    ['fails without a trace', { kind: 'failure', done: false, kept: false }],
    ['fails for as long as Stripe remembers it', { kind: 'failure', done: false, kept: true }],
    ['is said to fail and was made', { kind: 'failure', done: true, kept: true }],
    ['is one of too many', { kind: 'busy' }],
  ])(
    'one whose request %s is sent again until it is confirmed, and the money goes back once',
    async (_, fault) => {
      const shop = await checkoutForTest({ database, variables });
      const faults = [fault, fault];
      stripe.faultOf = (request) => (isRefund(request) ? (faults.shift() ?? null) : null);

      const order = await paidWrongly(shop);

      await until(async () => (await refundOf(shop, order))?.status === 'succeeded');
      expect(sent().length).toBeGreaterThan(1);
      expect(sent()[1]?.key).toBe(sent()[0]?.key);
      expectSentBackOnce();
      expect(await shop.auditDifferences()).toEqual([]);
    },
  );

  test.each([
    ['before it came to Stripe', { kind: 'hang-up', done: false }],
    ['and Stripe has made it', { kind: 'hang-up', done: true }],
  ] as const)(
    'one whose process is killed between sending it, %s, and writing that down is sent once by the next process',
    async (_, fault) => {
      const first = await startProcess({ databaseUrl: database.url, variables });
      stripe.faultOf = (request) => {
        if (!isRefund(request)) {
          return null;
        }
        stripe.faultOf = () => null;
        first.signal('SIGKILL');
        return fault;
      };
      // It may be killed before it has answered.
      await paidWrongly(first).catch(() => undefined);
      await first.ended;
      expect(sent()).toHaveLength(1);
      // What was begun belongs to its process for a minute.
      await database.run('update refunds set next_attempt_at = null');

      const second = await startProcess({ databaseUrl: database.url, variables });
      const [order] = await second.items('/orders');
      await until(async () => order !== undefined && (await refundOf(second, order))?.status === 'succeeded');

      expect(sent().map(({ key }) => key)).toEqual(Array(2).fill(sent()[0]?.key));
      expectSentBackOnce();
      await second.kill();
      expect(runCommand('audit', database.url)).toMatchObject({ status: 0, stderr: '' });
    },
  );
});
