import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import Table from 'cli-table3';
import { checkoutProgram, writeOption } from '../../bench/measure/checkout-program.ts';
import { wholeNumber } from '../../src/cli/flag-values.ts';
import { keepFigures } from '../proof/kept-figures.ts';
import { type Counts, countsOf } from './counts.ts';

/**
 * Changes the rules and the engine in one place at a time, such as `<` to `<=` or a block to nothing, and runs the tests that come
 * through that place: a change that none of them notices survives. Prints the survivors.
 *
 * What was tried before, also by a run that was interrupted, is not tried again unless it or its tests have changed; `--fresh` forgets
 * it. `--write` keeps what a run of everything came to, for the table of the README.
 */
const folders = ['src/domain', 'src/engine'];
/** Ignored by git. */
const scratch = 'coverage/mutation';
const {
  only,
  processes,
  fresh = false,
  write,
} = checkoutProgram('mutate', 'see whether a test notices each change of the code')
  .option(
    '--only <files>',
    'comma list, such as src/domain/expiry.ts',
    (text, before: readonly string[] = []) => [...before, ...text.split(',').map((file) => file.trim())],
  )
  .option('--processes <number>', 'how many run at the same time', wholeNumber(1, 64), 1)
  .option('--fresh', 'try again also what was tried before')
  .addOption(writeOption('the figures for the table of the README'))
  .parse()
  .opts<{
    readonly only?: readonly string[];
    readonly processes: number;
    readonly fresh?: true;
    readonly write?: true;
  }>();

const mutants = await new Stryker({
  mutate:
    only === undefined ? folders.flatMap((folder) => [`${folder}/*.ts`, `!${folder}/*.test.ts`]) : [...only],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: processes,
  // A limit for what hangs. Loops that never end are found by how often they come round.
  timeoutMS: 10_000,
  incremental: true,
  incrementalFile: `${scratch}/tried-before.json`,
  force: fresh,
  tempDirName: `${scratch}/copy`,
  ignorePatterns: ['/*', '!/src', '!/test', '!/bench', '!/package.json'],
  reporters: [process.stdout.isTTY ? 'progress' : 'progress-append-only', 'clear-text', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
  htmlReporter: { fileName: `${scratch}/report.html` },
  allowConsoleColors: false,
}).runMutationTest();

const byFolder = Object.fromEntries(
  folders.map((folder) => [
    folder,
    countsOf(mutants.filter(({ fileName }) => relative('.', fileName).startsWith(`${folder}/`))),
  ]),
);
const all = countsOf(mutants);
process.stdout.write(`${tableOf({ ...byFolder, all })}\nReport: ${scratch}/report.html\n`);
if (write) {
  keepFigures('mutation', 'npm run mutate', { ...all, folders: byFolder });
}

function tableOf(counts: Readonly<Record<string, Counts>>): string {
  const table = new Table({
    head: ['', 'score %', 'mutants', 'killed', 'timed out', 'survived', 'no coverage'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const [folder, { score, mutants: tried, killed, timedOut, survived, noCoverage }] of Object.entries(
    counts,
  )) {
    table.push([folder, score?.toFixed(1) ?? '', tried, killed, timedOut, survived, noCoverage]);
  }
  return table.toString();
}
