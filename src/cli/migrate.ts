import { openStore } from '../store/open-store.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { CommandError } from './failure.ts';
import { schemaProblems } from './schema-check.ts';

/** Brings the schema of the database up to date. */
export async function migrate(flags: Flags): Promise<void> {
  const store = openStore(configFrom(flags).databaseUrl);
  try {
    if ((await store.schemaState()) === 'too_new') {
      throw new CommandError(schemaProblems.too_new);
    }
    const applied = await store.migrate();
    const lines = [...applied.map((name) => `Applied ${name}`), 'The database schema is up to date'];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await store.close();
  }
}
