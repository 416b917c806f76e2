import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type CheckoutProcess, startProcess } from '../support/checkout-process.ts';
import { until } from '../support/until.ts';

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** The commands that it has logged, up to a line that comes later. */
async function warned(checkout: CheckoutProcess): Promise<readonly unknown[]> {
  expect((await checkout.hold(await checkout.createProduct())).status).toBe(201);
  await until(() => checkout.logged('Hold created').length > 0);
  return checkout
    .logged('Other users can reach the database files: run the command', { level: 'warn' })
    .map(({ command }) => command);
}

/** Ids in database and log allow actions on holds and orders. Windows has no modes. */
describe.runIf(process.platform !== 'win32')('modes of files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'file-modes-'));
    const umask = process.umask(0o022);
    onTestFinished(() => {
      process.umask(umask);
      rmSync(folder, { recursive: true, force: true });
    });
  });

  test('a new database and its folder are for the service alone, and its log for its group', async () => {
    const data = join(folder, 'srv', 'data');
    const logFile = join(folder, 'logs', 'flash-sale.log');
    const checkout = await startProcess({
      databaseUrl: `sqlite:${data}/flash-sale.db`,
      variables: { LOG_FILE: logFile },
    });
    expect((await checkout.hold(await checkout.createProduct())).status).toBe(201);
    await until(() => existsSync(logFile));

    const files = readdirSync(data);
    expect(files.sort()).toEqual(['flash-sale.db', 'flash-sale.db-shm', 'flash-sale.db-wal']);
    expect(files.map((name) => mode(join(data, name)))).toEqual(['600', '600', '600']);
    expect([mode(data), mode(join(folder, 'srv'))]).toEqual(['700', '700']);
    expect([mode(join(folder, 'logs')), mode(logFile)]).toEqual(['750', '640']);
  });

  test.each(['1', '2'])(
    'files of an earlier version work, with one warning by %s processes',
    async (processes) => {
      const data = join(folder, 'data');
      mkdirSync(data, { mode: 0o755 });
      writeFileSync(join(data, 'flash-sale.db'), '', { mode: 0o644 });
      const checkout = await startProcess({
        databaseUrl: `sqlite:${data}/flash-sale.db`,
        variables: { PROCESSES: processes },
      });

      expect(await warned(checkout)).toEqual([`chmod 600 ${data}/flash-sale.db && chmod 700 ${data}`]);
    },
  );

  test.each([
    ['a folder with other things, which others may list', 0o755, []],
    ['a folder with other things, which others may write', 0o777, ['chmod go-w']],
    ['a folder of temporary files', 0o1777, []],
  ])('%s', async (_, folderMode, commands) => {
    writeFileSync(join(folder, 'other'), '');
    chmodSync(folder, folderMode);
    const checkout = await startProcess({ databaseUrl: `sqlite:${folder}/flash-sale.db` });

    expect(mode(join(folder, 'flash-sale.db'))).toBe('600');
    expect(await warned(checkout)).toEqual(commands.map((text) => `${text} ${folder}`));
  });
});
