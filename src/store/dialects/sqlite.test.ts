import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdRow, kindOfError, productRow, write } from '../../../test/support/store-rows.ts';
import { bringUp } from '../bring-up.ts';
import { openStore } from '../open-store.ts';
import { sqlStore } from '../sql-store.ts';
import type { Store } from '../store.ts';
import { noObserver } from '../store-observer.ts';
import type { SqlDialect } from './dialect.ts';
import { sqliteDialect } from './sqlite.ts';

describe('the SQLite dialect', () => {
  let folder = '';
  let closing: (() => unknown)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flash-sale-sqlite-'));
  });
  afterEach(async () => {
    for (const close of closing.toReversed()) {
      await close();
    }
    closing = [];
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (path = join(folder, 'sale.db'), wallMs = Date.now): { store: Store; dialect: SqlDialect } => {
    const dialect = sqliteDialect(path, wallMs, noObserver);
    const store = sqlStore(dialect);
    closing.push(() => store.close());
    return { store, dialect };
  };
  const migrated = async () => {
    const opened = open();
    await opened.store.migrate();
    await write(opened.store, { products: [productRow()] });
    return opened;
  };
  const pragma = async ({ writer }: SqlDialect, text: string) =>
    Object.values((await sql.raw<object>(`pragma ${text}`).execute(writer)).rows[0] ?? {})[0];

  it('writes ahead and syncs every commit: what was answered survives a power cut', async () => {
    const { dialect } = await migrated();
    expect(await pragma(dialect, 'journal_mode')).toBe('wal');
    expect(await pragma(dialect, 'synchronous')).toBe(2);
    expect(await pragma(dialect, 'foreign_keys')).toBe(1);
  });

  it('refuses writes on the connection for reading', async () => {
    const { dialect } = await migrated();
    await expect(dialect.reader.deleteFrom('products').execute()).rejects.toThrow('readonly');
  });

  it('makes the folder of its file', async () => {
    const { store } = open(join(folder, 'a', 'b', 'sale.db'));
    await store.migrate();
    expect(await store.schemaState()).toBe('current');
  });

  it('waits for another that makes the same new file', async () => {
    const path = join(folder, 'sale.db');
    const locked = new Int32Array(new SharedArrayBuffer(4));
    const other = new Worker(
      `const { workerData: { path, locked } } = require('node:worker_threads');
       const database = new (require('node:sqlite').DatabaseSync)(path);
       database.exec('create table other (id integer); begin immediate');
       Atomics.store(locked, 0, 1);
       Atomics.notify(locked, 0);
       setTimeout(() => database.close(), 200);`,
      { eval: true, workerData: { path, locked } },
    );
    const ended = once(other, 'exit');
    await Atomics.waitAsync(locked, 0, 0).value;
    const { store } = open(path);
    await store.migrate();
    expect(await store.schemaState()).toBe('current');
    await ended;
  });

  it('calls a database that another process writes to worth a retry, and can be used afterwards', async () => {
    const { store } = await migrated();
    const other = new DatabaseSync(join(folder, 'sale.db'));
    closing.push(() => other.close());
    other.exec('begin immediate');
    expect(await kindOfError(write(store, { holds: [holdRow()] }))).toBe('retryable');
    expect(await kindOfError(write(store, { holds: [holdRow()] }))).toBe('retryable');
    expect(await store.product(1)).toMatchObject({ stock: 50 });
    other.exec('rollback');
    await write(store, { holds: [holdRow()] });
  });

  it('calls a database that cannot be written unavailable, and can be used again when it can', async () => {
    const { store, dialect } = await migrated();
    await pragma(dialect, 'query_only = on');
    expect(await kindOfError(write(store, { holds: [holdRow()] }))).toBe('unavailable');
    expect(await store.product(1)).toMatchObject({ stock: 50 });
    await pragma(dialect, 'query_only = off');
    await write(store, { holds: [holdRow()] });
  });

  it('calls a full disk unavailable, writes nothing of the transaction, and goes on when there is room', async () => {
    const { store, dialect } = await migrated();
    await pragma(dialect, `max_page_count = ${await pragma(dialect, 'page_count')}`);
    const holds = Array.from({ length: 3_000 }, (_, index) => holdRow({ id: index + 1 }));
    expect(await kindOfError(write(store, { holds }))).toBe('unavailable');
    expect(await store.hold(1)).toBeNull();
    await pragma(dialect, 'max_page_count = 1000000');
    await write(store, { holds });
    expect(await store.hold(3_000)).not.toBeNull();
  });

  it('leaves nothing of a migration that failed half way, so that it can be done again', async () => {
    const { store, dialect } = open();
    await store.schemaState();
    // An index that is in the way of the last statement.
    await sql.raw('create table in_the_way (id integer)').execute(dialect.writer);
    await sql.raw('create index request_keys_created on in_the_way (id)').execute(dialect.writer);
    expect(await kindOfError(store.migrate())).toBe('defect');
    await sql.raw('drop table in_the_way').execute(dialect.writer);
    expect(await store.schemaState()).toBe('too_old');
    expect(await store.migrate()).not.toEqual([]);
    expect(await store.schemaState()).toBe('current');
  });

  it.each([
    [
      'a file that is no database',
      () => writeFileSync(join(folder, 'sale.db'), 'x'.repeat(5_000)),
      'sale.db',
    ],
    ['a folder where the file should be', () => mkdirSync(join(folder, 'sale.db')), 'sale.db'],
    ['a file where the folder should be', () => writeFileSync(join(folder, 'data'), ''), 'data/sale.db'],
  ])('calls %s unavailable, whatever is asked', async (_, prepare, path) => {
    prepare();
    const { store } = open(join(folder, path));
    expect(await kindOfError(store.schemaState())).toBe('unavailable');
    expect(await kindOfError(store.migrate())).toBe('unavailable');
    expect(await kindOfError(store.transact(async () => {}))).toBe('unavailable');
    expect(await kindOfError(store.product(1))).toBe('unavailable');
    expect(await kindOfError(store.audit())).toBe('unavailable');
  });

  it.runIf(process.platform === 'linux')('calls a folder in which none can be made unavailable', async () => {
    expect(await kindOfError(open('/proc/flash-sale/sale.db').store.migrate())).toBe('unavailable');
  });

  it('is waited for until its folder can be used', async () => {
    writeFileSync(join(folder, 'data'), '');
    const { store } = open(join(folder, 'data', 'sale.db'));
    const reasons: string[] = [];
    await bringUp(store, {
      migrate: true,
      waiting: (reason) => {
        reasons.push(reason);
        rmSync(join(folder, 'data'));
      },
      signal: new AbortController().signal,
      retryMs: 1,
    });
    expect(await store.schemaState()).toBe('current');
    expect(reasons).toEqual([expect.stringContaining('folder')]);
  });

  it('counts time on by itself when the wall clock jumps', async () => {
    let wallMs = Date.UTC(2030, 0, 1);
    const { store, dialect } = open(':memory:', () => wallMs);
    await store.migrate();
    await write(store, { products: [productRow()] });
    const startMs = store.nowMs();
    expect(startMs).toBeGreaterThanOrEqual(Date.UTC(2030, 0, 1));
    for (const jumpMs of [3_600_000, -7_200_000]) {
      wallMs += jumpMs;
      const readings = [
        store.nowMs(),
        await dialect.readClock(dialect.writer),
        (await store.product(1))?.asOfMs ?? 0,
        (await store.deadlines()).nowMs,
        store.nowMs(),
      ];
      expect(readings).toEqual(readings.toSorted((a, b) => a - b));
      expect(readings[0]).toBeGreaterThanOrEqual(startMs);
      expect(readings[4]).toBeLessThan(startMs + 600_000);
    }
  });

  it('lets the event loop turn while the audit runs', async () => {
    const { store } = await migrated();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await store.audit();
    expect(turned).toBe(true);
  });

  it('closes twice, and without ever having been used', async () => {
    const { store } = await migrated();
    await store.close();
    await store.close();
    await open(join(folder, 'unused.db')).store.close();
  });
});

describe('opening a store', () => {
  it.each(['sqlite:data/x.db', 'sqlite://data/x.db', 'sqlite:///tmp/x.db', 'sqlite::memory:'])(
    'takes %s',
    async (url) => {
      await openStore(url).close();
    },
  );

  it.each(['', 'sqlite:', 'data/x.db', 'oracle://user:secret@host/db'])(
    'refuses "%s" without quoting it',
    (url) => {
      expect(() => openStore(url)).toThrow(TypeError);
      expect(() => openStore(url)).not.toThrow('secret');
    },
  );
});
