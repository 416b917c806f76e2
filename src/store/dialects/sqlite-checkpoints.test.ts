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

const pages = 50;
const pageBytes = 4096;
const busyMs = 10_000;

describe('checkpoints beside the batches', () => {
  let folder = '';
  let writer: Kysely<Tables>;
  let reader: Kysely<Tables>;
  let checkpoints: SqliteCheckpoints;
  /** What goes on beside a copy. */
  let copied: (copy: () => Promise<SqliteResult>) => Promise<SqliteResult>;
  let nextId = 1;

  beforeEach(async () => {
    copied = (copy) => copy();
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
    const place = inThisThread(opening('pragma journal_mode = wal; pragma wal_autocheckpoint = 0'));
    writer = connect(place, () => checkpoints.committed());
    reader = connect(inThisThread(opening('')), () => {});
    const copying = new SqliteThread(opening(''));
    const thread = connect(
      { take: (step) => copied(() => copying.take(step)), close: () => copying.close() },
      () => {},
    );
    checkpoints = new SqliteCheckpoints({ path, place, writer, thread, busyMs, pages });
    await sql`create table entries (id integer primary key, entry text)`.execute(writer);
  });
  afterEach(async () => {
    await checkpoints.close();
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

  it('leave a reader what it reads, hold up no commit for it, and are done when it has ended', async () => {
    await commit();
    await reader.transaction().execute(async (snapshot) => {
      const read = async () =>
        (await sql<{ entries: number }>`select count(*) as entries from entries`.execute(snapshot)).rows[0];
      const atFirst = await read();
      const startedMs = performance.now();
      while ((await log()) < 5 * pages) {
        await commit();
      }
      expect(performance.now() - startedMs).toBeLessThan(busyMs);
      expect(await read()).toEqual(atFirst);
    });
    await begunAnew();
  });

  it('come to their end before the database is closed', async () => {
    while ((await log()) < pages) {
      await commit();
    }
    await commit();
    await checkpoints.close();
    await expect(log()).resolves.toBeGreaterThanOrEqual(0);
  });
});
