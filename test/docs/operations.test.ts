import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { variableNames } from '../../src/config/options.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const source = globSync('src/**/*.ts')
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

describe('docs/operations.md', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (what|---)/.test(line))
    .map((line) => line.split(' | '));

  it('quotes only messages that the service logs', () => {
    const messages = rows.flatMap(([, , log = '']) => log.match(/(?<=`)[A-Z][^`]+(?=`)/g) ?? []);
    expect(messages.length).toBeGreaterThan(5);
    for (const message of messages) {
      expect(source).toContain(`'${message}'`);
    }
    expect(source).toContain('tables of something else');
    expect(source).toContain('has not answered');
  });

  it('names only commands and variables that there are', () => {
    const commands = createProgram().commands.map((command) => command.name());
    const called = [...page.matchAll(/`bin\/flash-sale ([\w-]+)/g)].map(([, name]) => name);
    expect(commands).toEqual(expect.arrayContaining(called));
    const variables = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)/g)].map(([, name]) => name);
    expect(variableNames).toEqual(expect.arrayContaining(variables));
  });

  it('links only to files that are there', () => {
    const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, to = '']) => posix.join('docs', to));
    expect(links).toContain('deploy/flash-sale.service');
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });
});
