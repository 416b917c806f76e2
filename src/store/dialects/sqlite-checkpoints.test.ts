import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noObserver } from '../store-observer.ts';
import type { Tables } from '../tables.ts';
import { SqliteCheckpoints } from './sqlite-checkpoints.ts';
import { NodeSqliteDialect } from './sqlite-driver.ts';
import { inThisThread, SqliteThread } from './sqlite-places.ts';
import type { SqlitePlace, SqliteResult } from './sqlite-steps.ts';

const pages = 200;
const pageBytes = 4096;
const busyMs = 10_000;

describe('checkpoints beside the batches', () => {
  let folder = '';
  let writer: Kysely<Tables>;
  let reader: Kysely<Tables>;
  let checkpoints: SqliteCheckpoints;
  /** What goes on beside a copy. */
  let copied: (copy: () => Promise<SqliteResult>) => Promise<SqliteResult>;
  let flush: () => Promise<void>;
  /** How often the writer was asked to begin the log anew. */
  let begun: number;
  let told: string[];
  let notFlushed: Error[];
  let nextId: number;

  beforeEach(async () => {
    copied = (copy) => copy();
    flush = async () => {};
    begun = 0;
    nextId = 1;
    told = [];
    notFlushed = [];
    folder = mkdtempSync(join(tmpdir(), 'flash-sale-checkpoints-'));
    const path = join(folder, 'sale.db');
    const opening = (pragmas: string) => ({ path, pragmas, openingBusyMs: busyMs });
    const connect = (place: SqlitePlace, committed: () => void) =>
      new Kysely<Tables>({
        dialect: new NodeSqliteDialect({
          place,
          begin: 'begin',
          committed,
          prepare: () => {},
          observer: noObserver,
        }),
      });
    const writing = inThisThread(opening('pragma journal_mode = wal; pragma wal_autocheckpoint = 0'));
    const place: SqlitePlace = {
      take: (step) => {
        begun += step.sql.includes('restart') ? 1 : 0;
        return writing.take(step);
      },
      close: () => writing.close(),
    };
    writer = connect(place, () => checkpoints.committed());
    reader = connect(inThisThread(opening('')), () => {});
    const copying = new SqliteThread(opening(''));
    const thread = connect(
      { take: (step) => copied(() => copying.take(step)), close: () => copying.close() },
      () => {},
    );
    checkpoints = new SqliteCheckpoints({
      ...{ path, place, writer, thread, busyMs, pages },
      observer: { checkpointFailed: (reason) => told.push(reason) },
      flushFailed: (error) => notFlushed.push(error),
      flush: () => flush(),
    });
    await sql`create table entries (id integer primary key, entry text)`.execute(writer);
  });
  afterEach(async () => {
    await checkpoints.close().catch(() => {});
    await reader.destroy();
    await writer.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One page and what leads to it, and a turn of the event loop in which the thread may be heard. */
  const commit = async () => {
    const id = nextId;
    nextId += 1;
    await writer
      .transaction()
      .execute((transaction) =>
        sql`insert into entries values (${id}, ${'x'.repeat(pageBytes)})`.execute(transaction),
      );
    await turn();
  };
  const log = async () =>
    Number((await sql<{ log: number }>`pragma wal_checkpoint(noop)`.execute(writer)).rows[0]?.log);
  const begunAnew = async () => {
    for (let before = 0, now = 0; now >= before; now = await log()) {
      before = now;
      await commit();
    }
  };

  it('begin the log anew, though there is always something in it that came too late to be copied', async () => {
    // What is committed while somebody reads is not copied before that has ended.
    copied = (copy) =>
      reader.transaction().execute(async (snapshot) => {
        await sql`select count(*) from entries`.execute(snapshot);
        await commit();
        return copy();
      });
    for (let nth = 0; nth < 20; nth += 1) {
      await begunAnew();
    }
    const { rows } = await sql<{ entries: number }>`select count(*) as entries from entries`.execute(reader);
    expect(rows[0]?.entries).toBe(nextId - 1);
  });

  it('leave a reader what it reads, and to the writer no more than a little to copy when it ends', async () => {
    await commit();
    await reader.transaction().execute(async (snapshot) => {
      const read = async () =>
        (await sql<{ entries: number }>`select count(*) as entries from entries`.execute(snapshot)).rows[0];
      const atFirst = await read();
      while ((await log()) < 5 * pages) {
        await commit();
      }
      expect(await read()).toEqual(atFirst);
      expect(begun).toBe(0);
    });
    await begunAnew();
  });

  it('are due at the usual number of pages again when another process has begun the log anew', async () => {
    const sizes: number[] = [];
    copied = async (copy) => {
      sizes.push(await log());
      return copy();
    };
    let flushes = 0;
    flush = async () => {
      flushes += 1;
    };
    const copiedTwice = async () => {
      for (const before = flushes; flushes < before + 2; ) {
        await commit();
      }
      await turn();
    };
    await reader.transaction().execute(async (snapshot) => {
      await sql`select count(*) from entries`.execute(snapshot);
      await copiedTwice();
    });
    await sql`pragma wal_checkpoint(restart)`.execute(reader);
    sizes.splice(0);
    await copiedTwice();
    expect(sizes[0]).toBeLessThan(2 * pages);
  });

  it('come to their end before the database is closed', async () => {
    const held = Promise.withResolvers<void>();
    const copying = Promise.withResolvers<void>();
    copied = async (copy) => {
      copying.resolve();
      await held.promise;
      return copy();
    };
    while ((await log()) < pages) {
      await commit();
    }
    await commit();
    await copying.promise;
    const closed = checkpoints.close();
    held.resolve();
    await closed;
    expect(begun).toBe(1);
  });

  it('end the process where the copy could not be flushed, with the log as it is', async () => {
    flush = async () => {
      flush = async () => {};
      throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
    };
    while (notFlushed.length === 0) {
      await commit();
    }
    const inLog = await log();
    while ((await log()) < inLog + 2 * pages) {
      await commit();
    }
    expect(notFlushed.map(({ message }) => message)).toEqual([
      'the database file could not be flushed to the disk: EIO: i/o error, fdatasync',
    ]);
    expect(begun).toBe(0);
    await expect(checkpoints.close()).rejects.toThrow('could not be flushed');
  });

  it('are tried again where nothing could be copied, which is told once', async () => {
    let full = true;
    copied = (copy) => (full ? Promise.reject(new Error('database or disk is full')) : copy());
    while (told.length === 0) {
      await commit();
    }
    const inLog = await log();
    while ((await log()) < inLog + 2 * pages) {
      await commit();
    }
    expect(told).toEqual(['database or disk is full']);
    full = false;
    await begunAnew();
    expect(notFlushed).toEqual([]);
  });
});
