import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { Purchase } from './purchase.ts';
import { holdOfSecret, simulatedIntent } from './simulated-intent.ts';
import { SimulatedProvider } from './simulated-provider.ts';

const purchase: Purchase = {
  holdId: 7,
  order: { id: 5, status: 'pending', paymentDueAtMs: 600_000 },
  productName: 'Phone',
  quantity: 2,
  amountMinor: 239_998,
  currency: 'USD',
  nowMs: 0,
};
const { reference, clientSecret } = simulatedIntent(purchase);

describe('the simulated provider', () => {
  let provider: SimulatedProvider;
  let told: Record<string, unknown>[];
  const server = createServer(async (request, response) => {
    told.push(JSON.parse(await text(request)));
    response.writeHead(200).end();
  });
  beforeEach(async () => {
    told = [];
    provider = new SimulatedProvider(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    provider.deliverTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`);
  });
  afterEach(async () => {
    await provider.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives an order always the same payment, without being asked over a network', async () => {
    expect(provider.intentOf(purchase)).toEqual(await provider.createIntent(purchase));
    expect(holdOfSecret(clientSecret)).toBe(7);
  });

  it('tells of a payment in the words of the webhook, and knows it when it is asked', async () => {
    expect(await provider.lookUpIntent(reference)).toEqual({ status: 'open' });

    const paid = { status: 'paid', amountMinor: 239_998, currency: 'USD' };
    expect(provider.act(purchase, 'succeed')).toEqual(paid);

    await until(() => told.length === 1);
    expect(told).toEqual([
      {
        idempotency_key: 'evt_sim_7_order_paid',
        order_id: 5,
        status: 'paid',
        amount: 2399.98,
        currency: 'USD',
        payment_reference: 'sim_7',
      },
    ]);
    expect(await provider.lookUpIntent(reference)).toEqual(paid);
    expect(await provider.cancelIntent(reference)).toEqual(paid);
  });

  it('names the hold of an early payment only', async () => {
    provider.act(purchase, 'early');
    await until(() => told.length === 1);
    expect(told[0]).toMatchObject({ idempotency_key: 'evt_sim_7_hold_paid', hold_id: 7 });
    expect(told[0]).not.toHaveProperty('order_id');
  });

  it('takes no money for a payment that was cancelled, also when it was already on its way', async () => {
    provider.act(purchase, 'delay', 0);
    expect(await provider.cancelIntent(reference)).toEqual({ status: 'closed' });

    expect(provider.act(purchase, 'succeed')).toEqual({ status: 'closed' });
    const other = { ...purchase, holdId: 8 };
    provider.act(other, 'delay', 0);
    await until(() => told.length === 1);
    expect(told[0]).toMatchObject({ payment_reference: 'sim_8' });
  });

  it('sends its own payments back, and no others', async () => {
    const refund = {
      refundId: 9,
      paymentReference: reference,
      amountMinor: 1,
      owedMinor: 3,
      knownReferences: [],
      currency: 'USD',
      mayBeForgotten: false,
    };
    expect(await provider.sendRefund(refund)).toMatchObject({
      status: 'succeeded',
      reference: 'sim_refund_9_3_1',
      amountMinor: 1,
    });
    await expect(provider.sendRefund({ ...refund, paymentReference: 'pi_1' })).rejects.toMatchObject({
      kind: 'refused',
    });
  });
});
