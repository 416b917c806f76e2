import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMigrated, type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import type { Task, TaskResult } from '../support/store-process.ts';
import { productRow, write } from '../support/store-rows.ts';

describe.each(sharedDatabases)('eight processes on $name', (database) => {
  let processes: readonly ChildProcess[] = [];
  let db: OpenDatabase | undefined;

  beforeAll(async () => {
    const script = new URL('../support/store-process.ts', import.meta.url);
    processes = Array.from({ length: 8 }, () => fork(script, { execArgv: [] }));
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
  afterEach(() => db?.close());

  const all = (task: Task): Promise<TaskResult[]> =>
    Promise.all(
      processes.map(async (child) => {
        const answered = once(child, 'message');
        child.send(task);
        return (await answered)[0] as TaskResult;
      }),
    );

  it('migrate at once without harm: one of them does it, none fails', async () => {
    db = await database.create();
    const results = await all({ kind: 'migrate', url: db.url });
    expect(results.filter((result) => !('applied' in result))).toEqual([]);
    expect(results.filter((result) => 'applied' in result && result.applied.length > 0)).toHaveLength(1);
    expect(await db.store.schemaState()).toBe('current');
    await write(db.store, { products: [productRow()] });
  });

  it('lose no update of one product', async () => {
    db = await createMigrated(database);
    await write(db.store, { products: [productRow({ stock: 1_000 })] });
    const results = await all({ kind: 'take', times: 25, url: db.url });
    expect(results).toEqual(processes.map(() => ({ taken: 25 })));
    expect(await db.store.product(1)).toMatchObject({ stock: 800, version: 201 });
  });
});
