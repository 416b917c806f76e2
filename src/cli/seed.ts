import { openEngine, seedDemoProducts } from '../node/engine.ts';
import { createLogger } from '../telemetry/logger.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { CommandError } from './failure.ts';
import { assertDatabaseExists, assertSchemaIsCurrent } from './schema-check.ts';

/** Puts the demo products into a database without products. */
export async function seed(flags: Flags): Promise<void> {
  const config = configFrom(flags);
  if (config.nodeEnv === 'production') {
    throw new CommandError('Demo products are not for production: NODE_ENV is production');
  }
  assertDatabaseExists(config.databaseUrl);
  const { log, close } = createLogger(config, { stdout: null });
  const { store, engine } = openEngine(config, { log });
  try {
    await assertSchemaIsCurrent(store);
    const created = await seedDemoProducts(engine);
    process.stdout.write(
      created === 0 ? 'Nothing to do: there are products already\n' : `Created ${created} demo products\n`,
    );
  } finally {
    await engine.close();
    await store.close();
    await close();
  }
}
