import { once } from 'node:events';
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openAlone } from '../../src/store/dialects/sqlite-copy.ts';
import { restoreSqlite } from '../../src/store/restore-sqlite.ts';
import { startProcess } from '../support/checkout-process.ts';
import { execute, makeDatabase, newFolder, type Run, rowsOf, runOn } from '../support/database-files.ts';
import { olderSchema } from '../support/older-schema.ts';
import { until } from '../support/until.ts';

let run: Run;
let data: string;
let file: string;
beforeEach(() => {
  const folder = newFolder();
  data = join(folder, 'data');
  mkdirSync(data);
  run = { folder, path: join(data, 'flash-sale.db') };
  file = join(folder, 'backup.db');
});

/** A service that sold on after its backup and was killed, so that commits are in the log only. */
async function soldOn(): Promise<{ readonly old: number; readonly lost: number }> {
  const checkout = await startProcess({ databaseUrl: `sqlite:${run.path}` });
  const productId = await checkout.createProduct({ stock: 1_000 });
  const old = (await checkout.hold(productId)).body.hold_id as number;
  expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
  const lost = (await checkout.hold(productId)).body.hold_id as number;
  await checkout.kill();
  expect(statSync(`${run.path}-wal`).size).toBeGreaterThan(0);
  return { old, lost };
}

const holdsIn = (path: string) => rowsOf(path, 'select id from holds order by created_at');
const names = () => readdirSync(data).sort();
const keptIn = (stdout: string) => /^Kept the old database as (.+)$/m.exec(stdout)?.[1] ?? '';

describe('a backup that is copied over the database by hand', () => {
  it('is undone or malformed by the log of the old database', async () => {
    const { old } = await soldOn();
    copyFileSync(file, run.path);
    let found: unknown;
    try {
      found = holdsIn(run.path);
    } catch (error) {
      found = String(error);
    }
    expect(found).not.toEqual([old]);
  });
});

