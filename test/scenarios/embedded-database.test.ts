import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { atOnce, tally } from '../support/tally.ts';
import { expectUnavailable } from '../support/unavailable.ts';
import { until } from '../support/until.ts';

/**
 * What can be the matter with a database that is a file. When it is mended, the service goes on by itself.
 */
describe('the file of the embedded database', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'embedded-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  });

  test('is something else', async () => {
    const path = join(folder, 'flash-sale.db');
    writeFileSync(path, 'Dear diary, this is no database at all.\n'.repeat(500));
    const checkout = await checkoutForTest({ waits: false, variables: { DATABASE_URL: `sqlite:${path}` } });

    await expectUnavailable(checkout, /file is not a database/);

    rmSync(path);
    await until(async () => (await checkout.get('/readyz')).status === 200);
    expect((await checkout.hold(await checkout.createProduct())).status).toBe(201);
  });

  test('lies in a folder that cannot be made', async () => {
    const inTheWay = join(folder, 'data');
    writeFileSync(inTheWay, '');
    const checkout = await checkoutForTest({
      waits: false,
      variables: { DATABASE_URL: `sqlite:${join(inTheWay, 'deeper', 'flash-sale.db')}` },
    });

    await expectUnavailable(checkout, /folder cannot be used/);

    rmSync(inTheWay);
    mkdirSync(inTheWay);
    await until(async () => (await checkout.get('/readyz')).status === 200);
    expect((await checkout.hold(await checkout.createProduct())).status).toBe(201);
  });

  // A limit of the size of files stands for the full disk: the system refuses the write just the same. It can
  // be lifted again only here.
  test.runIf(process.platform === 'linux')('cannot grow: the disk is full', async () => {
    const path = join(folder, 'flash-sale.db');
    const checkout = await startProcess({ databaseUrl: `sqlite:${path}` });
    const productId = await checkout.createProduct({ stock: 100_000 });
    const first = await checkout.hold(productId);
    const sizeMax = (bytes: number | string) =>
      spawnSync('prlimit', [`--pid=${checkout.pid}`, `--fsize=${bytes}:unlimited`]).status;
    // The log file is small yet; what is refused is the file that grows with each commit.
    expect(sizeMax(statSync(`${path}-wal`).size)).toBe(0);

    const refused = await atOnce(100, () => checkout.hold(productId));

    expect(tally(refused)).toEqual({ database_unavailable: 100 });
    expect(refused[0]?.headers['retry-after']).toMatch(/^\d+$/);
    expect((await checkout.get('/healthz')).status).toBe(200);
    expect((await checkout.get('/readyz')).status).toBe(503);
    expect((await checkout.get(`/api/v1/holds/${first.body.hold_id}`)).body.status).toBe('held');
    expect(await checkout.availableStock(productId)).toBe(99_999);
    await until(() => checkout.logged('Database cannot be written').length > 0);

    expect(sizeMax('unlimited')).toBe(0);
    expect(tally(await atOnce(100, () => checkout.hold(productId)))).toEqual({ 201: 100 });
    expect(await checkout.availableStock(productId)).toBe(99_899);
    // A commit shows that it can be written again.
    expect((await checkout.get('/readyz')).status).toBe(200);
    expect(await checkout.auditDifferences()).toEqual([]);
  });
});
