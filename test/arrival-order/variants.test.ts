import { test } from 'vitest';
import { checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { databases, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { bothSecrets, signEvent } from '../support/signed-events.ts';
import { type EventName, sequences } from './events.ts';
import { situations } from './model.ts';
import { expectEnds, quiet, type Run } from './play.ts';
import { sendGeneric, sendStripe } from './senders.ts';
import { mainVariant, otherVariants, sequencesOf, type Variant } from './variants.ts';

/** Orders that expire need another time for payment than the others. */
const startable = situations.filter((situation) => situation !== 'expired');

/**
 * Each sequence once. The situation, and the place of `POST /orders` among the events, go round, so that the variants together play each
 * sequence in most situations.
 */
function runsOf(variant: Variant, names: readonly (readonly EventName[])[], offset = 0): readonly Run[] {
  return names.map((sequence, index): Run => {
    const turn = index + offset;
    const situation = startable[turn % startable.length] ?? 'pending';
    const stepAt = Math.floor(turn / startable.length) % (sequence.length + 1);
    return { names: sequence, situation, variant, stepAt };
  });
}

describeEach(databases.filter(({ name }) => name === 'SQLite in memory'))('payments on $name', (kind) => {
  test.each(otherVariants.map((variant, index) => [variant.name, variant, index] as const))(
    'end the same in every order of arrival: %s',
    async (_, variant, index) => {
      const checkout = await checkoutForTest({ database: await databaseForTest(kind), variables: quiet });
      const runs = runsOf(variant, sequencesOf(variant), index);

      await expectEnds(checkout, runs, sendGeneric);
      console.info(`${variant.name}: ${runs.length} sequences end as the model says`);
    },
  );
});

describeEach(sharedDatabases)('the signed events of Stripe on $name', (kind) => {
  test('lead to the same end in every order of arrival', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({ database, variables: { ...quiet, ...bothSecrets } });
    checkout.sign = signEvent;
    const runs = runsOf(mainVariant, sequences());

    await expectEnds(checkout, runs, sendStripe);
    console.info(`${kind.name}, Stripe: ${runs.length} sequences end as the model says`);
  });
});
