import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import * as events from './log-events.ts';
import type { Logger } from './logger.ts';

/** The line that `tell` logs, without its time. */
function lineOf(tell: (log: Logger) => void, level = 'info'): unknown {
  const lines: string[] = [];
  tell(
    pino(
      { level, base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
      { write: (line: string) => lines.push(line) },
    ),
  );
  expect(lines.length).toBeLessThanOrEqual(1);
  return lines[0] === undefined ? undefined : JSON.parse(lines[0]);
}

const hold = { holdId: 7, productId: 1, quantity: 2 };
const order = { orderId: 9, holdId: 7 };
const refused = { provider: 'stripe', reason: 'amount_too_small' };
const event = { idempotencyKey: 'pay_1', orderId: 9, holdId: null };
const refund = {
  refundId: 3,
  orderId: null,
  holdId: 7,
  amount: 19.99,
  currency: 'USD',
  reason: 'hold_ended',
};
const eventFields = { idempotency_key: 'pay_1', order_id: 9, hold_id: null };
const refundFields = {
  refund_id: 3,
  order_id: null,
  hold_id: 7,
  amount: 19.99,
  currency: 'USD',
  reason: 'hold_ended',
};

const table: readonly [message: string, tell: (log: Logger) => void, level: string, fields: object][] = [
  [
    'Hold created',
    (log) => events.holdCreated(log, { ...hold, availableStockRemaining: 48 }),
    'info',
    { hold_id: 7, product_id: 1, quantity: 2, available_stock_remaining: 48 },
  ],
  [
    'Traces cannot be sent, the sale goes on without them',
    (log) => events.tracesNotSent(log, { reason: 'connect ECONNREFUSED' }),
    'warn',
    { reason: 'connect ECONNREFUSED' },
  ],
  ['Traces are sent again', (log) => events.tracesSentAgain(log), 'info', {}],
  [
    'Order created',
    (log) => events.orderCreated(log, { ...order, total: 2399.98 }),
    'info',
    { order_id: 9, hold_id: 7, total: 2399.98 },
  ],
  [
    'Webhook processed',
    (log) =>
      events.webhookProcessed(log, {
        idempotencyKey: 'pay_1',
        orderId: 9,
        status: 'paid',
        stockDeducted: 2,
      }),
    'info',
    { idempotency_key: 'pay_1', order_id: 9, status: 'paid', stock_deducted: 2 },
  ],
  [
    'Duplicate webhook detected',
    (log) => events.duplicateWebhookDetected(log, { idempotencyKey: 'pay_1' }),
    'info',
    { idempotency_key: 'pay_1', cached_response: true },
  ],
  [
    'Hold expired and released',
    (log) => events.holdExpired(log, hold),
    'info',
    { hold_id: 7, product_id: 1, quantity: 2 },
  ],
  [
    'Slow query',
    (log) => events.slowQuery(log, { sql: 'select 1', durationMs: 123.4 }),
    'warn',
    { sql: 'select 1', duration_ms: 123.4 },
  ],
  [
    'Hold released',
    (log) => events.holdReleased(log, hold),
    'info',
    { hold_id: 7, product_id: 1, quantity: 2 },
  ],
  ['Order cancelled', (log) => events.orderCancelled(log, order), 'info', { order_id: 9, hold_id: 7 }],
  ['Order expired', (log) => events.orderExpired(log, order), 'info', { order_id: 9, hold_id: 7 }],
  ['Order failed', (log) => events.orderFailed(log, order), 'info', { order_id: 9, hold_id: 7 }],
  [
    'Payment refused',
    (log) => events.paymentRefused(log, { ...order, productId: 1, total: 0.1, currency: 'USD', ...refused }),
    'error',
    { order_id: 9, hold_id: 7, product_id: 1, total: 0.1, currency: 'USD', ...refused },
  ],
  ['Payment event parked', (log) => events.paymentEventParked(log, event), 'info', eventFields],
  ['Payment event unmatched', (log) => events.paymentEventUnmatched(log, event), 'warn', eventFields],
  ['Possible second payment', (log) => events.possibleSecondPayment(log, event), 'warn', eventFields],
  ['Refund due', (log) => events.refundDue(log, refund), 'info', refundFields],
  ['Refund settled', (log) => events.refundSettled(log, refund), 'info', refundFields],
  [
    'Refund reopened',
    (log) => events.refundReopened(log, { ...refund, error: 'card closed' }),
    'warn',
    { ...refundFields, error: 'card closed' },
  ],
  [
    'Refund postponed',
    (log) => events.refundPostponed(log, { ...refund, error: 'timed out' }),
    'warn',
    { ...refundFields, error: 'timed out' },
  ],
  [
    'Database query',
    (log) => events.databaseQuery(log, { sql: 'select 1', durationMs: 0.2 }),
    'info',
    { sql: 'select 1', duration_ms: 0.2 },
  ],
];

describe('the log event', () => {
  it.each(table)(
    '"%s" has its message, level and fields and nothing more',
    (message, tell, level, fields) => {
      expect(lineOf(tell)).toEqual({ level, ...fields, msg: message });
    },
  );

  it.each([
    ['Cache hit', events.cacheHit],
    ['Cache miss', events.cacheMiss],
  ] as const)('"%s" is only told at level debug, with the key of the product', (message, tell) => {
    expect(lineOf((log) => tell(log, { productId: 5 }))).toBeUndefined();
    expect(lineOf((log) => tell(log, { productId: 5 }), 'debug')).toEqual({
      level: 'debug',
      key: 'product:5:available_stock',
      msg: message,
    });
  });
});
