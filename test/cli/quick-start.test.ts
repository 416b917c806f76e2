import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

/** Says on stderr, when the process ends, whether Node has loaded what strips types. */
const report = `process.on('exit', () => {
  console.error(process.moduleLoadList.some((name) => name.includes('/amaro/')) ? 'strips types' : 'strips none');
})`;

function versionOf(command: string, args: readonly string[]): string {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(report)}`;
  const { stderr } = spawnSync(command, [...args, '--version'], {
    encoding: 'utf8',
    env: { ...env, NODE_OPTIONS },
  });
  return stderr;
}

it('finds everything in the cache when the command is started again', () => {
  const flashSale = resolve('bin/flash-sale');
  versionOf(flashSale, []);
  expect(versionOf(flashSale, [])).toBe('strips none\n');
});

it('is told apart from a start whose entry is the first file: Node strips its types', () => {
  expect(versionOf(process.execPath, [resolve('src/main.ts')])).toBe('strips types\n');
});
