import { test } from 'vitest';
import { checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { sequences } from './events.ts';
import { mainSituations } from './model.ts';
import { expectEnds, quiet, type Run } from './play.ts';
import { sendGeneric } from './senders.ts';
import { mainVariant } from './variants.ts';

describeEach(sharedDatabases)('the events of a payment on $name', (kind) => {
  test.each(mainSituations)('lead to the same end in every order of arrival: %s', async (situation) => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({
      database,
      variables: { ...quiet, PAYMENT_SECONDS: situation === 'expired' ? '1' : '600' },
    });
    const runs = sequences().map(
      (names): Run => ({ names, situation, variant: mainVariant, stepAt: names.length }),
    );

    await expectEnds(checkout, runs, sendGeneric);
    console.info(`${kind.name}, ${situation}: ${runs.length} sequences end as the model says`);
  });
});
