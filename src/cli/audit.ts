import { openStore } from '../store/open-store.ts';
import { auditTable } from './audit-table.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { assertDatabaseExists, assertSchemaIsCurrent } from './schema-check.ts';

/** Recomputes every counter and invariant from the rows; the exit code is 1 if any of them differs. */
export async function audit(flags: Flags): Promise<void> {
  const { databaseUrl } = configFrom(flags);
  assertDatabaseExists(databaseUrl);
  const store = openStore(databaseUrl);
  try {
    await assertSchemaIsCurrent(store);
    const result = await store.audit();
    process.stdout.write(auditTable(result));
    process.exitCode = result.ok ? 0 : 1;
  } finally {
    await store.close();
  }
}
