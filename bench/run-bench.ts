import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type BenchFlags, fullRun, isShortened } from '../src/cli/bench-program.ts';
import { CommandError } from '../src/cli/failure.ts';
import { loadText, type Result, secondsOf } from './comparisons/case.ts';
import { ComparedDatabases, databaseTitles, missingDatabase } from './comparisons/compared-databases.ts';
import { comparisonsOf, type PartCase } from './comparisons/comparisons.ts';
import { Stage } from './comparisons/stage.ts';
import type { Plan } from './measure/compare.ts';
import { machineText } from './measure/machine.ts';
import { durationText, Progress } from './measure/progress.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { stolenText, watchStolenTime } from './measure/stolen-time.ts';
import { commandText } from './report/command-text.ts';
import { commitText, type Results, writeResults } from './report/results.ts';
import { resultsTable } from './report/results-table.ts';

/**
 * Measures, comparison after comparison, and prints the table. The results of a run that was not shortened are kept in `bench/results`.
 *
 * @throws CommandError when a database that was asked for is not on this machine, and when an audit found a difference
 */
export async function runBench(flags: BenchFlags): Promise<void> {
  const { rounds, seconds } = flags;
  const plan: Plan = { rounds, seconds, warmUpSeconds: Math.min(2, seconds) };
  const databases = presentDatabases(flags);
  const cases = comparisonsOf(flags.only, databases);
  if (cases.length === 0) {
    throw new CommandError(
      'Nothing to measure: what is chosen with --only is measured on SQLite, see --databases',
    );
  }
  const all = cases.map((each) => ({ name: each.name, seconds: secondsOf(each, plan) }));
  const total = all.reduce((sum, step) => sum + step.seconds, 0);
  process.stderr.write(`${cases.length} comparisons, ${durationText(total)}; load by ${loadText}\n`);
  const servers = new ComparedDatabases();
  const stolenPercent = watchStolenTime();
  const results: Results = {
    // The first argument is the name of the command.
    command: commandText('bench', process.argv.slice(3)),
    commit: commitText(),
    machine: machineText(),
    load: loadText,
    rounds,
    seconds,
    measurements: await measureAll(cases, plan, servers, new Progress(all)),
    databases: servers.texts,
    stolenPercent: stolenPercent(),
    date: new Date().toISOString(),
  };
  process.stdout.write(
    `${resultsTable(results.measurements)}${servers.texts.map((text) => `${text}\n`).join('')}` +
      `${results.machine}; load by ${loadText}, on the same processors; every audit was clean.\n` +
      `${stolenText(results.stolenPercent)}\n`,
  );
  const isComplete = !isShortened({ ...flags, databases });
  if (isComplete || flags.write === true) {
    const files = writeResults(results).map((file) => relative(process.cwd(), file));
    process.stdout.write(`Written: ${files.join(', ')}\n`);
  } else {
    process.stdout.write(
      'Not written to bench/results: the run was shortened. --write does it all the same.\n',
    );
  }
}

/**
 * The databases that are measured: by default those that this machine has.
 * @throws CommandError for one that was named and is not here
 */
function presentDatabases({ databases }: BenchFlags): BenchFlags['databases'] {
  const isDefault = databases === fullRun.databases;
  return databases.filter((kind) => {
    const missing = missingDatabase(kind);
    if (missing === null) {
      return true;
    }
    if (!isDefault) {
      throw new CommandError(`${databaseTitles[kind]} cannot be measured: ${missing}`);
    }
    process.stderr.write(`without ${databaseTitles[kind]}: ${missing}\n`);
    return false;
  });
}

async function measureAll(
  cases: readonly PartCase[],
  plan: Plan,
  databases: ComparedDatabases,
  progress: Progress,
): Promise<readonly Result[]> {
  const scratch = scratchFolder();
  const results: Result[] = [];
  try {
    for (const [index, each] of cases.entries()) {
      progress.begin(index);
      const folder = join(scratch, String(index));
      mkdirSync(folder);
      const stage = new Stage(plan, folder, databases, (doing) => progress.say(doing));
      try {
        const measured = await each.run(stage);
        results.push(...measured.map((measurement) => ({ ...measurement, part: each.part })));
      } finally {
        await stage.end();
        // Logs and databases of a comparison may be gigabytes.
        rmSync(folder, { recursive: true, force: true });
      }
    }
  } finally {
    progress.end();
    await databases.end();
  }
  return results;
}
