import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { flagKindOf, flagOf } from '../../src/config/option.ts';
import { options } from '../../src/config/options.ts';
import { webhookSecret } from '../support/signed-events.ts';
import { until } from '../support/until.ts';

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

function writeDotEnv(content: string, mode = 0o600): void {
  writeFileSync(join(folder, '.env'), content);
  chmodSync(join(folder, '.env'), mode);
}

/** The processes that a process has started and that run. */
function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
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

  it('has a flag of serve for every option that is not a secret, with its variable and its default', () => {
    const { stdout } = flashSale(['serve', '--help']);
    for (const row of options) {
      const flag = new RegExp(`^  ${flagOf(row.env)} [\\s\\S]*?\\(${row.env},\\s+default:\\s`, 'm');
      expect([row.env, flag.test(stdout)]).toEqual([row.env, flagKindOf(row) !== 'none']);
      expect(stdout).toContain(row.env);
    }
    expect(stdout).toMatch(/Each secret may stand in a file: DATABASE_URL_FILE is the path/);
  });

  it('refuses the flag of a secret in one line that names the variables, and shows no value', () => {
    for (const args of [['--admin-token', 'hunter2'], ['--admin-token=hunter2'], ['--admin-token']]) {
      expect(flashSale(['serve', ...args])).toEqual({
        status: 2,
        stdout: '',
        stderr:
          'flash-sale: --admin-token: a secret on the command line is visible to other users of the machine: use ADMIN_TOKEN or ADMIN_TOKEN_FILE\n',
      });
    }
    expect(flashSale(['audit', '--database-url', 'mysql://root:hunter2@db/sale']).stderr).toBe(
      'flash-sale: --database-url: a password on the command line is visible to other users of the machine: use DATABASE_URL or DATABASE_URL_FILE\n',
    );
    expect(flashSale(['audit', '--datbase-url=mysql://root:hunter2@db/sale']).stderr).toBe(
      "flash-sale: unknown option '--datbase-url'. See bin/flash-sale --help\n",
    );
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
    writeDotEnv('PORT=http\n');
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

describe('.env', () => {
  const foreign = 'COMPOSE_PROJECT_NAME=shop\nMYSQL_PASSWORD=hunter2\nTZ=UTC\n';
  const warned = ['COMPOSE_PROJECT_NAME', 'MYSQL_PASSWORD', 'TZ']
    .map((name) => `flash-sale: ${name} in .env: not an option, so it is not used\n`)
    .join('');

  it('is read behind the byte-order mark of an editor', () => {
    writeDotEnv('\uFEFFDATABASE_URL=sqlite:other.db\r\n');
    expect(flashSale(['migrate'])).toMatchObject({ status: 0, stderr: '' });
    expect([existsSync(join(folder, 'other.db')), existsSync(join(folder, 'data'))]).toEqual([true, false]);
  });

  it('stops every command at a name that is nearly an option', () => {
    writeDotEnv('DATABSE_URL=sqlite:other.db\n');
    for (const command of ['serve', 'worker', 'migrate', 'seed', 'audit', 'cache-clear']) {
      expect(flashSale([command])).toEqual({
        status: 2,
        stdout: '',
        stderr: 'flash-sale: DATABSE_URL in .env: not an option; did you mean DATABASE_URL?\n',
      });
    }
  });

  it('is a warning for each other name, also for commands that do not serve', () => {
    writeDotEnv(foreign);
    expect(flashSale(['migrate'])).toMatchObject({ status: 0, stderr: warned });
    expect(flashSale(['audit'])).toMatchObject({ status: 0, stderr: warned });
  });

  it('is not judged in the environment, which has names of other programs', () => {
    expect(flashSale(['migrate'], { DATABSE_URL: 'x', HOTS: 'y' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('is a warning where other users may read it', () => {
    writeDotEnv('PORT=0\n', 0o644);
    expect(flashSale(['migrate'])).toMatchObject({
      status: 0,
      stderr: 'flash-sale: .env is open to other users of this machine (mode 0644): run chmod 600 .env\n',
    });
  });

  // Only Linux has /proc, where other users can read about a process.
  it.runIf(process.platform === 'linux')(
    'warns once with several processes, and keeps secrets out of their arguments and environment',
    async () => {
      writeFileSync(join(folder, 'token'), 'hunter2-in-a-file\n', { mode: 0o600 });
      writeDotEnv(`${foreign}ADMIN_TOKEN_FILE=token\nDATABASE_URL=sqlite:hunter2.db\n`);
      const service = spawn(script, ['serve', '--processes', '2', '--port', '0'], {
        cwd: folder,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      onTestFinished(async () => {
        const ended = once(service, 'exit');
        service.kill('SIGTERM');
        await ended;
      });
      let said = '';
      service.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await until(() => said.includes('ready at'));
      expect(said).toMatch(new RegExp(`^${warned}Flash-sale checkout is ready`));
      const pids = [service.pid ?? 0, ...childrenOf(service.pid ?? 0)];
      expect(pids).toHaveLength(3);
      for (const pid of pids) {
        const seen = ['cmdline', 'environ']
          .map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
          .join();
        expect(seen).toMatch(/main\.ts/);
        expect(seen).not.toMatch(/hunter2/);
      }
    },
  );
});

describe('the commands', () => {
  it('migrate, seed and audit a database, and change nothing when they run again', () => {
    expect(flashSale(['migrate'])).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(folder, 'data/flash-sale.db'))).toBe(true);
    expect(flashSale(['migrate'])).toEqual(quiet('The database schema is up to date\n'));
    expect(flashSale(['seed'])).toEqual(quiet('Created 10 demo products\n'));
    expect(flashSale(['seed'])).toEqual(quiet('Nothing to do: there are products already\n'));
    const audit = flashSale(['audit']);
    expect(audit).toMatchObject({ status: 0, stderr: '' });
    expect(audit.stdout).toMatch(/\nNo difference; \d+ checks\.\n$/);
  });

  it('ask for a migration of a database without tables', () => {
    writeFileSync(join(folder, 'empty.db'), '');
    expect(flashSale(['seed', '--database-url', 'sqlite:empty.db'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'flash-sale: The database schema is older than this version: run bin/flash-sale migrate first\n',
    });
  });

  it.each([['seed'], ['audit'], ['events', 'list'], ['events', 'endpoints']])(
    'name a database file that is missing, and create neither it nor its folder: %s %s',
    (...command) => {
      expect(flashSale([...command, '--database-url', 'sqlite:dta/flash-sale.db'])).toEqual({
        status: 1,
        stdout: '',
        stderr:
          'flash-sale: There is no database dta/flash-sale.db: check DATABASE_URL, or create it with bin/flash-sale migrate\n',
      });
      expect(existsSync(join(folder, 'dta'))).toBe(false);
    },
  );

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
          'flash-sale: DATABASE_URL: unknown option "ssl" behind the ?, known are ssl-mode, ssl-ca, ssl-cert, ssl-key, socketPath\n',
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

  it.each(['1', '2'])('do not trust a proxy with unsigned events, by %s processes', (processes) => {
    const flags = ['--trust-proxy', '127.0.0.1', '--port', '0', '--processes', processes];
    expect(flashSale(['serve', ...flags])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'flash-sale: Unsigned payment events are not accepted while TRUST_PROXY is set: set WEBHOOK_SECRETS or ' +
        'STRIPE_WEBHOOK_SECRETS, or serve on a loopback HOST outside production without TRUST_PROXY\n',
    });
  });

  it.each([['serve'], ['serve', '--processes', '2'], ['worker']])(
    'do not simulate payments in a real sale: %s',
    (...args) => {
      const variables = { SIMULATED_PAYMENTS: 'true', WEBHOOK_SECRETS: webhookSecret, PORT: '0' };
      expect(flashSale(args, variables)).toEqual({
        status: 2,
        stdout: '',
        stderr:
          'flash-sale: SIMULATED_PAYMENTS is true, which contradicts WEBHOOK_SECRETS: ' +
          'set SIMULATED_PAYMENTS to false for a real sale, or unset the other settings for a trial\n',
      });
    },
  );

  it.each(['serve', 'worker'])('refuse in one line a secret that is not base64: %s', (command) => {
    for (const name of ['WEBHOOK_SECRETS', 'EVENT_WEBHOOK_SECRETS']) {
      expect(flashSale([command], { [name]: 'whsec_A' })).toEqual({
        status: 2,
        stdout: '',
        stderr: `flash-sale: ${name}: expected a comma list, each item whsec_ and the secret in base64, got something else (not shown, because it is secret)\n`,
      });
    }
  });

  it.each(['1', '2'])('warn once of events that leave unencrypted, by %s processes', (processes) => {
    const secret = { WEBHOOK_SECRETS: webhookSecret, EVENT_WEBHOOK_SECRETS: webhookSecret };
    const urls = { EVENT_WEBHOOK_URLS: 'http://me:hunter2@shop.example/hunter2' };
    const variables = { ...secret, ...urls, NODE_ENV: 'production', HOST: '192.0.2.1', PROCESSES: processes };
    const { stderr } = flashSale(['serve'], variables);
    expect(stderr).toMatch(
      /^flash-sale: EVENT_WEBHOOK_URLS: events for shop\.example travel unencrypted over http:\/\/: use https:\/\/\nflash-sale: HOST is not [^\n]+\n$/,
    );
  });

  it.each([
    ['serve', '1'],
    ['serve', '2'],
    ['worker', '1'],
  ])('warn once of a test key of Stripe in production: %s with %s processes', (command, processes) => {
    const stripe = {
      STRIPE_API_KEY: 'sk_test_hunter2',
      STRIPE_WEBHOOK_SECRETS: 'whsec_of_an_endpoint_at_stripe',
    };
    const { stderr } = flashSale([command], {
      ...stripe,
      NODE_ENV: 'production',
      HOST: '192.0.2.1',
      PROCESSES: processes,
      WORKER_PORT: '8123',
    });
    expect(stderr.match(/test key/g)).toHaveLength(1);
    expect(stderr).toMatch(
      /^flash-sale: STRIPE_API_KEY is a test key, [^\n]+\nflash-sale: HOST is not [^\n]+\n$/,
    );
    expect(stderr).not.toContain('hunter2');
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
