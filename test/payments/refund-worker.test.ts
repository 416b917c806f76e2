import { beforeEach, expect, test } from 'vitest';
import type { Refund } from '../../src/domain/refund.ts';
import { refundRound } from '../../src/workers/refund-worker.ts';
import { emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { ProviderAtHand } from '../support/provider-at-hand.ts';
import { Sale } from '../support/sale.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('the refund worker on $name', (kind) => {
  const database = emptyDatabase(kind);
  let sale: Sale;
  let productId: number;
  let provider: ProviderAtHand;
  beforeEach(async () => {
    sale = new Sale(database.store);
    productId = await sale.product({ stock: 1_000 });
    provider = new ProviderAtHand();
  });

  const stopping = new AbortController().signal;
  const round = (by = sale, reader = database.store) =>
    refundRound({ reader, engine: by.engine, provider, stopping, answerMs: 30 })();

  /** A refund of a payment that came after its order was cancelled and its units were gone. */
  async function dueRefund(reference: string | null = 'pi_late'): Promise<Refund> {
    const order = await sale.order((await sale.hold(productId)).id);
    await sale.pay({ orderId: order.id, reference, amountMinor: 1, currency: 'USD' });
    const { items } = await database.store.refunds({ orderId: order.id }, { limit: 1, cursor: null });
    return items[0] ?? expect.fail('there is no refund');
  }
  const now = async ({ id, orderId }: Refund): Promise<Refund> => {
    const { items } = await database.store.refunds(
      { orderId: orderId ?? undefined },
      { limit: 10, cursor: null },
    );
    return items.find((refund) => refund.id === id) ?? expect.fail('the refund is gone');
  };
  const rounds = (refund: Refund) =>
    until(async () => {
      await round();
      return (await now(refund)).status === 'succeeded';
    });

  test('sends what is due to its payment, once, and writes down what the provider calls it', async () => {
    const refund = await dueRefund();

    await round();
    await round();

    expect([...provider.sent.values()]).toEqual([
      {
        refundId: refund.id,
        paymentReference: 'pi_late',
        amountMinor: 1,
        currency: 'USD',
        mayBeForgotten: false,
      },
    ]);
    expect(provider.asked).toEqual(['sendRefund']);
    expect(await now(refund)).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      providerReference: `re_${refund.id}`,
    });
  });

  test.each(['lost before', 'lost after'] as const)(
    'sends a refund whose answer was %s the effect again, and the money moves once',
    async (fault) => {
      const refund = await dueRefund();
      provider.faults = [fault, fault];

      await round();
      expect(await now(refund)).toMatchObject({ status: 'due', attempts: 1 });
      expect((await now(refund)).lastError).not.toBeNull();
      await rounds(refund);

      expect(provider.asked).toHaveLength(3);
      expect([...provider.sent.keys()]).toEqual([refund.id]);
    },
  );

  test('leaves a refund that the provider refuses to an operator for a while', async () => {
    const refund = await dueRefund();
    provider.faults = ['refused'];

    await round();
    await round();

    expect(provider.asked).toEqual(['sendRefund']);
    const refused = await now(refund);
    expect(refused).toMatchObject({ status: 'due', attempts: 1, lastError: 'there is no such payment' });
    expect(refused.nextAttemptAtMs).toBeGreaterThan(database.store.nowMs() + 20_000);
    const settled = await sale.engine.submit({ kind: 'settle_refund', refundId: refund.id });
    expect(settled.outcome.kind).toBe('refund_settled');
  });

  test('does not send what the provider still works on a second time', async () => {
    const refund = await dueRefund();
    provider.faults = ['pending'];

    await round();
    await round();

    expect(provider.asked).toEqual(['sendRefund']);
    expect(await now(refund)).toMatchObject({
      status: 'due',
      lastError: null,
      providerReference: `re_${refund.id}`,
    });
  });

  test('does not touch a payment that no provider would know', async () => {
    const refund = await dueRefund(null);
    await round();
    expect(provider.asked).toEqual([]);
    expect((await now(refund)).status).toBe('due');
  });

  test('of two processes at once sends each refund once', async () => {
    const refunds: Refund[] = [];
    for (let index = 0; index < 12; index += 1) {
      refunds.push(await dueRefund(`pi_${index}`));
    }
    const other = database.another();

    await Promise.all([round(), round(new Sale(other), other), round()]);

    expect(provider.asked).toHaveLength(refunds.length);
    expect(new Set(provider.sent.keys())).toEqual(new Set(refunds.map(({ id }) => id)));
    expect(await database.store.audit()).toMatchObject({ ok: true });
  });
});
