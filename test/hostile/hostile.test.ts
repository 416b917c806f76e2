import { expect, test } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { readMetrics } from '../support/metrics.ts';
import { describeEach } from '../support/needing.ts';
import { HostileCrowd, hostileVariables } from './hostile-crowd.ts';
import { mark } from './wild-texts.ts';

/** On each database; `npm run hostile` sends as many as one likes. */
const requests = 400;

describeEach(sharedDatabases)('a service on $name', (database) => {
  test('answers whatever it is sent as its description says, and goes on selling', async () => {
    const checkout = await checkoutForTest({ database, variables: hostileVariables });
    const crowd = await HostileCrowd.at(checkout);

    expect(await crowd.send(requests)).toBeNull();
    crowd.hangUp();

    expect(await checkout.auditDifferences()).toEqual([]);
    const productId = await checkout.createProduct();
    expect((await checkout.ordered(productId)).status).toBe('pending');
    // Each line of the log is one JSON object, and nobody makes a name of a metric.
    expect(checkout.logged('Request failed')).toEqual([]);
    expect((await readMetrics(checkout)).text).not.toContain(mark);
  });

  test('answers in the same way where payments are simulated, which is without secrets only', async () => {
    const variables = {
      ...hostileVariables,
      WEBHOOK_SECRETS: '',
      STRIPE_WEBHOOK_SECRETS: '',
      TRUST_PROXY: '',
    };
    const checkout = await checkoutForTest({ database, variables });
    const crowd = await HostileCrowd.at(checkout, (path) => path.startsWith('/simulated-payments/'));

    expect(await crowd.send(100)).toBeNull();
    crowd.hangUp();

    expect([...crowd.exercised].some((answer) => answer.startsWith('simulatePayment 200'))).toBe(true);
    expect(await checkout.auditDifferences()).toEqual([]);
    expect(checkout.logged('Request failed')).toEqual([]);
  });
});
