import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newDatabaseForTest } from '../support/checkout.ts';
import { type CheckoutProcess, type ProcessOptions, startProcess } from '../support/checkout-process.ts';
import { embeddedAndServer } from '../support/databases.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

const [embedded = expect.fail()] = embeddedAndServer;

const preload = 'test/support/hang-up-at-load.ts';

/** Of them the entries of `serve`, `worker` and a server process load two each, and the service follows behind the last one. */
const parts = '/src/cli/failure.ts,/src/cli/run-service.ts,/src/app.ts';

async function start(options: Partial<ProcessOptions>): Promise<CheckoutProcess> {
  const { url: databaseUrl } = await newDatabaseForTest(embedded);
  return startProcess({ databaseUrl, ownGroup: true, ...options });
}

/** What an operator or logrotate does first. */
function moveAway({ logFile }: CheckoutProcess): string {
  const moved = `${logFile}.1`;
  renameSync(logFile, moved);
  return moved;
}

const idsIn = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line))
    .flatMap(({ msg, hold_id }) => (msg === 'Hold created' ? [Number(hold_id)] : []));

const ascending = (ids: readonly number[]) => ids.toSorted((a, b) => a - b);

describe.each(['1', '3'])('SIGHUP to a service with PROCESSES=%s', (PROCESSES) => {
  test.each([
    ['the process', (checkout: CheckoutProcess) => checkout.signal('SIGHUP')],
    ['the whole group', (checkout: CheckoutProcess) => checkout.signalGroup('SIGHUP')],
  ])(
    'that reaches %s begins a new log file, and each line is in one of the two files once',
    async (_, hangUp) => {
      const checkout = await start({ variables: { PROCESSES, RATE_LIMIT_HOLDS: '0' } });
      const productId = await checkout.createProduct({ stock: 1_000 });
      const replies = atOnce(500, () => checkout.hold(productId));
      await until(() => checkout.logged('Hold created').length > 0);

      const moved = moveAway(checkout);
      hangUp(checkout);

      await until(() => checkout.logged('Log file reopened', { log_file: checkout.logFile }).length === 1);
      const held = [...(await replies), await checkout.hold(productId)].map(({ body }) => body.hold_id);
      checkout.signal('SIGTERM');
      expect(await checkout.ended).toEqual({ code: 0, signal: null });
      const now = idsIn(checkout.logFile);
      expect(now).toContain(held.at(-1));
      expect(ascending([...idsIn(moved), ...now])).toEqual(ascending(held));
      expect(checkout.logged('Log file reopened')).toHaveLength(1);
      expect(checkout.logged('Server process ended, another one takes its place')).toEqual([]);
    },
  );

  test('that comes while its parts are loaded does not end it', async () => {
    const checkout = await start({ variables: { PROCESSES, HANG_UP_AT: parts }, preload });
    expect((await checkout.get('/healthz')).status).toBe(200);
    expect(checkout.logged('Server process ended, another one takes its place')).toEqual([]);
    checkout.signal('SIGTERM');
    expect(await checkout.ended).toEqual({ code: 0, signal: null });
  });
});

test('SIGHUP to a lone worker begins a new log file at once, before the next line of its work', async () => {
  const worker = await start({ command: 'worker' });
  worker.signal('SIGHUP');
  await until(() => worker.logged('Log file reopened').length === 1);
  const moved = moveAway(worker);

  worker.signal('SIGHUP');

  await until(() => existsSync(worker.logFile) && worker.logged('Log file reopened').length === 1);
  expect(readFileSync(moved, 'utf8')).toContain('Log file reopened');
  worker.signal('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
});

test('SIGHUP while a lone worker starts does not end it', async () => {
  const worker = await start({ command: 'worker', variables: { HANG_UP_AT: parts }, preload });
  worker.signal('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
});

test('SIGHUP opens the new file also where LOG_LEVEL leaves out the line that says so', async () => {
  const checkout = await start({ variables: { LOG_LEVEL: 'silent' } });
  expect(existsSync(checkout.logFile)).toBe(false);
  checkout.signal('SIGHUP');
  await until(() => existsSync(checkout.logFile));
  expect(readFileSync(checkout.logFile, 'utf8')).toBe('');
});

test('SIGHUP without a log file is one line on stdout, and the service goes on', async () => {
  const checkout = await start({ variables: { LOG_FILE: '' }, keepsStdout: true });
  checkout.signal('SIGHUP');
  await until(() => checkout.printed.includes('SIGHUP changes nothing: LOG_FILE is empty'));
  expect((await checkout.get('/healthz')).status).toBe(200);
});

test('SIGHUP ends a command that is not a service, as a closed terminal does', async () => {
  const child = spawn(process.execPath, ['--import', resolve(preload), resolve('src/main.ts'), 'migrate'], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, DATABASE_URL: 'sqlite::memory:', HANG_UP_AT: '/src/cli/migrate.ts' },
  });
  expect(await once(child, 'exit')).toEqual([null, 'SIGHUP']);
});
