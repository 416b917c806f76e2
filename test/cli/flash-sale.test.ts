import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { flagOf, options } from '../../src/config/options.ts';

const script = join(process.cwd(), 'bin/flash-sale');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * Runs it in an empty folder, with nothing but the system's programs on the path: the machine's node may be
 * old.
 */
function flashSale(args: readonly string[], env: Record<string, string> = {}, file = script) {
  const path = '/usr/local/bin:/usr/bin:/bin';
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: folder,
    env: { PATH: path, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const quiet = (stdout: string) => ({ status: 0, stdout, stderr: '' });

describe('bin/flash-sale', () => {
  it('runs through a link, as npx calls it, with the Node that npm installed', () => {
    mkdirSync(join(folder, 'links'));
    symlinkSync(script, join(folder, 'links/absolute'));
    symlinkSync('links/absolute', join(folder, 'relative'));
    expect(flashSale(['--version'], {}, join(folder, 'relative'))).toEqual(quiet(`${packageJson.version}\n`));
  });

  it('says what to do in one line when no Node is new enough', () => {
    cpSync('bin', join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin/node'), '#!/bin/sh\necho 20\n');
    chmodSync(join(folder, 'bin/node'), 0o755);
    const PATH = `${join(folder, 'bin')}:/usr/bin:/bin`;
    const { status, stdout, stderr } = flashSale([], { PATH }, join(folder, 'bin/flash-sale'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^flash-sale: needs Node\.js 24 or newer: run "npm ci" [^\n]+\n$/);
  });
});

describe('the command line', () => {
  it('has help for every command', () => {
    const { status, stdout, stderr } = flashSale(['--help']);
    expect([status, stderr]).toEqual([0, '']);
    for (const name of [
      'serve',
      'worker',
      'migrate',
      'seed',
      'audit',
      'backup',
      'restore',
      'cache-clear',
      'events',
      'bench',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(flashSale([name, '--help'])).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('has a flag of serve for every option, with its variable and its default', () => {
    const { stdout } = flashSale(['serve', '--help']);
    for (const { env } of options) {
      expect(stdout).toMatch(new RegExp(`^  ${flagOf(env)} [\\s\\S]*?\\(${env},\\s+default:\\s`, 'm'));
    }
  });

  it.each([
    { args: ['sreve'], line: "unknown command 'sreve' (Did you mean serve?). See bin/flash-sale --help" },
    {
      args: ['serve', '--prot', '1'],
      line: "unknown option '--prot' (Did you mean --port?). See bin/flash-sale --help",
    },
    {
      args: ['serve', '--port'],
      line: "option '--port <number>' argument missing. See bin/flash-sale --help",
    },
    {
      args: ['serve', '--hold-seconds', '2m'],
      line: '--hold-seconds: expected a whole number from 1 to 86400, got "2m"',
    },
    { args: ['serve', '--worker', 'maybe'], line: '--worker: expected true or false, got "maybe"' },
  ])('refuses $args in one line', ({ args, line }) => {
    expect(flashSale(args)).toEqual({ status: 2, stdout: '', stderr: `flash-sale: ${line}\n` });
  });

  it('refuses a bad variable and a bad line of .env in one line', () => {
    expect(flashSale(['audit'], { PORT: 'http' })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'flash-sale: PORT: expected a whole number from 0 to 65535, got "http"\n',
    });
    writeFileSync(join(folder, '.env'), 'PORT=http\n');
    expect(flashSale(['audit']).stderr).toBe(
      'flash-sale: PORT in .env: expected a whole number from 0 to 65535, got "http"\n',
    );
  });

  it('shows its help and fails when no command is given', () => {
    const { status, stdout, stderr } = flashSale([]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: bin\/flash-sale /);
  });
});

describe('the commands', () => {
  it('migrate, seed and audit a database, and change nothing when they run again', () => {
    expect(flashSale(['seed'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'flash-sale: The database schema is older than this version: run bin/flash-sale migrate first\n',
    });
    expect(flashSale(['migrate'])).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(folder, 'data/flash-sale.db'))).toBe(true);
    expect(flashSale(['migrate'])).toEqual(quiet('The database schema is up to date\n'));
    expect(flashSale(['seed'])).toEqual(quiet('Created 10 demo products\n'));
    expect(flashSale(['seed'])).toEqual(quiet('Nothing to do: there are products already\n'));
    const audit = flashSale(['audit']);
    expect(audit).toMatchObject({ status: 0, stderr: '' });
    expect(audit.stdout).toMatch(/\nNo difference; \d+ checks\.\n$/);
  });

  it('do not put demo products into production', () => {
    expect(flashSale(['seed'], { NODE_ENV: 'production' })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'flash-sale: Demo products are not for production: NODE_ENV is production\n',
    });
  });

  it('say what is wrong with a database that cannot be opened', () => {
    const { status, stderr } = flashSale(['migrate', '--database-url', `sqlite:${folder}`]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^flash-sale: The database cannot be used \([^\n]+\): check DATABASE_URL [^\n]+\n$/,
    );
  });

  it.each(['serve', 'worker', 'migrate', 'audit'])(
    '%s: says what is wrong with the URL of a server',
    (command) => {
      expect(flashSale([command], { DATABASE_URL: 'mysql://root:hunter2@h1,h2/sale?ssl=on' })).toEqual({
        status: 2,
        stdout: '',
        stderr:
          'flash-sale: DATABASE_URL: unknown option "ssl" behind the ?, known are ssl-mode, ssl-ca, ssl-cert, ssl-key\n',
      });
    },
  );

  it.each(['1', '2'])('do not serve unsigned payment events to the network by %s processes', (processes) => {
    const flags = ['--host', '0.0.0.0', '--port', '0', '--processes', processes];
    const { status, stdout, stderr } = flashSale(['serve', ...flags]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^flash-sale: Unsigned payment events are not accepted while HOST is 0\.0\.0\.0: [^\n]+\n$/,
    );
  });

  it.each(['1', '2'])('say that another process has the port, also to %s processes', async (processes) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(flashSale(['serve', '--port', String(port), '--processes', processes])).toEqual({
      status: 1,
      stdout: '',
      stderr: `flash-sale: Another process listens on 127.0.0.1 port ${port}: stop it, or choose another port with --port\n`,
    });
    other.close();
  });

  it('say that the first of several processes did not come up, and start no other', () => {
    const script = 'if (process.argv[1]?.endsWith("server-main.ts")) { process.exit(3); }';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`;
    expect(flashSale(['serve', '--processes', '2', '--port', '0'], { NODE_OPTIONS })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'flash-sale: The first server process ended before it listened, with exit code 3\n',
    });
  });

  it('say that several processes need a database that they share', () => {
    const flags = ['--processes', '2', '--database-url', 'sqlite::memory:', '--port', '0'];
    expect(flashSale(['serve', ...flags])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'flash-sale: PROCESSES is 2, but a database in memory belongs to one process only: ' +
        'set DATABASE_URL to a file or a server, or PROCESSES to 1\n',
    });
  });

  it('say that there is no cache to clear besides the memory of servers', () => {
    expect(flashSale(['cache-clear'])).toMatchObject({ status: 0, stderr: '' });
  });
});
