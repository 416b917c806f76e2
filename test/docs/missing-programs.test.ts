import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Skipped } from '../support/left-out-table.ts';
import { programNames, remedyFor, withMissing } from '../support/programs.ts';

const script = 'scripts/bare-machine.sh';
const tables = '(?:databases|sharedDatabases|serverDatabases|embeddedAndServer|ownServers)';

/** Runs a command where the script hides the programs by a path, as on a machine that allows no mount namespace. */
function onBareMachine(command: readonly string[]) {
  const scratch = mkdtempSync(join(tmpdir(), 'bare-machine-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  const shell = 'source "$0"; scratch=$1; forget_variables; hide_by_path; shift; exec "$@"';
  const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-euo', 'pipefail', '-c', shell, script, scratch, ...command],
    { encoding: 'utf8', env: { ...env, NO_COLOR: '1' } },
  );
  return { status, stdout, stderr };
}

describe('a machine without the programs that tests use', () => {
  it('runs the files green whose suites all need a server, and reports the programs', () => {
    const { status, stdout, stderr } = onBareMachine([
      ...['vitest', 'run', '--maxWorkers=2'],
      ...['test/chaos/database-killed.test.ts', 'test/chaos/database-refuses.test.ts'],
      ...['test/conformance/operators-sql.test.ts', 'test/conformance/server-failures.test.ts'],
      'test/scenarios/foreign-locks.test.ts',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const program of ['mariadbd', 'mysqld', 'postgres'] as const) {
      expect(stdout).toMatch(new RegExp(`^│ ${program} +│ +\\d+ │ +\\d+ │ ${remedyFor(program)} +│$`, 'm'));
    }
    expect(stdout).toMatch(/^0 passed, 0 failed, \d+ skipped\n$/m);
  });

  it('is what scripts/bare-machine.sh makes: it hides each of these programs', () => {
    const { status, stdout } = onBareMachine([
      process.execPath,
      '--input-type=module',
      '--eval',
      `import { programNames, programPath } from './test/support/programs.ts';
       console.log(JSON.stringify(programNames.map((name) => [name, programPath(name)])));`,
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(programNames.map((name) => [name, null]));
  });

  it('is made by a script with a help, which refuses what it does not know', () => {
    expect(execFileSync(script, ['--help'], { encoding: 'utf8' })).toMatch(
      /^Usage: scripts\/bare-machine\.sh /,
    );
    const { status, stderr } = spawnSync(script, ['everything'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([
      2,
      'bare machine: expected all, start, test or short, got "everything". See scripts/bare-machine.sh --help\n',
    ]);
  });
});

describe('suites that need a program', () => {
  it('register by describeEach and testEach, which name the missing program', () => {
    const direct = new RegExp(`\\b(?:describe|it|test)(?:\\.\\w+)*\\.each\\(${tables}\\b`);
    const files = globSync('{src,test}/**/*.test.ts').filter((file) =>
      direct.test(readFileSync(file, 'utf8')),
    );
    expect(files, 'use describeEach or testEach of test/support/needing.ts instead of .each').toEqual([]);
  });

  it('are counted by program, and a test that is skipped for another reason keeps its name', () => {
    const skipped = new Skipped();
    skipped.add('a.test.ts', `${withMissing('a sale on MariaDB', 'mariadbd')} > sells`);
    skipped.add('a.test.ts', `${withMissing('a sale on MariaDB', 'mariadbd')} > refunds`);
    skipped.add('b.test.ts', `${withMissing('a proxy', 'nginx')} > passes on`);
    skipped.add('b.test.ts', 'a file > is not readable by others');
    const [table = '', ...others] = skipped.lines;
    expect(table).toContain(`│ mariadbd  │      1 │     2 │ ${remedyFor('mariadbd')} │`);
    expect(table).toMatch(/│ nginx +│ +1 │ +1 │ install nginx +│/);
    expect(others).toEqual(['  b.test.ts > a file > is not readable by others']);
    expect(skipped.count).toBe(4);
  });

  it('have their programs installed by .ci/run', () => {
    const run = readFileSync('.ci/run', 'utf8');
    const packages = programNames.flatMap((name) => /^install ([\w-]+)/.exec(remedyFor(name))?.[1] ?? []);
    expect(packages.filter((name) => !new RegExp(`^  "\\S+ ${name}"$`, 'm').test(run))).toEqual([]);
  });
});
