import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  aRefund,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';
import { audit } from '../../test/support/world-auditor.ts';
import type { ApplyProviderRefund } from './commands.ts';

const total = 239_998;

function returned(refundedMinor: number, over: Partial<ApplyProviderRefund> = {}): ApplyProviderRefund {
  return {
    kind: 'apply_provider_refund',
    reference: 'pi_first',
    refundedMinor,
    currency: 'USD',
    providerReference: 're_1',
    ...over,
  };
}

describe('money that is owed', () => {
  it('is settled by the word that it went back', () => {
    const world = worldOf(orderedRows('refund_due'));
    const refund = aRefund({ status: 'succeeded', providerReference: 're_1' });
    const told = world.batch([returned(total)], noonMs);
    expect(told.outcomes).toEqual([
      {
        kind: 'provider_refund_applied',
        result: 'processed',
        refund,
        order: anOrder({ status: 'refunded' }),
      },
    ]);
    expect(told.happened).toEqual([{ kind: 'refund_succeeded', refund }]);
    expect(world.one(returned(total), noonMs)).toMatchObject({ result: 'ignored', refund });
  });

  it('is settled also without an order', () => {
    const world = worldOf({
      products: [aProduct()],
      holds: [aHold({ status: 'released' })],
      payments: [aPayment({ orderId: null, settlement: 'refunded' })],
      refunds: [aRefund({ orderId: null, reason: 'hold_ended' })],
    });
    expect(world.one(returned(total), noonMs)).toMatchObject({
      result: 'processed',
      refund: { status: 'succeeded' },
      order: null,
    });
  });

  it('succeeds in the batch that makes it due, when the provider reports it together with the payment', () => {
    const world = worldOf(orderedRows('pending'));
    const event = applyEvent({
      status: 'paid',
      amountMinor: total + 1,
      currency: 'USD',
      reference: 'pi_first',
    });
    const { outcomes } = world.batch([event, returned(total + 1)], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'amount_mismatch' } },
      { result: 'processed', refund: { reason: 'amount_mismatch', status: 'succeeded' } },
    ]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is still due when only a part of it went back', () => {
    const world = worldOf(orderedRows('refund_due'));
    expect(world.one(returned(total - 1), noonMs)).toMatchObject({ result: 'ignored', refund: aRefund() });
  });
});

describe('money that bought an order', () => {
  it('makes the order refunded when all of it went back; the units stay sold', () => {
    const world = worldOf(orderedRows('paid'));
    const told = world.batch([returned(total)], noonMs);
    const refund = aRefund({
      status: 'succeeded',
      reason: 'returned',
      providerReference: 're_1',
      createdAtMs: noonMs,
    });
    expect(told.outcomes).toEqual([
      {
        kind: 'provider_refund_applied',
        result: 'processed',
        refund,
        order: anOrder({ status: 'refunded' }),
      },
    ]);
    expect(told.happened).toEqual([{ kind: 'refund_succeeded', refund }]);
    expect(world.payments.get('ref:pi_first')?.settlement).toBe('refunded');
    expect(world.holds.get(70)?.status).toBe('consumed');
    expect(world.products.get(1)).toMatchObject({ stock: 10, held: 0 });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is noted in part, the largest sum so far, in whatever order and however often it is told', () => {
    const world = worldOf(orderedRows('paid'));
    for (const [sum, result] of [
      [1000, 'processed'],
      [1000, 'ignored'],
      [3000, 'processed'],
      [2000, 'ignored'],
    ] as const) {
      expect(world.one(returned(sum), noonMs)).toMatchObject({ result, order: { status: 'paid' } });
      expect(audit(world, noonMs)).toEqual([]);
    }
    expect([...world.refunds.values()]).toMatchObject([
      { amountMinor: 3000, status: 'succeeded', reason: 'returned_in_part' },
    ]);
    expect(world.payments.get('ref:pi_first')?.settlement).toBe('fulfilled');

    expect(world.one(returned(total), noonMs)).toMatchObject({ result: 'processed' });
    expect([...world.refunds.values()]).toMatchObject([{ amountMinor: total, reason: 'returned' }]);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(world.one(returned(3000), noonMs)).toMatchObject({ result: 'ignored' });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is told of in one batch with the event that it came', () => {
    const world = worldOf(orderedRows('pending'));
    const [paid, back] = world.submit([applyEvent(), returned(total, { reference: 'pi_1' })], noonMs);
    expect(paid).toMatchObject({ answer: { result: 'processed', orderStatus: 'paid' } });
    expect(back).toMatchObject({ result: 'processed', order: { status: 'refunded' } });
    expect(audit(world, noonMs)).toEqual([]);
  });
});

describe('money that was flagged', () => {
  const flagged = () => {
    const world = worldOf({ ...orderedRows('paid'), payments: [aPayment({ name: 'key:evt_0' })] });
    expect(world.one(applyEvent(), noonMs)).toMatchObject({ answer: { result: 'possible_second_payment' } });
    return world;
  };

  it('needs nobody any more once all of it went back; its order was paid with other money', () => {
    const world = flagged();
    expect(world.one(returned(total, { reference: 'pi_1' }), noonMs)).toMatchObject({
      result: 'processed',
      refund: { reason: 'returned', status: 'succeeded' },
      order: { status: 'paid' },
    });
    expect(world.payments.get('ref:pi_1')?.settlement).toBe('refunded');
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('still needs a look when a part of it went back', () => {
    const world = flagged();
    expect(world.one(returned(1, { reference: 'pi_1' }), noonMs)).toMatchObject({ result: 'ignored' });
    expect(world.payments.get('ref:pi_1')?.settlement).toBe('flagged');
    expect(world.refunds.size).toBe(0);
  });
});

it.each([
  ['nobody knows the payment', { reference: 'pi_unknown' }],
  ['the currency is another', { currency: 'EUR' }],
  ['nothing went back', { refundedMinor: 0 }],
])('changes nothing when %s', (_case, over) => {
  const world = worldOf(orderedRows('paid'));
  const told = world.batch([returned(total, over)], noonMs);
  expect(told.outcomes).toMatchObject([{ kind: 'provider_refund_applied', result: 'ignored' }]);
  expect(told.changes.refunds).toEqual({ inserted: [], updated: [] });
  expect(told.changes.products.updated).toEqual([]);
});

it('is looked for again when the payment came between the look for it and the lock', () => {
  const world = worldOf(orderedRows('paid'));
  const located = {
    ...world.load([returned(total)], noonMs),
    products: new Map(),
    holds: new Map(),
    orders: new Map(),
  };
  expect(world.decide(located, [returned(total)]).outcomes).toEqual([{ kind: 'deferred' }]);
});
