/**
 * A process that dies in the middle of a migration, right behind the first statement that matches: `node die-migrating.ts <database URL>
 * <pattern>`. It says `applied` when it did not.
 */
import { openStore } from '../../src/store/open-store.ts';

if (import.meta.main) {
  const [databaseUrl = '', pattern = ''] = process.argv.slice(2);
  const last = new RegExp(pattern);
  const store = openStore(databaseUrl, Date.now, (statement) => {
    if (last.test(statement)) {
      process.kill(process.pid, 'SIGKILL');
    }
  });
  await store.migrate();
  process.stdout.write('applied');
}