describe('flash-sale restore', () => {
  it('puts the backup in place, keeps the old database, and prints how to undo it', async () => {
    const { old, lost } = await soldOn();

    const { status, stdout } = runOn(run, 'restore', file);

    expect(status).toBe(0);
    const kept = keptIn(stdout);
    expect(kept).toMatch(/\/flash-sale\.db\.before-\d{8}T\d{9}Z$/);
    expect(stdout).toContain(`\nTo undo: stop the service, then run bin/flash-sale restore ${kept}\n`);
    expect(stdout).toMatch(/^Restored .+; newest order: none, newest payment event: none$/m);
    expect(existsSync(`${run.path}-wal`)).toBe(false);
    expect(holdsIn(run.path)).toEqual([old]);
    expect((statSync(run.path).mode & 0o777).toString(8)).toBe('600');
    const again = await startProcess({ databaseUrl: `sqlite:${run.path}` });
    expect((await again.get(`/api/v1/holds/${old}`)).status).toBe(200);
    expect((await again.get(`/api/v1/holds/${lost}`)).status).toBe(404);
    expect(await again.auditDifferences()).toEqual([]);
    await again.kill();

    expect(runOn(run, 'restore', kept)).toMatchObject({ status: 0 });
    expect(holdsIn(run.path)).toEqual([old, lost]);
    expect(holdsIn(kept)).toEqual([old, lost]);
    expect(holdsIn(file)).toEqual([old]);
  });

  it.each([
    ['serve', {}],
    ['serve', { PROCESSES: '2' }],
    ['worker', {}],
  ] as const)('refuses while %s runs, idle, with %j', async (command, variables) => {
    await makeDatabase(run.path);
    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    const service = await startProcess({ databaseUrl: `sqlite:${run.path}`, command, variables });
    const before = names();

    expect(runOn(run, 'restore', file)).toEqual({
      status: 1,
      signal: null,
      stdout: '',
      stderr: `flash-sale: Another process has ${run.path} open: stop the service, its workers and other programs that use the file, then run this command again\n`,
    });
    expect(names()).toEqual(before);

    service.signal('SIGTERM');
    await service.ended;
    expect(runOn(run, 'restore', file)).toMatchObject({ status: 0 });
  });

  it.each([{}, { WITHOUT_LINKS: 'yes' }])(
    'leaves the old or the new database complete after a kill at any step, with %j',
    async (variables) => {
      const { old, lost } = await soldOn();
      const start = join(run.folder, 'start');
      renameSync(data, start);
      const restoreFrom = (stopAt: number) => {
        mkdirSync(data);
        for (const name of readdirSync(start)) {
          copyFileSync(join(start, name), join(data, name));
        }
        const stopping = { ...run, preload: 'test/support/stop-at-step.mjs' };
        return runOn({ ...stopping, variables: { ...variables, STOP_AT: String(stopAt) } }, 'restore', file);
      };
      const whole = restoreFrom(0);
      const steps = Number(/^steps: (\d+)$/m.exec(whole.stderr)?.[1]);
      expect([whole.status, holdsIn(run.path)]).toEqual([0, [old]]);
      expect(steps).toBeGreaterThanOrEqual(5);

      const seen = new Set<string>();
      for (let stopAt = 1; stopAt <= steps; stopAt += 1) {
        rmSync(data, { recursive: true });
        const { signal, stdout } = restoreFrom(stopAt);
        expect(signal).toBe('SIGKILL');
        expect(runOn(run, 'audit')).toMatchObject({ status: 0 });
        const inPlace = holdsIn(run.path);
        seen.add(String(inPlace));
        // The second one is in the database, or in the one that was kept.
        expect(inPlace).toEqual(inPlace.length === 2 ? [old, lost] : [old]);
        if (inPlace.length === 1) {
          expect(holdsIn(keptIn(stdout))).toEqual([old, lost]);
        }

        const left = names().filter((name) => /\.restore-\w+$/.test(name));
        const second = runOn(run, 'restore', file);
        expect([second.status, holdsIn(run.path)]).toEqual([0, [old]]);
        expect(second.stdout.includes('An earlier restore was interrupted')).toBe(left.length > 0);
        expect(left.length > 0).toBe(inPlace.length === 2);
      }
      expect(seen.size).toBe(2);
    },
  );

  it('restores without a database in place, and moves the log of the removed one aside', async () => {
    const { old } = await soldOn();
    rmSync(run.path);
    const { status, stdout } = runOn(run, 'restore', file);
    expect([status, holdsIn(run.path)]).toEqual([0, [old]]);
    expect(stdout).toMatch(/^There was no database before$/m);
    expect(names()).toEqual([
      'flash-sale.db',
      expect.stringMatching(/^flash-sale\.db\.before-\w+-shm$/),
      expect.stringMatching(/^flash-sale\.db\.before-\w+-wal$/),
    ]);
    rmSync(data, { recursive: true });
    expect(runOn(run, 'restore', file)).toMatchObject({ status: 0 });
    expect(holdsIn(run.path)).toEqual([old]);
  });

  it('leaves the files of a service alone that makes its database during the restore', async () => {
    await makeDatabase(join(run.folder, 'source.db'));
    expect(runOn({ ...run, path: join(run.folder, 'source.db') }, 'backup', file)).toMatchObject({
      status: 0,
    });
    const starts = () => {
      const service = new DatabaseSync(run.path);
      onTestFinished(() => service.close());
      service.exec('pragma journal_mode = wal; create table sold (id); insert into sold values (1)');
    };
    const steps = { signal: new AbortController().signal, copied: () => {}, verifying: starts };

    await expect(
      restoreSqlite(run.path, file, { steps, nowMs: Date.now(), report: () => {} }),
    ).rejects.toThrow(/^Another process made \S+ during the restore: stop the service/);

    expect(names()).toEqual(['flash-sale.db', 'flash-sale.db-shm', 'flash-sale.db-wal']);
    expect(rowsOf(run.path, 'select id from sold')).toEqual([1]);
  });

  it('keeps the files of a damaged database as they are', async () => {
    await makeDatabase(run.path, 2_000);
    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    const bytes = readFileSync(run.path);
    bytes.fill(0xff, 20 * 4096);
    writeFileSync(run.path, bytes);
    const log = Buffer.alloc(4096, 'not a log');
    writeFileSync(`${run.path}-wal`, log);

    const { status, stdout } = runOn(run, 'restore', file);

    expect([status, holdsIn(run.path).length]).toEqual([0, 2_000]);
    expect(stdout).toMatch(/^The old database was damaged: its files are kept as /m);
    expect(readFileSync(keptIn(stdout)).equals(bytes)).toBe(true);
    expect(readFileSync(`${keptIn(stdout)}-wal`).equals(log)).toBe(true);
  });

  it('names the manual steps when the old file is not a database', async () => {
    await makeDatabase(run.path);
    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    writeFileSync(run.path, 'Dear diary\n'.repeat(1_000));
    const { status, stderr } = runOn(run, 'restore', file);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^flash-sale: \S+ cannot be opened \([^\n]+\), so [^\n]+: stop it, move [^\n]+\n$/,
    );
  });

  it('takes the log beside a file that was copied from a killed service', async () => {
    const { old, lost } = await soldOn();
    const raw = join(run.folder, 'raw.db');
    copyFileSync(run.path, raw);
    copyFileSync(`${run.path}-wal`, `${raw}-wal`);
    expect(runOn(run, 'restore', file)).toMatchObject({ status: 0 });
    expect(runOn(run, 'restore', raw)).toMatchObject({ status: 0 });
    expect(holdsIn(run.path)).toEqual([old, lost]);
  });

  it('restores a backup of an older version, which the next start migrates', async () => {
    await makeDatabase(run.path);
    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    execute(file, olderSchema('0002_payments_and_events').join(';'));
    const { status, stdout } = runOn(run, 'restore', file);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/schema 0002_payments_and_events, \d+ checks/),
    ]);
    expect(rowsOf(run.path, 'select count(*) from kysely_migration')).toEqual([2]);
    expect(runOn(run, 'migrate').stdout).toContain('Applied 0003_search_indexes');
  });

  it.each([
    [
      'is something else',
      () => writeFileSync(file, 'Dear diary\n'.repeat(1_000)),
      'is not an SQLite database',
    ],
    ['is empty', () => writeFileSync(file, ''), 'is not a database of this service'],
    [
      'is the database of another program',
      () => execute(file, 'create table notes (id)'),
      'is not a database of this service',
    ],
    [
      'has a newer schema',
      () => execute(file, "insert into kysely_migration values ('0099_more', '2030-01-01T00:00:00.000Z')"),
      'has a newer schema (0099_more)',
    ],
    ['has a row too few', () => execute(file, 'delete from stock_changes'), 'found a difference'],
    ['is cut off', () => writeFileSync(file, readFileSync(file).subarray(0, 40_000)), 'is damaged'],
    ['is not there', () => rmSync(file), 'There is no file'],
    ['is a folder', () => renameSync(file, `${file}.away`), 'is not a file'],
  ])('refuses a file that %s, and changes nothing', async (what, spoil, said) => {
    await makeDatabase(run.path);
    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    if (what === 'is the database of another program') {
      rmSync(file);
    }
    spoil();
    if (what === 'is a folder') {
      mkdirSync(file);
    }
    const before = readFileSync(run.path);
    const { status, stderr } = runOn(run, 'restore', file);
    expect(status).toBe(1);
    expect(stderr.split('\n').at(-2)).toMatch(/^flash-sale: /);
    expect(stderr).toContain(said);
    expect(names()).toEqual(['flash-sale.db']);
    expect(readFileSync(run.path).equals(before)).toBe(true);
  });

  it('refuses the database itself, also under another path', async () => {
    await makeDatabase(run.path);
    expect(runOn(run, 'restore', join(data, '..', 'data', 'flash-sale.db')).stderr).toMatch(
      /is the database itself: name a backup of it\n$/,
    );
  });

  it.runIf(process.getuid?.() === 0)('gives the new file to the owner of the old one, as root', async () => {
    await makeDatabase(run.path);
    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    chownSync(run.path, 65_534, 65_534);
    expect(runOn(run, 'restore', file)).toMatchObject({ status: 0 });
    expect([statSync(run.path).uid, statSync(run.path).gid]).toEqual([65_534, 65_534]);
  });
});

