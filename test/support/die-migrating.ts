/**
 * A process that dies in the middle of a migration, right behind the first statement that matches: `node die-migrating.ts <database URL>
 * <pattern>`. It says `applied` when it did not.
 */
import { openStore } from '../../src/store/open-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';

if (import.meta.main) {
  const [databaseUrl = '', pattern = ''] = process.argv.slice(2);
  const last = new RegExp(pattern);
  const query = (statement: string) => {
    if (last.test(statement)) {
      process.kill(process.pid, 'SIGKILL');
    }
  };
  const store = openStore(databaseUrl, Date.now, { ...noObserver, query });
  await store.migrate();
  process.stdout.write('applied');
}
