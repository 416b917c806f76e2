import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { runCommand, startProcess } from '../support/checkout-process.ts';
import { describeEach } from '../support/needing.ts';
import { OwnServer, ownServers } from '../support/own-server.ts';
import type { ServerName } from '../support/servers.ts';
import { until } from '../support/until.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const blocks = [...page.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block = '']) => block);

const firstWords: Readonly<Record<ServerName, string>> = {
  MySQL: 'mysqldump ',
  MariaDB: 'mariadb-dump ',
  PostgreSQL: 'pg_dump ',
};

describeEach(ownServers)('the backup of $name as docs/operations.md has it', ({ name }) => {
  it('is one moment of a sale, and its restored database passes the audit', {
    timeout: 120_000,
  }, async () => {
    const block = blocks.find((each) => each.startsWith(firstWords[name])) ?? '';
    expect(block).not.toBe('');
    const server = await OwnServer.start(name);
    onTestFinished(() => server.end());
    await createSale(name, server.url);
    const checkout = await startProcess({ databaseUrl: within(server.url, 'flash_sale') });
    const productId = await checkout.createProduct({ stock: 1_000_000 });
    let held = 0;
    let isOver = false;
    const buyer = async () => {
      while (!isOver) {
        expect((await checkout.hold(productId)).status).toBe(201);
        held += 1;
      }
    };
    const buyers = [buyer(), buyer()];
    await until(() => held >= 20);

    const { status, said } = await runBlock(name, server.url, block);
    isOver = true;
    await Promise.all(buyers);

    expect([status, said]).toEqual([0, '']);
    const audit = runCommand('audit', within(server.url, 'restored_sale'));
    expect([audit.status, audit.stderr]).toEqual([0, '']);
  });
});

/** In an empty folder, with the user's own settings of the client programs, which name the server. */
async function runBlock(name: ServerName, serverUrl: string, block: string) {
  const home = mkdtempSync(join(tmpdir(), 'backup-docs-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const { hostname, port, username } = new URL(serverUrl);
  writeFileSync(join(home, '.my.cnf'), `[client]\nhost=${hostname}\nport=${port}\nuser=${username}\n`);
  const shell = spawn('bash', ['-eu', '-c', block], {
    cwd: home,
    env: {
      PATH: `${name === 'MySQL' ? ownMySqlPrograms(home) : ''}${process.env.PATH}`,
      HOME: home,
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [status] = await once(shell, 'close');
  return { status, said };
}

/** Of a MySQL that was unpacked into a folder with the libraries that it needs, as TEST_MYSQL_SCRIPT has it. */
function ownMySqlPrograms(home: string): string {
  const root = process.env.MYSQL9_ROOT;
  if (root === undefined) {
    return '';
  }
  const bin = join(home, 'bin');
  mkdirSync(bin);
  for (const program of ['mysql', 'mysqldump']) {
    const loader = `${root}/usr/lib64/ld-linux-x86-64.so.2 --library-path ${root}/usr/lib/x86_64-linux-gnu`;
    const text = `#!/bin/sh\nexec ${loader} ${root}/usr/bin/${program} "$@"\n`;
    writeFileSync(join(bin, program), text, { mode: 0o755 });
  }
  return `${bin}:`;
}

async function createSale(name: ServerName, serverUrl: string): Promise<void> {
  if (name === 'PostgreSQL') {
    const client = new pg.Client(within(serverUrl, 'postgres'));
    await client.connect();
    await client.query('create database flash_sale');
    await client.end();
  } else {
    const connection = await createConnection(serverUrl);
    await connection.query('create database flash_sale');
    await connection.end();
  }
}

function within(serverUrl: string, database: string): string {
  return Object.assign(new URL(serverUrl), { pathname: `/${database}` }).href;
}
