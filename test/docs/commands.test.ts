import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

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

/** What a person reads and may copy: pages, help, error messages, alerts. */
const copied = [
  ...globSync('*.md').filter((path) => path !== 'CHANGELOG.md'),
  ...globSync('{docs,examples}/*'),
  ...globSync('{src,web}/**/*.{ts,tsx,js,mjs}'),
  ...globSync('deploy/**/*'),
  'bin/flash-sale',
  'compose.yaml',
  'Dockerfile',
  'package.json',
  '.env.example',
].filter((path) =>
  /\.(md|sh|[mc]?[jt]sx?|ya?ml|json|conf|cfg|service|example)$|\/flash-sale$|file$/.test(path),
);

it('names each command by a path that works in a fresh clone', () => {
  const names = [...createProgram().commands.map((command) => command.name()), 'backup', 'restore', '--help'];
  const withoutPath = new RegExp(
    `(?<![\\w/.-])flash-sale(?: |(?<=\`flash-sale)\\n)(?:${names.join('|')})\\b`,
    'g',
  );
  const found = copied.flatMap((path) =>
    [...read(path).matchAll(withoutPath)].map((match) => {
      const line = read(path).slice(0, match.index).split('\n').length;
      return `${path}:${line}: ${match[0]}`;
    }),
  );
  expect(copied.length).toBeGreaterThan(300);
  expect(found).toEqual([]);
});
