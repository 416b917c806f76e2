import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { compileCache } from '../support/compile-cache.ts';
import { createMigrated, type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import type { Task, TaskResult } from '../support/store-process.ts';
import { productRow, write } from '../support/store-rows.ts';

/** Started once, as that is what takes the time. */
let processes: readonly ChildProcess[] = [];

beforeAll(async () => {
  const script = new URL('../support/store-process.ts', import.meta.url);
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  processes = Array.from({ length: 20 }, () => fork(script, { execArgv: [], env }));
  await Promise.all(processes.map((child) => once(child, 'message')));
});
afterAll(async () => {
  await Promise.all(
    processes.map(async (child) => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    }),
  );
});

/** Gives each of the first `count` processes the same task at the same time. */
const all = (count: number, task: Task): Promise<TaskResult[]> =>
  Promise.all(
    processes.slice(0, count).map(async (child) => {
      const answered = once(child, 'message');
      child.send(task);
      return (await answered)[0] as TaskResult;
    }),
  );

describeEach(sharedDatabases)('processes on $name', (database) => {
  let db: OpenDatabase | undefined;
  afterEach(() => db?.close());

  it('migrate at once, twenty of them, without harm: one does it, none fails', async () => {
    db = await database.create();
    const results = await all(20, { kind: 'migrate', url: db.url });
    expect(results.filter((result) => !('applied' in result))).toEqual([]);
    expect(results.filter((result) => 'applied' in result && result.applied.length > 0)).toHaveLength(1);
    expect(await db.store.schemaState()).toBe('current');
    await write(db.store, { products: [productRow()] });
  });

  it('lose no update of one product', async () => {
    db = await createMigrated(database);
    await write(db.store, { products: [productRow({ stock: 1_000 })] });
    const results = await all(8, { kind: 'take', times: 25, url: db.url });
    expect(results).toEqual(Array.from({ length: 8 }, () => ({ taken: 25 })));
    expect(await db.store.product(1)).toMatchObject({ stock: 800, version: 201 });
  });
});
