import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs it in an empty folder that is its folder for temporary files too. */
function bench(args: readonly string[], file = join(process.cwd(), 'bin/flash-sale')) {
  const { status, stdout, stderr } = spawnSync(file, ['bench', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: folder },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** When each of the project's results was written. */
function resultFiles(): readonly (readonly [string, number])[] {
  return globSync('bench/results/*').map((file) => [file, statSync(file).mtimeMs]);
}

/** Processes that were told of the folder: as far as the system shows them. */
function processesOf(path: string): readonly string[] {
  const entries = existsSync('/proc') ? readdirSync('/proc') : [];
  return entries
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(path);
      } catch {
        return false; // it has ended meanwhile, or is somebody else's
      }
    });
}

describe('flash-sale bench', () => {
  it.each([
    {
      args: ['--only', 'holds,hold'],
      line: `option '--only <parts>' argument 'holds,hold' is invalid. Expected a comma list of holds, peers, refusals, reads, purchases, latency, got "hold". See bin/flash-sale --help`,
    },
    {
      args: ['--databases', 'oracle'],
      line: `option '--databases <names>' argument 'oracle' is invalid. Expected a comma list of sqlite, mariadb, postgres, mysql, got "oracle". See bin/flash-sale --help`,
    },
    {
      args: ['--rounds', '0'],
      line: "option '--rounds <number>' argument '0' is invalid. Expected a whole number from 1 to 100. See bin/flash-sale --help",
    },
    {
      args: ['--seconds', '1.5'],
      line: "option '--seconds <number>' argument '1.5' is invalid. Expected a whole number from 1 to 60. See bin/flash-sale --help",
    },
  ])('refuses $args in one line', ({ args, line }) => {
    expect(bench(args)).toEqual({ status: 2, stdout: '', stderr: `flash-sale: ${line}\n` });
  });

  it('says in its help what can be measured', () => {
    const { status, stdout } = bench(['--help']);
    expect(status).toBe(0);
    for (const part of ['holds', 'peers', 'refusals', 'reads', 'purchases', 'latency']) {
      expect(stdout).toMatch(new RegExp(`^  ${part} +\\w`, 'm'));
    }
  });

  it('says what is missing where only the service is installed', () => {
    for (const part of ['src', 'bin', 'package.json']) {
      cpSync(part, join(folder, part), { recursive: true });
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    const { status, stdout, stderr } = bench([], join(folder, 'bin/flash-sale'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^flash-sale: Measuring needs a checkout [^\n]+ no bench: [^\n]+npm run bench[^\n]+\n$/,
    );
  });

  it('measures, prints its table and leaves nothing behind', () => {
    const before = resultFiles();
    const { status, stdout, stderr } = bench([
      ...['--only', 'holds', '--databases', 'sqlite', '--rounds', '1', '--seconds', '1'],
    ]);
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('2 of 2: holds') });
    expect(stdout).toMatch(/│ holds, SQLite, 64 connections +│ +\d+\.\d\d │ ≥ 0\.80 │ (reached|missed) /);
    expect(stdout).toMatch(/│ holds, SQLite, 256 connections +│ +\d+\.\d\d │ ≥ 0\.90 │ (reached|missed) /);
    expect(stdout).toContain('every audit was clean');
    expect(stdout).toContain('Not written to bench/results: the run was shortened.');
    expect(readdirSync(folder)).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
    expect(resultFiles()).toEqual(before);
  });
});