describe('a connection that waits while the file is replaced', () => {
  // Without the comparison of files it would apply the log of the new database to the file of the old one.
  it.runIf(process.platform === 'linux')('opens the new file', async () => {
    await makeDatabase(run.path);
    const next = join(data, 'next.db');
    copyFileSync(run.path, next);
    execute(next, "update products set name = 'of the new file'");
    const database = openAlone(run.path);
    const descriptors = descriptorsOf(run.path);
    const session = new URL('../../src/store/dialects/sqlite-session.mjs', import.meta.url).href;
    const waiting = new Worker(
      `import('${session}').then(({ openSqlite }) => {
        const opened = openSqlite({ path: ${JSON.stringify(run.path)}, pragmas: 'pragma journal_mode = wal', openingBusyMs: 20000 });
        require('node:worker_threads').parentPort.postMessage(opened.prepare('select name from products').get().name);
        opened.close();
      })`,
      { eval: true },
    );
    onTestFinished(async () => {
      await waiting.terminate();
    });
    const said = once(waiting, 'message');
    await until(() => descriptorsOf(run.path) > descriptors);

    renameSync(run.path, `${run.path}.before`);
    renameSync(next, run.path);
    database.close();

    expect(await said).toEqual(['of the new file']);
  });
});

function descriptorsOf(path: string): number {
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link === path).length;
}
