import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve, sep } from 'node:path';
import { onTestFinished } from 'vitest';

/** Folders of a working copy that a fresh clone does not have. */
const leftOut: ReadonlySet<string> = new Set(['.git', 'node_modules', 'data', 'storage', 'coverage', '.env']);

/** A copy of the project as `git clone` and `npm ci` leave it, with the service started in it. */
export type FreshClone = {
  readonly folder: string;
  readonly url: string;
  /** Variables of a newcomer's shell: nothing of the run of the tests. */
  readonly variables: Readonly<Record<string, string>>;
};

/**
 * Starts the service on a free port.
 *
 * @param atEnd is given what ends it; without it, it ends with the test that started it
 */
export async function freshClone(
  serviceVariables: Readonly<Record<string, string>>,
  atEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<FreshClone> {
  const home = mkdtempSync(join(tmpdir(), 'fresh-clone-'));
  const folder = join(home, 'flash-sale');
  cpSync('.', folder, { recursive: true, filter: (path) => !leftOut.has(path.split(sep)[0] ?? '') });
  linkPackages(join(folder, 'node_modules'));
  const variables = newcomersVariables(home);
  const service = spawn('bin/flash-sale', ['serve', '--port', '0'], {
    cwd: folder,
    env: { ...variables, ...serviceVariables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  atEnd(async () => {
    await end(service);
    rmSync(home, { recursive: true, force: true });
  });
  return { folder, url: await readyAt(service), variables };
}

/** Each package is a link, so that caches below `node_modules` stay in the copy. */
function linkPackages(folder: string): void {
  mkdirSync(folder);
  for (const name of readdirSync('node_modules')) {
    if (name === '.bin' || !name.startsWith('.')) {
      symlinkSync(resolve('node_modules', name), join(folder, name));
    }
  }
}

function newcomersVariables(home: string): Record<string, string> {
  // npm puts the project's programs on the path of the tests. A newcomer's shell does not have them.
  const path = (process.env.PATH ?? '').split(delimiter).filter((each) => !each.includes('node_modules'));
  return {
    PATH: path.join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    npm_config_update_notifier: 'false',
  };
}

async function readyAt(service: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((ready, fail) => {
    service.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, url] = /ready at (http:\S+)\n/.exec(said) ?? [];
      if (url !== undefined) {
        ready(url);
      }
    });
    service.on('error', fail);
    service.on('exit', (code) => fail(new Error(`The service ended before it was ready (${code}): ${said}`)));
  });
}

async function end(service: ChildProcess): Promise<void> {
  if (service.exitCode === null && service.signalCode === null) {
    const ended = once(service, 'exit');
    service.kill();
    await ended;
  }
}
