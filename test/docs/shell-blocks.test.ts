import { execFile } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshClone, freshClone } from '../support/fresh-clone.ts';
import { describeNeeding } from '../support/needing.ts';
import { answersShown, blocksOf, comparable, isShell, jsonIn } from '../support/page-blocks.ts';
import { firstMissing } from '../support/programs.ts';
import { runBlocks } from '../support/run-blocks.ts';

const runFile = promisify(execFile);

const notRunMax = 5;

/** The blocks of docs/verification.md run every program that proves something, in a short form. */
const pageMs = 600_000;

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/*.md').toSorted(),
  'examples/README.md',
].map((path) => ({ path, blocks: blocksOf(readFileSync(path, 'utf8')) }));
const withCommands = pages
  .map(({ path, blocks }) => ({
    path,
    blocks,
    run: blocks.filter((each) => isShell(each) && each.notRun === null && each.runBy === null),
  }))
  .filter(({ run }) => run.length > 0);

/** `npm test` begins with this check, and the files that a newcomer's commands leave in the checkout must not fail it. */
async function checkStyleOf(folder: string, names: readonly string[]): Promise<void> {
  const options = ['check', '--error-on-warnings', '--no-errors-on-unmatched', '--max-diagnostics=5'];
  if (names.length > 0) {
    await runFile(join(folder, 'node_modules/@biomejs/biome/bin/biome'), [...options, ...names], {
      cwd: folder,
    });
  }
}

/** The pages send their requests with curl. */
const missing = firstMissing('curl');

describeNeeding(missing)('the shell blocks of the pages, one after the other', () => {
  it.each(withCommands)(
    'of $path run as they are written, answer what the page shows, and leave nothing that fails npm test',
    { timeout: pageMs },
    async ({ path, blocks, run }) => {
      const clone = await freshClone({ ADMIN_TOKEN: 'secret' });
      const before = new Set(readdirSync(clone.folder));
      // The programs of examples/ read their address from this variable.
      const variables = { ...clone.variables, SERVICE_URL: clone.url };
      const printed = await runBlocks(path, run, { ...clone, variables });
      const shown = answersShown(blocks);
      for (const { block, stdout } of printed) {
        const answer = shown.get(block);
        if (answer !== undefined) {
          const expected = comparable(JSON.parse(answer.lines.join('\n')));
          expect(
            comparable(jsonIn(stdout)),
            `${path}:${answer.line}, the answer to line ${block.line}`,
          ).toEqual(expected);
        }
      }
      await checkStyleOf(
        clone.folder,
        readdirSync(clone.folder).filter((name) => !before.has(name)),
      );
    },
  );
});

describe('the shell blocks of the pages', () => {
  it('are run here, except for at most five that say why', () => {
    const notRun = pages.flatMap(({ path, blocks }) =>
      blocks.filter((each) => each.notRun !== null).map(({ line, notRun }) => `${path}:${line}: ${notRun}`),
    );
    expect(notRun.length, notRun.join('\n')).toBeLessThanOrEqual(notRunMax);
  });

  it('are run by the test file that their comment names, which reads the page', () => {
    const elsewhere = pages.flatMap(({ path, blocks }) =>
      blocks.flatMap(({ runBy }) => (runBy === null ? [] : [{ path, runBy }])),
    );
    expect(elsewhere.length).toBeGreaterThan(0);
    for (const { path, runBy } of elsewhere) {
      expect(readFileSync(runBy, 'utf8')).toContain(`'${path}'`);
    }
  });

  it('cannot hide as blocks without a language', () => {
    const bare = pages.flatMap(({ path, blocks }) =>
      blocks.filter(({ language }) => language === '').map(({ line }) => `${path}:${line}`),
    );
    expect(bare).toEqual([]);
  });

  it('start what the README starts by the scripts of the package', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = pages.flatMap(({ blocks }) => blocks.filter(isShell).flatMap(({ lines }) => lines));
    const called = commands.flatMap((line) => [...line.matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g)]);
    const names = called.map(([, script, known]) => script ?? known ?? '');
    expect(names).toEqual(expect.arrayContaining(['start', 'test']));
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });
});

const page = (...lines: string[]) => blocksOf(lines.join('\n'));

describeNeeding(missing)('the check of the shell blocks', () => {
  let clone: FreshClone;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    clone = await freshClone({}, (end) => ends.push(end));
  });
  afterAll(() => Promise.all(ends.map((end) => end())));

  it.each([
    ['an error answer', 'curl -sS http://127.0.0.1:8000/api/v1/orders/1', 'page.md:4: curl -sS'],
    ['a program that is not on the path', 'flash-sale audit', 'page.md:4: flash-sale audit'],
    ['a variable that no block sets', 'echo "$hold_id"', 'hold_id: unbound variable'],
    ['a failure inside a pipe', 'false | cat', 'page.md:4: false | cat'],
  ])('fails at %s, with the file, the line, the command and the output', async (_, command, said) => {
    const blocks = page('# Page', '```bash', 'echo before', command, '```');
    const run = runBlocks('page.md', blocks, clone);
    await expect(run).rejects.toThrow(said.replace('127.0.0.1:8000', new URL(clone.url).host));
    await expect(run).rejects.toThrow('before');
  });

  it('hands variables of one block to the next', async () => {
    const blocks = page('```bash', 'word=hello', '```', 'text', '```bash', 'echo "$word"', '```');
    expect((await runBlocks('page.md', blocks, clone)).map(({ stdout }) => stdout)).toEqual(['', 'hello\n']);
  });
});

describe('the reading of the pages', () => {
  it('compares keys and values of answers, except for ids and times', () => {
    const shown = {
      id: 4506345155391331,
      at: '2026-11-30T22:51:20Z',
      list: [{ status: 'paid', total: 189 }],
    };
    const list = [{ total: 189, status: 'paid' }];
    expect(comparable(shown)).toEqual(comparable({ list, at: '2027-01-01T00:00:00Z', id: 6217289488954885 }));
    for (const other of [
      { list: [] },
      { list: [{ total: 599, status: 'paid' }] },
      { id: 'text' },
      { more: 1 },
    ]) {
      expect(comparable({ ...shown, ...other })).not.toEqual(comparable(shown));
    }
    expect(jsonIn('noise\n{"a": 1}\n')).toEqual({ a: 1 });
  });

  it('finds the reason of a block that is not run, and the answer of one that is', () => {
    const blocks = page(
      '# A',
      '<!-- not run in tests: needs a card -->',
      '```bash',
      'pay',
      '```',
      '# B',
      '```bash',
      'x',
      '```',
      'It answers:',
      '```json',
      '{}',
      '```',
    );
    expect(blocks.map(({ notRun }) => notRun)).toEqual(['needs a card', null, null]);
    expect([...answersShown(blocks)].map(([from, to]) => [from.line, to.line])).toEqual([[7, 11]]);
  });
});
