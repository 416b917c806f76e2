import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const loaderError = (library: string): string =>
  `node: error while loading shared libraries: ${library}: cannot open shared object file: No such file or directory`;

/** A program that ends as the dynamic loader ends Node on a machine without the library. */
const brokenBy = (library: string): string => `#!/bin/sh\necho '${loaderError(library)}' >&2\nexit 127\n`;
/** A Node that is too old for src/, as a machine may have one. */
const oldNode = '#!/bin/sh\necho 20\n';

/** An installation whose packaged Node is the given program, and that program on the path of npm's scripts. */
function installation(packagedNode: string) {
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync('bin', join(folder, 'bin'), { recursive: true });
  const npmPath = join(folder, 'node_modules/.bin');
  const ownPath = join(folder, 'own');
  for (const [path, program] of [
    [npmPath, packagedNode],
    [ownPath, oldNode],
  ] as const) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'node'), program);
    chmodSync(join(path, 'node'), 0o755);
  }
  const run = (command: string, path: string) => {
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
      cwd: folder,
      env: { PATH: `${path}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
    return { status, stdout, stderr: stderr.split('\n') };
  };
  return {
    prepare: () => run(packageJson.scripts.prepare, npmPath),
    flashSale: () => run('bin/flash-sale serve', ownPath),
  };
}

it.each([
  ['libatomic.so.1', 'flash-sale: Install the library, on Debian and Ubuntu: apt-get install libatomic1'],
  ['libstdc++.so.6', 'flash-sale: Install the library, on Debian and Ubuntu: apt-get install libstdc++6'],
  [
    'libother.so.3',
    'flash-sale: Install what is missing, or Node.js 24 or newer, which bin/flash-sale then uses instead: https://nodejs.org',
  ],
])('prints the error of the loader and the remedy when the packaged Node lacks %s', (library, remedy) => {
  const { prepare, flashSale } = installation(brokenBy(library));
  const problem = [`flash-sale: the Node that npm installed cannot run: ${loaderError(library)}`, remedy, ''];
  expect(flashSale()).toEqual({ status: 1, stdout: '', stderr: problem });
  // The first line is printed by the loader itself, when npm's script begins.
  expect(prepare()).toEqual({ status: 1, stdout: '', stderr: [loaderError(library), ...problem] });
});

it('prints nothing about the packaged Node when it runs and the preparation fails', () => {
  const { prepare } = installation('#!/bin/sh\n[ "$1" = --version ] || { echo "no pages" >&2; exit 3; }\n');
  expect(prepare()).toEqual({ status: 1, stdout: '', stderr: ['no pages', ''] });
});

it('starts the service when SIGHUP comes while bin/flash-sale asks a Node for its version', () => {
  const hangsUp = '#!/bin/sh\n[ "$1" = -p ] || { echo serving; exit; }\nkill -HUP $PPID\necho 26\n';
  expect(installation(hangsUp).flashSale()).toEqual({ status: 0, stdout: 'serving\n', stderr: [''] });
});
