import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import { createMigrated, type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { schemaDump } from '../support/schema-dump.ts';
import { kindOfError } from '../support/store-rows.ts';

const died = new Error('the process died');

// Side by side, as most of their time is the databases' waiting.
describeEach(sharedDatabases)('a migration on $name', { concurrent: true }, (database) => {
  const create = async ({ onTestFinished }: TestContext, make = database.create): Promise<OpenDatabase> => {
    const db = await make();
    onTestFinished(() => db.close());
    return db;
  };
  /** The schema is the one that `schema.test.ts` compares with the reviewed one. */
  const expectWhole = async (test: TestContext, db: OpenDatabase): Promise<void> => {
    expect(await db.store.schemaState()).toBe('current');
    expect(await schemaDump(db)).toBe(await schemaDump(await create(test, () => createMigrated(database))));
  };

  it('is gone on with when it ended half-way, whichever statement was its last', async (test) => {
    const db = await create(test);
    const lastOnes = new Set<string>();
    for (;;) {
      // Each attempt dies behind the first statement that none before it has died behind.
      const query = (statement: string) => {
        if (/^(alter|create|insert|update payments) /.test(statement) && !lastOnes.has(statement)) {
          lastOnes.add(statement);
          throw died;
        }
      };
      const store = openStore(db.url, Date.now, { ...noObserver, query });
      const outcome = await store.migrate().catch((error: unknown) => error);
      await store.close();
      if (outcome !== died) {
        expect(outcome).toBeInstanceOf(Array);
        break;
      }
    }
    // Every table, index, new column and update of rows is among them, or the attempts did not get far.
    expect(lastOnes.size).toBeGreaterThan(53);
    expect([...lastOnes].some((statement) => statement.startsWith('update payments'))).toBe(true);
    await expectWhole(test, db);
  });

  it('is gone on with by the next process when one was killed in it', async (test) => {
    const db = await create(test);
    const script = resolve('test/support/die-migrating.ts');
    const child = spawn(process.execPath, [script, db.url, '^create table .orders.']);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await db.store.schemaState()).toBe('too_old');
    await db.store.migrate();
    await expectWhole(test, db);
  });

  it('leaves a database alone in which somebody else has a table of the same name, and names it', async (test) => {
    const db = await create(test);
    await db.run('create table orders (theirs integer)');
    await expect(db.store.migrate()).rejects.toThrow(/tables of something else: orders/);
    expect(await kindOfError(db.store.migrate())).toBe('unavailable');
    await db.run('drop table orders');
    await db.store.migrate();
    await expectWhole(test, db);
  });
});
