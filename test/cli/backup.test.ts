import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrationNames } from '../../src/store/migrations/migrations.ts';
import { startProcess } from '../support/checkout-process.ts';
import {
  execute,
  makeDatabase,
  newFolder,
  type Run,
  rowsOf,
  runOn,
  startOn,
} from '../support/database-files.ts';
import { olderSchema } from '../support/older-schema.ts';
import { until } from '../support/until.ts';

let run: Run;
let file: string;
beforeEach(() => {
  const folder = newFolder();
  run = { folder, path: join(folder, 'flash-sale.db') };
  file = join(newFolder(), 'backup.db');
});

/** The names in the folder of the backup. */
const made = () => readdirSync(join(file, '..'));

describe('flash-sale backup', () => {
  it('copies the database of a service that goes on selling', async () => {
    await makeDatabase(run.path, 20_000);
    const checkout = await startProcess({ databaseUrl: `sqlite:${run.path}` });
    const productId = await checkout.createProduct({ stock: 1_000_000 });
    let held = 0;
    let isOver = false;
    const buyer = async () => {
      while (!isOver) {
        expect((await checkout.hold(productId)).status).toBe(201);
        held += 1;
      }
    };
    const buyers = [buyer(), buyer(), buyer(), buyer()];
    await until(() => held >= 20);

    const heldBefore = held;
    const child = startOn(run, 'backup', file);
    const [status] = await once(child, 'exit');
    const heldAfter = held;
    isOver = true;
    await Promise.all(buyers);

    expect(status).toBe(0);
    expect(heldAfter - heldBefore).toBeGreaterThan(20);
    expect(made()).toEqual(['backup.db']);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    // One moment between the two, with each of its holds counted.
    const [copied] = rowsOf(file, `select count(*) from holds where product_id = ${productId}`);
    expect(copied).toBeGreaterThanOrEqual(heldBefore);
    expect(copied).toBeLessThanOrEqual(heldAfter + buyers.length);
    expect(rowsOf(file, `select held from products where id = ${productId}`)).toEqual([copied]);
    expect(rowsOf(file, 'pragma integrity_check')).toEqual(['ok']);
  });

  it('prints the size, the schema and the checks, and leaves one file', async () => {
    await makeDatabase(run.path);
    const schema = migrationNames.at(-1);
    expect(runOn(run, 'backup', file)).toEqual({
      status: 0,
      signal: null,
      stdout: expect.stringMatching(
        new RegExp(`^Backup ${file}: 0\\.\\d MB, schema ${schema}, [2-9]\\d checks without a difference\n$`),
      ),
      stderr: 'Verifying the copy\n',
    });
    expect(made()).toEqual(['backup.db']);
    // The two bytes that say WAL are those of a file without a log.
    expect([...readFileSync(file).subarray(18, 20)]).toEqual([1, 1]);
    const copy = join(run.folder, 'audited.db');
    copyFileSync(file, copy);
    expect(runOn({ ...run, path: copy }, 'audit')).toMatchObject({ status: 0 });
  });

  it('includes the commits in the log of a killed service', async () => {
    const checkout = await startProcess({ databaseUrl: `sqlite:${run.path}` });
    const hold = await checkout.hold(await checkout.createProduct());
    await checkout.kill();
    expect(statSync(`${run.path}-wal`).size).toBeGreaterThan(0);

    expect(runOn(run, 'backup', file)).toMatchObject({ status: 0 });
    expect(rowsOf(file, 'select id from holds')).toEqual([hold.body.hold_id]);
  });

  it('copies a database of an older version', async () => {
    await makeDatabase(run.path);
    execute(run.path, olderSchema('0002_payments_and_events').join(';'));
    expect(runOn(run, 'backup', file).stdout).toMatch(/schema 0002_payments_and_events, \d+ checks/);
    expect(rowsOf(file, 'select count(*) from kysely_migration')).toEqual([2]);
    expect(made()).toEqual(['backup.db']);
  });

  it('takes a name that SQLite reads as a URI as the name of a file, as restore does', async () => {
    await makeDatabase(run.path, 10);
    expect(runOn(run, 'backup', 'file:sale.db')).toMatchObject({ status: 0 });
    expect(readdirSync(run.folder).sort()).toEqual(['file:sale.db', 'flash-sale.db']);
    expect(rowsOf(join(run.folder, 'file:sale.db'), 'select count(*) from holds')).toEqual([10]);
    execute(run.path, 'delete from holds');
    expect(runOn(run, 'restore', 'file:sale.db')).toMatchObject({ status: 0 });
    expect(rowsOf(run.path, 'select count(*) from holds')).toEqual([10]);
  });

  it('refuses to replace a file', async () => {
    await makeDatabase(run.path);
    writeFileSync(file, 'of another day');
    expect(runOn(run, 'backup', file)).toEqual({
      status: 1,
      signal: null,
      stdout: '',
      stderr: `flash-sale: ${file} exists, and a backup replaces no file: choose another name\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('of another day');
    expect(made()).toEqual(['backup.db']);
  });

  it('refuses the name of a link that leads nowhere instead of reporting a backup that is not there', async () => {
    await makeDatabase(run.path);
    symlinkSync('nowhere', file);
    expect(runOn(run, 'backup', file)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /backup\.db exists, and a backup replaces no file: choose another name\n$/,
      ),
    });
    expect(made()).toEqual(['backup.db']);
  });

  it('removes a copy whose audit finds a difference, and prints the audit', async () => {
    await makeDatabase(run.path);
    execute(run.path, 'update products set stock = 49');
    const { status, stdout, stderr } = runOn(run, 'backup', file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/stock \+ sold = stock changes +│ +50 │ +49 │ DIFFERS/);
    expect(stderr).toMatch(/\nflash-sale: The audit of [^\n]+ found a difference, see the table\n$/);
    expect(made()).toEqual([]);
  });

  it('removes the copy of a damaged database', async () => {
    await makeDatabase(run.path, 2_000);
    const bytes = readFileSync(run.path);
    bytes.fill(0xff, bytes.length - 3 * 4096, bytes.length - 2 * 4096);
    writeFileSync(run.path, bytes);
    const { status, stderr } = runOn(run, 'backup', file);
    expect(status).toBe(1);
    expect(stderr).toMatch(/\nflash-sale: [^\n]+ is damaged[^\n]+\n$/);
    expect(made()).toEqual([]);
  });

  it.each([
    ['SIGINT', /^Copied/m],
    ['SIGTERM', /^Copied/m],
    ['SIGHUP', /^Verifying/m],
  ] as const)('leaves nothing when it is interrupted by %s', async (signal, when) => {
    await makeDatabase(run.path, 100_000);
    const child = startOn(run, 'backup', file);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (when.test(said)) {
        child.kill(signal);
      }
    });
    const [status, endedBy] = await once(child, 'exit');
    expect([status, endedBy]).toEqual([null, signal]);
    expect(made()).toEqual([]);
    expect(runOn(run, 'audit').status).toBe(0);
  });

  // A limit of the size of files stands for the full disk: the system refuses the write in the same way.
  it.runIf(process.platform !== 'win32')('names the space that it needs when the disk is full', async () => {
    await makeDatabase(run.path, 2_000);
    const command = `ulimit -f 200; exec "${process.execPath}" "${resolve('src/main.ts')}" backup "${file}"`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      env: { PATH: process.env.PATH ?? '', DATABASE_URL: `sqlite:${run.path}` },
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^flash-sale: \S+ cannot be written \([^\n]+\): the backup needs about \d+ MB in \S+; free them, or choose another folder\n$/,
    );
    expect(made()).toEqual([]);
  });

  it('names the database that does not exist, and creates no file', () => {
    expect(runOn(run, 'backup', file)).toMatchObject({
      status: 1,
      stderr: `flash-sale: There is no database ${run.path}: check DATABASE_URL\n`,
    });
    expect(existsSync(run.path)).toBe(false);
  });

  it('names the folder that does not exist', async () => {
    await makeDatabase(run.path);
    const { status, stderr } = runOn(run, 'backup', join(run.folder, 'away', 'backup.db'));
    expect([status, stderr]).toEqual([
      1,
      `flash-sale: There is no folder ${run.folder}/away: create it, or choose another\n`,
    ]);
  });
});

describe.each(['backup', 'restore'])('flash-sale %s', (command) => {
  it.each([
    ['mysql://root:hunter2@db/sale', command === 'backup' ? 'mysqldump --single-transaction' : 'mysql '],
    [
      'mariadb://root:hunter2@db/sale',
      command === 'backup' ? 'mariadb-dump --single-transaction' : 'mariadb ',
    ],
    ['postgres://root:hunter2@db/sale', command === 'backup' ? 'pg_dump' : 'pg_restore'],
    ['postgresql://root:hunter2@db/sale', command === 'backup' ? 'pg_dump' : 'pg_restore'],
    ['sqlite::memory:', 'set DATABASE_URL to a file'],
  ])('names the right command for %s', (DATABASE_URL, named) => {
    const { status, stdout, stderr } = runOn({ ...run, variables: { DATABASE_URL } }, command, file);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^flash-sale: [^\n]+, see "Backups" in docs\/operations\.md\n$/);
    expect(stderr).toContain(named);
    expect(stderr).not.toContain('hunter2');
  });
});
