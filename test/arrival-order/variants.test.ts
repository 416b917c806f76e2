import { test } from 'vitest';
import { checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { databases, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { bothSecrets, signEvent } from '../support/signed-events.ts';
import { sequences } from './events.ts';
import { situations } from './model.ts';
import { expectEnds, type Run } from './play.ts';
import { sendGeneric, sendStripe } from './senders.ts';
import { mainVariant, otherVariants, type Variant } from './variants.ts';

const variables = { WORKER: 'false', HOLD_SECONDS: '600' };
/** Orders that expire need another time for payment than the others. */
const startable = situations.filter((situation) => situation !== 'expired');

/**
 * Every sequence once. The situation, and the place of `POST /orders` among the events, go round, so that the variants together play each
 * sequence in most situations.
 */
function runsOf(variant: Variant, offset: number): readonly Run[] {
  return sequences().map((names, index): Run => {
    const turn = index + offset;
    const situation = startable[turn % startable.length] ?? 'pending';
    return { names, situation, variant, stepAt: Math.floor(turn / startable.length) % (names.length + 1) };
  });
}

describeEach(databases.filter(({ name }) => name === 'SQLite in memory'))('payments on $name', (kind) => {
  test.each(otherVariants.map((variant, index) => [variant.name, variant, index] as const))(
    'end the same in every order of arrival: %s',
    async (_, variant, index) => {
      const checkout = await checkoutForTest({ database: await databaseForTest(kind), variables });
      const runs = runsOf(variant, index);

      await expectEnds(checkout, runs, sendGeneric);
      console.info(`${variant.name}: ${runs.length} sequences end as the model says`);
    },
  );
});

describeEach(sharedDatabases)('the signed events of Stripe on $name', (kind) => {
  test('lead to the same end in every order of arrival', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({ database, variables: { ...variables, ...bothSecrets } });
    checkout.sign = signEvent;
    const runs = runsOf(mainVariant, 0);

    await expectEnds(checkout, runs, sendStripe);
    console.info(`${kind.name}, Stripe: ${runs.length} sequences end as the model says`);
  });
});
