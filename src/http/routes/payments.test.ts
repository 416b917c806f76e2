import { describe, expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';
import type { PaymentAnswer } from '../../domain/payment.ts';

const processed: PaymentAnswer = {
  result: 'processed',
  orderId: 5,
  orderStatus: 'paid',
  stockDeducted: 2,
};

function post(payload: object, answer: PaymentAnswer = processed, replayed = false) {
  const { app, commands } = serverWith({
    decide: () => ({ kind: 'payment_event_answered', answer, replayed }),
  });
  return app
    .inject({ method: 'POST', url: '/api/v1/payments/webhook', payload })
    .then((response) => ({ response, commands }));
}

describe('a payment event', () => {
  const event = { idempotency_key: 'pay_1', order_id: 5, status: 'paid' };

  it('becomes a command with one word for its status and capitals for its currency', async () => {
    const { response, commands } = await post({
      ...event,
      status: 'succeeded',
      hold_id: 6,
      amount: 2399.98,
      currency: 'usd',
      payment_reference: 'pi_1',
      created: { by: 'the provider' },
    });
    expect(response.statusCode).toBe(200);
    expect(commands).toEqual([
      {
        kind: 'apply_payment_event',
        event: {
          key: 'pay_1',
          orderId: 5,
          holdId: 6,
          status: 'paid',
          amountMinor: 239_998,
          currency: 'USD',
          reference: 'pi_1',
        },
      },
    ]);
  });

  it.each([
    ['paid', 'paid'],
    ['succeeded', 'paid'],
    ['success', 'paid'],
    ['failed', 'failed'],
    ['failure', 'failed'],
  ])('with the status %s says %s', async (status, normalised) => {
    const { commands } = await post({ ...event, status });
    expect(commands).toMatchObject([{ event: { status: normalised, amountMinor: null, currency: null } }]);
  });

  it.each([
    ['refunded', null],
    ['refund_failed', 're_1'],
    ['disputed', 'dp_1'],
    ['dispute_won', 'dp_1'],
    ['dispute_lost', 'dp_1'],
  ])('with the status %s is a fact with the id that belongs to it and a time', async (status, factId) => {
    const ids = { refund_id: 're_1', dispute_id: 'dp_1' };
    const { commands } = await post({ ...event, ...ids, status, occurred_at: '2026-11-27T10:00:00+01:00' });
    const occurredAtMs = Date.UTC(2026, 10, 27, 9);
    expect(commands).toMatchObject([{ event: { status, factId, occurredAtMs, amountMinor: null } }]);
    const plain = await post({ ...event, status });
    expect(plain.commands).toMatchObject([{ event: { factId: null, occurredAtMs: null } }]);
  });

  it.each(['paid', 'failed'])('with the status %s may have any fields of its provider', async (status) => {
    const own = { occurred_at: 1_795_770_000, refund_id: null, dispute_id: { of: 'the provider' } };
    const { response, commands } = await post({ ...event, ...own, status });
    expect(response.statusCode).toBe(200);
    expect(commands).toMatchObject([{ event: { key: 'pay_1', status } }]);
    expect(Object.keys(Object(commands[0]?.kind === 'apply_payment_event' ? commands[0].event : {}))).toEqual(
      [...['key', 'orderId', 'holdId', 'status', 'amountMinor', 'currency', 'reference']],
    );
  });

  it('may report that nothing of a payment is returned any more', async () => {
    const { commands } = await post({ ...event, status: 'refunded', amount: 0, currency: 'USD' });
    expect(commands).toMatchObject([{ event: { status: 'refunded', amountMinor: 0 } }]);
  });

  it('without an order is answered with null in its place', async () => {
    const answer: PaymentAnswer = { ...processed, orderId: null, orderStatus: null, stockDeducted: 0 };
    const { response } = await post({ ...event, status: 'refunded' }, answer);
    expect(response.body).toBe(
      '{"result":"processed","order_id":null,"order_status":null,"stock_deducted":0}',
    );
  });

  it('is answered with what came of it, and the same bytes again', async () => {
    const first = await post(event);
    const again = await post(event, processed, true);
    expect(first.response.body).toBe(
      '{"result":"processed","order_id":5,"order_status":"paid","stock_deducted":2}',
    );
    expect(again.response.body).toBe(first.response.body);
    expect(again.response.headers['idempotency-replayed']).toBe('true');
  });

  it('that waits for its order is answered 202', async () => {
    const { response } = await post(event, { result: 'parked' });
    expect([response.statusCode, response.body]).toEqual([202, '{"result":"parked"}']);
  });

  it.each([
    ['no order and no hold', { order_id: undefined }, ['order_id']],
    ['an amount without a currency', { amount: 1 }, ['currency']],
    ['a currency without an amount', { currency: 'USD' }, ['amount']],
    ['an unknown currency', { amount: 1, currency: 'XYW' }, ['currency']],
    ['more decimals than its currency has', { amount: 1.001, currency: 'USD' }, ['amount']],
    ['decimals of a currency without any', { amount: 1.5, currency: 'JPY' }, ['amount']],
    ['an amount of nothing', { amount: 0, currency: 'USD' }, ['amount']],
    ['a failed refund of nothing', { status: 'refund_failed', amount: 0, currency: 'USD' }, ['amount']],
    ['a dispute about nothing', { status: 'disputed', amount: 0, currency: 'USD' }, ['amount']],
    ['a lost dispute about nothing', { status: 'dispute_lost', amount: 0, currency: 'USD' }, ['amount']],
    ['a time without its zone', { status: 'refunded', occurred_at: '2026-11-27T10:00:00' }, ['occurred_at']],
    ['a time in seconds', { status: 'refunded', occurred_at: 1_795_770_000 }, ['occurred_at']],
    [
      'a day that does not exist',
      { status: 'refunded', occurred_at: '2026-02-30T10:00:00Z' },
      ['occurred_at'],
    ],
    ['an empty id of a dispute', { status: 'disputed', dispute_id: '' }, ['dispute_id']],
    ['an id of a refund as a number', { status: 'refund_failed', refund_id: 1 }, ['refund_id']],
    ['an amount as text', { amount: '1', currency: 'USD' }, ['amount']],
    ['an unknown status', { status: 'settled' }, ['status']],
    ['no key', { idempotency_key: undefined }, ['idempotency_key']],
    ['a key that is no text', { idempotency_key: 7 }, ['idempotency_key']],
    ['a key beyond ASCII', { idempotency_key: 'ключ' }, ['idempotency_key']],
    ['an empty reference', { payment_reference: '' }, ['payment_reference']],
    ['an id as text', { order_id: '5' }, ['order_id']],
  ])('with %s is refused', async (_, change, fields) => {
    const { response, commands } = await post({ ...event, ...change });
    expect(response.statusCode).toBe(422);
    expect(response.json().errors.map((error: { field: string }) => error.field)).toEqual(fields);
    expect(commands).toEqual([]);
  });
});

it('the endpoint of unsigned events is closed where they are not believed', async () => {
  const { app } = serverWith({ deps: { paymentEvents: 'closed' } });
  const answer = await app.inject({ method: 'POST', url: '/api/v1/payments/webhook', payload: {} });
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
});
