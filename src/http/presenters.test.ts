import { describe, expect, it } from 'vitest';
import { aDispute, aHold, anOrder, aProduct, aRefund } from '../../test/support/server-with.ts';
import type { PaymentEvent } from '../domain/payment.ts';
import {
  presentCreatedHold,
  presentDecidedOrder,
  presentHold,
  presentOrder,
  presentPaymentEvent,
  presentProduct,
  presentRefund,
} from './presenters.ts';
import { timeText } from './time-text.ts';

describe('an instant', () => {
  it('has milliseconds only where there are any', () => {
    expect(timeText(Date.UTC(2025, 11, 2, 14, 32))).toBe('2025-12-02T14:32:00Z');
    expect(timeText(Date.UTC(2025, 11, 2, 14, 32, 0, 7))).toBe('2025-12-02T14:32:00.007Z');
  });
});

describe('a product', () => {
  it('shows decimals of its currency and what is available', () => {
    expect(JSON.stringify(presentProduct(aProduct))).toBe(
      '{"id":1,"name":"Phone","price":1199.99,"currency":"USD","stock":50,"held_stock":2,"available_stock":48,' +
        '"next_release_at":"2026-11-27T09:02:00Z","opens_at":null,"closes_at":null}',
    );
    expect(presentProduct({ ...aProduct, priceMinor: 500, currency: 'JPY' }).price).toBe(500);
    expect(presentProduct({ ...aProduct, priceMinor: 500, currency: 'KWD' }).price).toBe(0.5);
  });
});

describe('a hold', () => {
  const expired = { ...presentCreatedHold(aHold), status: 'released', order_id: null };

  it('is released for readers from the instant of its deadline', () => {
    expect(presentHold(aHold, null, aHold.expiresAtMs - 1).status).toBe('held');
    expect(presentHold(aHold, null, aHold.expiresAtMs)).toEqual(expired);
  });

  it('keeps the status of its creation in the answer of its creation', () => {
    expect(JSON.stringify(presentCreatedHold(aHold))).toBe(
      `{"hold_id":${aHold.id},"expires_at":"2026-11-27T09:02:00Z","product_id":1,"quantity":2,"status":"held"}`,
    );
  });
});

const created = { order: anOrder, refunds: [] };

describe('an order', () => {
  it('is expired for readers from the instant of its payment deadline', () => {
    expect(presentOrder(created, null, anOrder.paymentDueAtMs - 1).status).toBe('pending');
    expect(presentOrder(created, null, anOrder.paymentDueAtMs).status).toBe('expired');
  });

  it('shows its refunds, and the status that the command left', () => {
    const answer = { order: { ...anOrder, status: 'refund_due' } as const, refunds: [aRefund] };
    expect(presentDecidedOrder(answer, null)).toEqual({
      order_id: anOrder.id,
      hold_id: aHold.id,
      product_id: 1,
      quantity: 2,
      total: 2399.98,
      currency: 'USD',
      status: 'refund_due',
      payment_due_at: '2026-11-27T09:11:00Z',
      payment: null,
      refunds: [
        {
          refund_id: aRefund.id,
          amount: 2399.98,
          currency: 'USD',
          status: 'due',
          reason: 'late_payment',
        },
      ],
    });
  });
});

describe('money that came back', () => {
  it('is shown beside what is owed, and a refund of nothing is left out', () => {
    const part = { ...aRefund, returnedMinor: 4_000 };
    const failed = { ...aRefund, id: 2, amountMinor: 0, owedMinor: 0, reason: 'returned_in_part' } as const;
    const { refunds } = presentDecidedOrder({ order: anOrder, refunds: [part, failed] }, null);
    expect(refunds).toMatchObject([{ refund_id: aRefund.id, amount: 2399.98, returned: 40 }]);
  });

  it('is shown once where it is all that the refund records', () => {
    const returned = { ...aRefund, owedMinor: 0, returnedMinor: 239_998, reason: 'returned' } as const;
    const { refunds } = presentDecidedOrder({ order: anOrder, refunds: [returned] }, null);
    expect(refunds[0]).not.toHaveProperty('returned');
  });

  it('is shown with its disputes, and without any the field is absent', () => {
    const answer = presentDecidedOrder({ ...created, disputes: [aDispute] }, null);
    expect(answer.disputes).toEqual([
      { dispute_id: 'dp_1', amount: 2399.98, currency: 'USD', status: 'open' },
    ]);
    expect(presentDecidedOrder(created, null)).not.toHaveProperty('disputes');
  });
});

describe('the payment of an order', () => {
  it('is shown in words of the API', () => {
    const payment = { provider: 'stripe', clientSecret: 'pi_1_secret_2' };
    expect(presentDecidedOrder(created, payment).payment).toEqual({
      provider: 'stripe',
      client_secret: 'pi_1_secret_2',
    });
  });
});

describe('in the lists of the admin API', () => {
  it('a refund names its payment', () => {
    expect(presentRefund(aRefund)).toMatchObject({ payment: 'ref:pi_1', created_at: '2026-11-27T09:20:00Z' });
  });

  it('a payment event shows what came and what came of it', () => {
    const event: PaymentEvent = {
      key: 'pay_1',
      orderId: null,
      holdId: 9,
      status: 'paid',
      amountMinor: null,
      currency: null,
      reference: null,
      productId: null,
      result: 'unmatched',
      answer: { result: 'parked' },
      receivedAtMs: Date.UTC(2026, 10, 27),
    };
    expect(presentPaymentEvent(event)).toMatchObject({
      hold_id: 9,
      amount: null,
      result: 'unmatched',
      order_status: null,
    });
    const answer = { result: 'processed', orderId: 5, orderStatus: 'paid', stockDeducted: 2 } as const;
    expect(
      presentPaymentEvent({ ...event, amountMinor: 1050, currency: 'USD', result: 'processed', answer }),
    ).toMatchObject({ amount: 10.5, order_status: 'paid', stock_deducted: 2 });
  });
});
