import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');

it('runs on the node that package.json pins, whatever node the machine has', () => {
  const { optionalDependencies } = JSON.parse(read('package.json')) as {
    optionalDependencies: Record<string, string>;
  };
  const pinned = Object.entries(optionalDependencies).filter(([name]) => name.startsWith('node-'));
  expect(new Set(pinned.map(([, version]) => version))).toEqual(new Set([process.versions.node]));
});

it.each(['npm ci && npm start', 'npm ci && npm test'])(
  'shows "%s" on the first screen of the README',
  (command) => {
    expect(read('README.md').split('\n').slice(0, 30)).toContain(command);
  },
);

it('names the Debian package of the library that the packaged Node needs, next to the commands', () => {
  expect(read('README.md').split('\n').slice(0, 30).join('\n')).toContain('`libatomic1`');
});

it('ends .ci/run with the test command of the README', () => {
  expect(read('.ci/run').trimEnd().split('\n').at(-1)).toBe('npm ci && npm test');
});
