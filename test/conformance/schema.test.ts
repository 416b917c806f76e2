import { afterEach, expect, it } from 'vitest';
import { bringUp } from '../../src/store/bring-up.ts';
import { databases, type OpenDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { schemaDump } from '../support/schema-dump.ts';
import { kindOfError, productRow, write } from '../support/store-rows.ts';

const fromTheFuture = `insert into kysely_migration (name, timestamp) values ('9999_from_the_future', '2035-01-01T00:00:00.000Z')`;

describeEach(databases)('the schema on $name', (database) => {
  let db: OpenDatabase | undefined;
  const open = async (): Promise<OpenDatabase> => {
    db = await database.create();
    return db;
  };
  afterEach(() => db?.close());

  it('is too old in an empty database, current after migrating, and migrating again does nothing', async () => {
    const { store } = await open();
    expect(await store.schemaState()).toBe('too_old');
    const applied = await store.migrate();
    expect(applied.length).toBeGreaterThan(0);
    expect(await store.schemaState()).toBe('current');
    await write(store, { products: [productRow()] });
    expect(await store.migrate()).toEqual([]);
    expect(await store.schemaState()).toBe('current');
    expect((await store.product(1))?.stock).toBe(50);
  });

  it('tells its database from every other, the same each time it is asked', async () => {
    const { store } = await open();
    await store.migrate();
    const other = await database.create();
    await other.store.migrate();
    const identity = await store.identity();
    expect(identity).toMatch(/^\d{17}$/);
    expect(await store.identity()).toBe(identity);
    expect(await other.store.identity()).not.toBe(identity);
    await other.close();
  });

  it('is too new when it has a migration that this version does not know, and is left alone then', async () => {
    const { store, run } = await open();
    await store.migrate();
    await run(fromTheFuture);
    expect(await store.schemaState()).toBe('too_new');
    expect(await kindOfError(store.migrate())).toBe('unavailable');
    expect(await store.schemaState()).toBe('too_new');
  });

  it('is, statement by statement, the one that was reviewed', async () => {
    const opened = await open();
    await opened.store.migrate();
    const file = database.name.split(' ')[0]?.toLowerCase();
    await expect(await schemaDump(opened)).toMatchFileSnapshot(`schema/${file}.sql`);
  });

  it('is brought up by a node that may migrate', async () => {
    const { store } = await open();
    const reasons: string[] = [];
    await bringUp(store, {
      migrate: true,
      waiting: (reason) => reasons.push(reason),
      signal: new AbortController().signal,
      retryMs: 1,
    });
    expect(await store.schemaState()).toBe('current');
    expect(reasons).toEqual([]);
  });

  it('is waited for by a node that may not migrate, which says once why', async () => {
    const { store } = await open();
    const reasons: string[] = [];
    const asked = countingAsks(store.schemaState);
    const up = bringUp(
      { ...store, schemaState: asked.ask },
      {
        migrate: false,
        waiting: (reason) => reasons.push(reason),
        signal: new AbortController().signal,
        retryMs: 1,
      },
    );
    await asked.times(3);
    await store.migrate();
    await up;
    expect(reasons).toEqual([expect.stringContaining('older')]);
  });

  it('is waited for when it is too new, until the node is told to stop', async () => {
    const { store, run } = await open();
    await store.migrate();
    await run(fromTheFuture);
    const stopping = new AbortController();
    const reasons: string[] = [];
    const asked = countingAsks(store.schemaState);
    const up = bringUp(
      { ...store, schemaState: asked.ask },
      {
        migrate: true,
        waiting: (reason) => reasons.push(reason),
        signal: stopping.signal,
        retryMs: 1,
      },
    );
    await asked.times(3);
    stopping.abort();
    await up;
    expect(reasons).toEqual([expect.stringContaining('newer')]);
  });

  it('is not waited for by a node that is told to stop as soon as it says why it waits', async () => {
    const { store } = await open();
    const stopping = new AbortController();
    await bringUp(store, {
      migrate: false,
      waiting: () => stopping.abort(),
      signal: stopping.signal,
      retryMs: 3_600_000,
    });
    expect(await store.schemaState()).toBe('too_old');
  }, 5_000);
});

/** Lets a test wait until something was asked for so many times. */
function countingAsks<Value>(ask: () => Promise<Value>): {
  ask: () => Promise<Value>;
  times(count: number): Promise<void>;
} {
  let asked = 0;
  let wake = () => {};
  return {
    ask: () => {
      asked += 1;
      wake();
      return ask();
    },
    times: async (count) => {
      while (asked < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
