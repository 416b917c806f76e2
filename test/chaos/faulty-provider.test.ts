import { expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { runMoney } from '../support/money-run.ts';
import { describeEach } from '../support/needing.ts';
import type { PaymentFate } from '../support/payment-fates.ts';

/** Against what hangs. Most of the time goes into deadlines that have to come, and into a process that starts again. */
const limitMs = 300_000;

describeEach(sharedDatabases)('a provider with every fault on $name', (kind) => {
  test('each payment buys its order or goes back once and whole, though the process is killed in the middle', {
    timeout: limitMs,
  }, async () => {
    const database = await databaseForTest(kind);
    const { stripe, buyers, accounts } = await runMoney({
      databaseUrl: database.url,
      orders: 200,
      buyersAtATime: 20,
      processes: 1,
      paymentSeconds: 3,
      awayMs: 500,
      // The process that was sending refunds has ended, so the next one need not wait for its leases.
      killed: async () => {
        await database.run(
          `update refunds set next_attempt_at = null, leased_until = null where status = 'due'`,
        );
      },
      // A refused refund rests for half a minute and more.
      waiting: async () => {
        await database.run(
          `update refunds set next_attempt_at = null where status = 'due' and leased_until is null`,
        );
      },
      atEnd: onTestFinished,
      patience: AbortSignal.timeout(limitMs - 10_000),
    });

    for (const { name, expected, found } of accounts.checks) {
      expect({ [name]: found }).toEqual({ [name]: expected });
    }
    const refunded = (fate: PaymentFate, wasRefunded: boolean) =>
      [...stripe.ledger.charges.values()].filter(
        (charge) => buyers.fates.get(charge.payment_intent) === fate && charge.refunded === wasRefunded,
      ).length;
    // Or the run has shown nothing.
    expect(refunded('late', true)).toBeGreaterThan(0);
    expect(refunded('late', false)).toBeGreaterThan(0);
    expect(refunded('early', true)).toBeGreaterThan(0);
    expect(refunded('early', false)).toBeGreaterThan(0);
    expect(refunded('wrong money', true)).toBeGreaterThan(0);
    expect(refunded('returned first', true)).toBeGreaterThan(0);
    expect(refunded('returned first', false)).toBeGreaterThan(0);
    expect(refunded('refund failed', false)).toBeGreaterThan(0);
    expect(new Set(stripe.ledger.disputes.map(({ status }) => status))).toEqual(
      new Set(['needs_response', 'won', 'lost']),
    );
    expect(Object.values(accounts.due).some((minor) => minor > 0)).toBe(true);
    expect(buyers.returned.lost).toBeGreaterThan(0);
    expect(buyers.returned.failedLater).toBeGreaterThan(0);
    expect(buyers.sentAgain).toBeGreaterThan(0);
    expect(stripe.deliveries.length).toBeGreaterThan(0);
  });
});
