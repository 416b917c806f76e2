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

  /** A refund of 100.00, a payment that does not have the amount of its order. */
  async function dueRefund(reference: string | null = 'pi_wrong'): Promise<Refund> {
    const order = await sale.order((await sale.hold(productId)).id);
    if (reference !== null) {
      provider.pay({ reference }, 10_000);
    }
    await sale.pay({ orderId: order.id, reference, amountMinor: 10_000, currency: 'USD' });
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

    expect(provider.refundRequests).toEqual([
      {
        refundId: refund.id,
        paymentReference: 'pi_wrong',
        amountMinor: 10_000,
        owedMinor: 10_000,
        knownReferences: [],
        currency: 'USD',
        mayBeForgotten: false,
      },
    ]);
    expect(provider.asked).toEqual(['sendRefund']);
    expect(await now(refund)).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      providerReference: provider.refunds[0]?.reference,
    });
    expect(provider.returnedOf('pi_wrong')).toBe(10_000);
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
      expect(provider.refunds).toMatchObject([{ refundId: refund.id, amountMinor: 10_000 }]);
    },
  );

  test('leaves a refund that the provider refuses to an operator for a while', async () => {
    const refund = await dueRefund();
    provider.faults = ['refused'];

    await round();
    await round();

    expect(provider.asked).toEqual(['sendRefund', 'lookUpReturned']);
    const refused = await now(refund);
    expect(refused).toMatchObject({ status: 'due', attempts: 1, lastError: 'there is no such payment' });
    expect(refused.nextAttemptAtMs).toBeGreaterThan(database.store.nowMs() + 20_000);
    const settled = await sale.engine.submit({ kind: 'settle_refund', refundId: refund.id });
    expect(settled.outcome.kind).toBe('refund_settled');
  });

  test('sends what is left of a payment of which a part was returned by hand, after one refusal', async () => {
    const refund = await dueRefund();
    provider.returnByHand('pi_wrong', 4_000);

    await round();
    expect(provider.asked).toEqual(['sendRefund', 'lookUpReturned']);
    expect(await now(refund)).toMatchObject({ status: 'due', returnedMinor: 4_000 });
    await round();
    await round();

    expect(provider.refundRequests.map(({ amountMinor }) => amountMinor)).toEqual([10_000, 6_000]);
    expect(provider.returnedOf('pi_wrong')).toBe(10_000);
    expect(await now(refund)).toMatchObject({ status: 'succeeded', amountMinor: 10_000, sentMinor: 6_000 });
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
      providerReference: provider.refunds[0]?.reference,
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
    expect(provider.refunds.map(({ refundId }) => refundId).toSorted()).toEqual(
      refunds.map(({ id }) => id).toSorted(),
    );
    expect(await database.store.audit()).toMatchObject({ ok: true });
  });
});
