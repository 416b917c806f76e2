import { expect, it, type TestContext } from 'vitest';
import { mysqlDialect } from '../../src/store/dialects/mysql.ts';
import { postgresDialect } from '../../src/store/dialects/postgres.ts';
import { openStore } from '../../src/store/open-store.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import { cutConnections } from '../support/database-on-server.ts';
import { createMigrated, type OpenDatabase, serverDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { lockProduct } from '../support/product-lock.ts';
import { Sale } from '../support/sale.ts';
import { freePort } from '../support/servers.ts';
import { changes, holdRow, kindOfError, loaded, needs, productRow, write } from '../support/store-rows.ts';
import { until } from '../support/until.ts';

// Side by side, as most of their time is the databases' waiting.
describeEach(serverDatabases)('failures of $name', { concurrent: true }, (database) => {
  // Tests that run side by side have to say whose end is waited for.
  const open = async ({ onTestFinished }: TestContext): Promise<OpenDatabase> => {
    const db = await createMigrated(database);
    onTestFinished(() => db.close());
    await write(db.store, { products: [productRow(), productRow({ id: 2 })] });
    return db;
  };
  it('goes on with new connections when all have been cut while nothing was done', async (test) => {
    const { store, url } = await open(test);
    await Promise.all([1, 2, 3].map(() => store.product(1)));
    await cutConnections(url);
    // One that has just fallen may still be handed out: its user is told to try again.
    await until(async () => (await kindOfError(store.product(1))) === 'resolved');
    await until(async () => (await kindOfError(write(store, { holds: [holdRow()] }))) === 'resolved');
    expect(await store.hold(70)).not.toBeNull();
  });

  it('calls a transaction retryable whose connection falls before its commit, and of unknown outcome behind it', async (test) => {
    const { store, url } = await open(test);
    const take = async (stillReads: boolean): Promise<string> =>
      kindOfError(
        store.transact(async (transaction) => {
          await transaction.load(needs({ productIds: [1] }));
          await transaction.apply(
            changes({ holds: [holdRow()] }, { products: [productRow({ held: 2, version: 2 })] }),
          );
          await cutConnections(url);
          if (stillReads) {
            await transaction.load(needs({ productIds: [1] }));
          }
        }),
      );
    expect(await take(true)).toBe('retryable');
    expect(await take(false)).toBe('outcome_unknown');
    await until(async () => (await kindOfError(store.product(1))) === 'resolved');
    expect(await store.hold(70)).toBeNull();
    await until(async () => (await take(true)) === 'retryable');
  });

  it('calls the outcome of a commit unknown, too, when nobody has a word for how it failed', async (test) => {
    const { url } = await open(test);
    const dialectOf = database.name === 'PostgreSQL' ? postgresDialect : mysqlDialect;
    const store = sqlStore({ ...dialectOf(url, Date.now, noObserver), classify: () => null });
    test.onTestFinished(() => store.close());
    const fall = store.transact(async (transaction) => {
      await transaction.load(needs({ productIds: [1] }));
      await cutConnections(url);
    });
    expect(await kindOfError(fall)).toBe('outcome_unknown');
  });

  it('frees the product that a frozen node has locked, and tells the others to try again meanwhile', async (test) => {
    const { store, another } = await open(test);
    const thaw = await lockProduct(store, 1);
    const other = another();
    expect(await kindOfError(loaded(other, { productIds: [1] }))).toBe('retryable');
    expect((await other.product(1))?.stock).toBe(50);
    await loaded(other, { productIds: [2] });
    await until(async () => (await kindOfError(loaded(other, { productIds: [1] }))) === 'resolved');
    expect(['retryable', 'outcome_unknown']).toContain(await kindOfError(thaw()));
  });

  it('ends a deadlock by telling one of the two to try again', async (test) => {
    const { store } = await open(test);
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const kinds = await Promise.all(
      [1, 2].map((first, index) =>
        kindOfError(
          store.transact(async (transaction) => {
            await transaction.load(needs({ productIds: [first] }));
            both[index]?.resolve();
            await Promise.all(both.map(({ promise }) => promise));
            await transaction.load(needs({ productIds: [3 - first] }));
          }),
        ),
      ),
    );
    expect(kinds.toSorted()).toEqual(['resolved', 'retryable']);
  });

  it('tells a server that is away, which is worth a retry, from one that lets nobody in', async (test) => {
    const { url } = await open(test);
    const port = await freePort();
    const kinds = async (over: Partial<URL>): Promise<ReadonlySet<string>> => {
      const store = openStore(Object.assign(new URL(url), over).href);
      test.onTestFinished(() => store.close());
      const work = [store.schemaState(), store.product(1), store.transact(async () => {}), store.audit()];
      return new Set(await Promise.all(work.map(kindOfError)));
    };
    expect(await kinds({ port: String(port) })).toEqual(new Set(['retryable']));
    expect(await kinds({ username: 'stranger', password: 'wrong' })).toEqual(new Set(['unavailable']));
    expect(await kinds({ pathname: '/no_such_database' })).toEqual(new Set(['unavailable']));
  });

  it('takes six round trips for a batch of holds, however many they are', async (test) => {
    const { url } = await open(test);
    const statements: string[] = [];
    const store = openStore(url, Date.now, {
      ...noObserver,
      query: (statement) => void statements.push(statement),
    });
    test.onTestFinished(() => store.close());
    const sale = new Sale(store);
    await sale.hold(1, 1);
    statements.length = 0;
    await Promise.all(Array.from({ length: 40 }, () => sale.hold(1, 1)));
    expect(statements).toHaveLength(6);
    await sale.engine.close();
  });
});
