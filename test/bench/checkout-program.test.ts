import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  checkoutProgram,
  minutesOf,
  onlyOption,
  wholeNumbers,
} from '../../bench/measure/checkout-program.ts';
import packageJson from '../../package.json' with { type: 'json' };

const run = promisify(execFile);

/** What npm runs of this checkout that takes options: programs that measure, and programs that try. */
const programs = Object.entries(packageJson.scripts).flatMap(([name, command]) =>
  / (bench|test)\/\S+\.ts$/.test(command) ? [{ name, words: command.split(' ').slice(1) }] : [],
);

/** Runs a program; what it ends with, and what it says. */
async function ran(program: string, ...given: readonly string[]) {
  const words = programs.find(({ name }) => name === program)?.words ?? expect.fail(`no program ${program}`);
  return run(process.execPath, [...words, ...given]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

it.each(programs)('npm run $name tells what it takes, and does nothing', async ({ name }) => {
  const { code, stdout } = await ran(name, '--help');
  expect(stdout).toContain(`Usage: npm run ${name} -- [options]`);
  expect(stdout).toContain('--write');
  expect(code).toBe(0);
});

it('what is not understood is said in two lines', async () => {
  const { code, stdout, stderr } = await ran('explore', '--discount');
  expect(stderr).toBe("error: unknown option '--discount'\nSee npm run explore -- --help\n");
  expect([code, stdout]).toEqual([2, '']);
});

it.each([
  ['--only <names>', 'start'],
  ['--databases <names>', 'SQLite'],
])('what is kept is a run of everything, so not with %s', async (option, value) => {
  const [flag = ''] = option.split(' ');
  const { code, stderr } = await ran('bench:limits', flag, value, '--write');
  expect(stderr).toContain(`error: option '--write' cannot be used with option '${option}'`);
  expect(code).toBe(2);
});

it('some of all may be chosen one by one', () => {
  const only = (...given: readonly string[]) =>
    checkoutProgram('try', 'try things')
      .addOption(onlyOption(['memory', 'start', 'overload']))
      .parse(given, { from: 'user' })
      .opts<{ readonly only: readonly string[] }>().only;
  expect(only()).toEqual(['memory', 'start', 'overload']);
  expect(only('--only', 'start', '--only', 'memory,start')).toEqual(['memory', 'start']);
});

describe('minutes', () => {
  it('may be less than one', () => {
    expect(['0.5', '1', '1440'].map(minutesOf)).toEqual([0.5, 1, 1440]);
  });

  it.each(['', '0', '-1', 'ten', '1e3', '1441'])('are not "%s"', (text) => {
    expect(() => minutesOf(text)).toThrow('Expected minutes, more than 0 and a day at most.');
  });
});

it('a list of numbers has a whole one at each place', () => {
  expect(wholeNumbers('10000, 1000000')).toEqual([10_000, 1_000_000]);
  expect(() => wholeNumbers('10000,')).toThrow('Expected a whole number from 1.');
});
