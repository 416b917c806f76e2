import { beforeEach, describe, expect, test } from 'vitest';
import type { Order } from '../../src/domain/order.ts';
import type { PaymentIntent } from '../../src/domain/payment-intent.ts';
import { intentAskingRound, intentClosingRound } from '../../src/workers/payment-intent-worker.ts';
import { emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { ProviderAtHand } from '../support/provider-at-hand.ts';
import { Sale } from '../support/sale.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('payments of unpaid orders on $name', (kind) => {
  const database = emptyDatabase(kind);
  let provider: ProviderAtHand;
  let told: string[];
  beforeEach(() => {
    provider = new ProviderAtHand();
    told = [];
  });

  const stopping = new AbortController();
  const work = (sale: Sale, reader = database.store) => ({
    reader,
    engine: sale.engine,
    provider,
    stopping: stopping.signal,
    failed: (_intent: PaymentIntent, { message }: Error) => told.push(message),
    answerMs: 30,
  });

  /** An order with the payment that the provider was asked for. */
  async function ordered(paymentSeconds: number) {
    const sale = new Sale(database.store, { rules: { paymentSeconds } });
    const order = await sale.order((await sale.hold(await sale.product())).id);
    const intent = await provider.createIntent({ orderId: order.id }, stopping.signal);
    await sale.engine.submit({
      kind: 'record_payment_intent',
      orderId: order.id,
      provider: 'stripe',
      ...intent,
    });
    provider.asked.length = 0;
    return { sale, order, intent };
  }
  const now = async ({ id }: Order) =>
    (await database.store.order(id))?.value ?? expect.fail('the order is gone');

  describe('before the deadline', () => {
    test('one that was paid without our learning of it makes its order paid; the deadline stays', async () => {
      const { sale, order, intent } = await ordered(10);
      provider.pay(intent, order.totalMinor);

      await intentAskingRound(work(sale))();

      const after = await now(order);
      expect(after.order).toEqual({ ...order, status: 'paid' });
      expect(after.paymentIntent?.status).toBe('closed');
      const late = await sale.pay({ orderId: order.id, reference: intent.reference });
      expect(late).toMatchObject({ result: 'ignored', stockDeducted: 0 });
      expect(after.refunds).toEqual([]);
    });

    test('is asked for when 15 s are left, and then not in every round', async () => {
      const { sale } = await ordered(60);
      const [early, near] = [intentAskingRound(work(sale)), await ordered(12)];
      await early();
      await early();
      expect(provider.asked).toEqual(['lookUpIntent']);
      expect((await now(near.order)).order.status).toBe('pending');
    });

    test('a provider that does not answer changes nothing', async () => {
      const { sale, order, intent } = await ordered(10);
      provider.pay(intent, order.totalMinor);
      provider.faults = ['lost after'];

      await intentAskingRound(work(sale))();

      expect(told).toEqual(['no answer in time']);
      expect((await now(order)).order).toEqual(order);
    });

    test('two processes that ask at once apply one payment', async () => {
      const { sale, order, intent } = await ordered(10);
      provider.pay(intent, order.totalMinor);
      const other = database.another();
      const otherSale = new Sale(other);

      await Promise.all([intentAskingRound(work(sale))(), intentAskingRound(work(otherSale, other))()]);

      const after = await now(order);
      expect([after.order.status, after.refunds]).toEqual(['paid', []]);
      expect(await database.store.audit()).toMatchObject({ ok: true });
    });
  });

  describe('after the order has ended', () => {
    test('are closed at the provider, once', async () => {
      const { sale, order, intent } = await ordered(600);
      const close = intentClosingRound(work(sale));
      await close();
      expect(provider.asked).toEqual([]);

      await sale.engine.submit({ kind: 'cancel_order', orderId: order.id });
      await close();
      await close();

      expect(provider.asked).toEqual(['cancelIntent']);
      expect(provider.intents.get(intent.reference)).toEqual({ status: 'closed' });
      expect((await now(order)).paymentIntent?.status).toBe('closed');
    });

    test('one that was paid while it was being closed is a late payment', async () => {
      const { sale, order, intent } = await ordered(600);
      provider.pay(intent, order.totalMinor);
      await sale.engine.submit({ kind: 'cancel_order', orderId: order.id });

      await intentClosingRound(work(sale))();

      const after = await now(order);
      expect([after.order.status, after.paymentIntent?.status]).toEqual(['paid', 'closed']);
      expect(await database.store.audit()).toMatchObject({ ok: true });
    });

    test('are closed later when the provider does not answer', async () => {
      const { sale, order } = await ordered(600);
      await sale.pay({ orderId: order.id, status: 'failed' });
      provider.faults = ['lost before', 'lost after'];
      const close = intentClosingRound(work(sale));

      await close();
      expect((await now(order)).paymentIntent?.status).toBe('open');
      await until(async () => {
        await close();
        return (await now(order)).paymentIntent?.status === 'closed';
      });
      expect(provider.asked).toHaveLength(3);
    });

    test('two processes that close at once do no harm', async () => {
      const { sale, order, intent } = await ordered(600);
      provider.pay(intent, order.totalMinor);
      await sale.engine.submit({ kind: 'cancel_order', orderId: order.id });
      const other = database.another();

      await Promise.all([
        intentClosingRound(work(sale))(),
        intentClosingRound(work(new Sale(other), other))(),
      ]);

      const after = await now(order);
      expect([after.order.status, after.refunds, after.paymentIntent?.status]).toEqual([
        'paid',
        [],
        'closed',
      ]);
    });
  });
});
