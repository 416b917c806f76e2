import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

const halfAnHourMs = 1_800_000;

describeEach(sharedDatabases)('a jump of the wall clock on $name', (kind) => {
  test('an hour forwards and back moves no deadline of a running process and sells nothing twice', async () => {
    const database = await databaseForTest(kind);
    const checkout = await startProcess({
      databaseUrl: database.url,
      variables: { HOLD_SECONDS: '5' },
      preload: 'test/support/jumping-clock.ts',
    });
    const productId = await checkout.createProduct({ stock: 3 });
    const holds = [await checkout.hold(productId)];

    for (const isThere of [
      (loggedAtMs: number) => loggedAtMs > Date.now() + halfAnHourMs,
      (loggedAtMs: number) => loggedAtMs < Date.now() - halfAnHourMs,
    ]) {
      checkout.signal('SIGUSR2');
      // The log is written by the wall clock, so it shows that the jump took place.
      await until(async () => {
        await checkout.get('/api/v1/products');
        const ordered = await checkout.ordered(await checkout.createProduct());
        return until(() => checkout.logged('Order created', { order_id: ordered.order_id })[0]).then((line) =>
          isThere(Date.parse(String(line.time))),
        );
      });
      holds.push(await checkout.hold(productId));
      expect(await checkout.availableStock(productId)).toBe(3 - holds.length);
    }

    expect(tally([...holds, await checkout.hold(productId)])).toEqual({ 201: 3, insufficient_stock: 1 });
    for (const { body } of holds) {
      expect(Math.abs(Date.parse(body.expires_at) - Date.now())).toBeLessThan(60_000);
    }
    await until(async () => (await checkout.availableStock(productId)) === 3);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(holds.at(-1)?.body.expires_at ?? '') - 20);
    expect(await checkout.auditDifferences()).toEqual([]);
  });
});
