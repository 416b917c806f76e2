import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { firstMissing, type ProgramName, programPath } from './programs.ts';
import { listens } from './raw-http.ts';
import { freePort } from './servers.ts';
import { until } from './until.ts';

export type RunningProxy = {
  readonly url: string;
  readonly folder: string;
  /** The access log, as far as it is written. */
  readonly log: () => string;
};

export type ProxyOptions = {
  /** `host:port` of each node, in the place of the two in the example. */
  readonly nodes: readonly string[];
  /** The example with its line for a load balancer in front, which names the client of each request. */
  readonly behindLoadBalancer?: true;
  /** The example with its lines that close the console and the admin API to all but this address. */
  readonly operators?: string;
};

export type ProxyExample = {
  readonly name: 'nginx' | 'haproxy';
  readonly program: string | null;
  /** Its name, on a machine without it. */
  readonly missing: ProgramName | null;
  /** Checks the example as it is. */
  readonly check: () => { readonly status: number | null; readonly said: string };
  /** Runs a copy of the example on a free port, until the test that calls this has ended. */
  readonly start: (options: ProxyOptions) => Promise<RunningProxy>;
};

const nginxProgram = programPath('nginx');
const haproxyProgram = programPath('haproxy');

export const nginx: ProxyExample = {
  name: 'nginx',
  program: nginxProgram,
  missing: firstMissing('nginx'),
  check: () => {
    if (process.getuid?.() === 0) {
      return run(nginxProgram, ['-t', '-c', resolve('deploy/nginx.conf')]);
    }
    const folder = folderForTest();
    const file = copyOf('deploy/nginx.conf', folder, writableIn(folder));
    cpSync('deploy/nginx-upstream.conf', join(folder, 'nginx-upstream.conf'));
    return run(nginxProgram, ['-t', ...nginxArguments(file, folder)]);
  },
  start: async ({ nodes, behindLoadBalancer, operators }) => {
    const folder = folderForTest();
    const port = await freePort();
    const realIp = 'set_real_ip_from 127.0.0.1; real_ip_header X-Client;';
    const file = copyOf('deploy/nginx.conf', folder, [
      ['listen 8080', `listen 127.0.0.1:${port}`],
      ...writableIn(folder),
      ...(behindLoadBalancer === true ? ([['\nhttp {\n', `\nhttp {\n  ${realIp}\n`]] as const) : []),
      ...(operators === undefined
        ? []
        : ([
            ['# allow 192.0.2.0/24', `allow ${operators}`],
            ['# deny all', 'deny all'],
          ] as const)),
    ]);
    const servers = nodes.map((node) => `server ${node} max_fails=3 fail_timeout=5s;\n`);
    writeFileSync(join(folder, 'nginx-upstream.conf'), servers.join(''));
    await startForTest(nginxProgram, nginxArguments(file, folder), port);
    return {
      url: `http://127.0.0.1:${port}`,
      folder,
      log: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    };
  },
};

/** An ordinary user cannot write to the folders of the package. */
function writableIn(folder: string): readonly (readonly [string, string])[] {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return [
    ['/var/log/nginx/access.log', `${folder}/access.log`],
    ['\nhttp {\n', `\nhttp {\n  ${paths.join('\n  ')}\n`],
  ];
}

/** The options of `nginx` for a proxy of a test, also for its signals. */
export function nginxArguments(file: string, folder: string): readonly string[] {
  return ['-c', file, '-g', `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn;`];
}

export const haproxy: ProxyExample = {
  name: 'haproxy',
  program: haproxyProgram,
  missing: firstMissing('haproxy'),
  check: () => run(haproxyProgram, ['-c', '-f', 'deploy/haproxy.cfg']),
  start: async ({ nodes, behindLoadBalancer, operators }) => {
    const folder = folderForTest();
    const port = await freePort();
    const accepts = behindLoadBalancer === true ? ' accept-proxy' : '';
    const file = copyOf('deploy/haproxy.cfg', folder, [
      ['bind :8080', `bind 127.0.0.1:${port}${accepts}`],
      ['node-1 127.0.0.1:8001', `node-1 ${nodes[0]}`],
      ['node-2 127.0.0.1:8002', `node-2 ${nodes[1]}`],
      ...(operators === undefined
        ? []
        : ([
            ['# acl operators src 192.0.2.0/24', `acl operators src ${operators}`],
            ['# http-request deny', 'http-request deny'],
          ] as const)),
    ]);
    const log = await startForTest(haproxyProgram, ['-f', file, '-db'], port);
    return { url: `http://127.0.0.1:${port}`, folder, log };
  },
};

function run(program: string | null, given: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program ?? '', given, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  // Workers run as another user when the tests run as root.
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy with replacements, each of which has to fit. */
function copyOf(path: string, folder: string, replacements: readonly (readonly [string, string])[]): string {
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) {
      throw new Error(`${path}: expected "${from}" in it`);
    }
    text = text.replaceAll(from, to);
  }
  const file = join(folder, path.split('/').at(-1) ?? '');
  writeFileSync(file, text);
  return file;
}

/** Resolves once the proxy listens, to a function that returns its standard output. */
async function startForTest(
  program: string | null,
  given: readonly string[],
  port: number,
): Promise<() => string> {
  const child = spawn(program ?? '', given, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let printed = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  await until(async () => {
    if (child.exitCode !== null) {
      throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
    }
    return listens(`http://127.0.0.1:${port}`);
  });
  return () => printed;
}
