import { wholeNumber } from '../src/cli/flag-values.ts';
import type { Limit, LimitOptions } from './limits/limit.ts';
import { measureManyDue } from './limits/many-due.ts';
import { measureMemory, waitingMin } from './limits/memory.ts';
import { measureOverload, overloadSecondsMin } from './limits/overload.ts';
import { measureStart } from './limits/start.ts';
import { BenchDatabases, type DatabaseName, databaseNames } from './measure/bench-databases.ts';
import { checkoutProgram, databasesOption, onlyOption, writeOption } from './measure/checkout-program.ts';
import { say } from './measure/progress.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { type Findings, together } from './report/findings.ts';
import { reportFindings } from './report/report-findings.ts';

/**
 * What happens at the limits: very many holds due in one second, ten times more load than can be served, very many commands waiting, and the
 * start of a process. Ends each with an audit.
 */
const limits = {
  'many-due': measureManyDue,
  overload: measureOverload,
  memory: measureMemory,
  start: measureStart,
} as const satisfies Readonly<Record<string, Limit>>;

type LimitName = keyof typeof limits;

const limitNames = Object.keys(limits) as LimitName[];

export type LimitsRun = LimitOptions & {
  readonly only: readonly LimitName[];
  readonly databases: readonly DatabaseName[];
};

export const limitsDefaults: LimitsRun = {
  only: limitNames,
  databases: databaseNames,
  due: 100_000,
  overloadSeconds: 120,
  waiting: 10_000,
  starts: 10,
};

export async function runLimits(run: LimitsRun = limitsDefaults): Promise<Findings> {
  const found: Findings[] = [];
  const folder = scratchFolder();
  for (const name of run.databases) {
    for (const only of run.only) {
      const databases = await BenchDatabases.start(name, folder);
      say(`${only}, ${name}`);
      try {
        found.push(await limits[only](databases, folder, run));
      } finally {
        await databases.end();
      }
    }
  }
  return together(found);
}

if (import.meta.main) {
  const { due, overloadSeconds, waiting, starts, databases } = limitsDefaults;
  const { write = false, ...run } = checkoutProgram(
    'bench:limits',
    'measure what happens at the limits of the service',
  )
    .addOption(onlyOption(limitNames))
    .addOption(databasesOption(databases))
    .option('--due <number>', 'holds that run out in one second', wholeNumber(), due)
    .option('--overload-seconds <number>', 'how long it is', wholeNumber(overloadSecondsMin), overloadSeconds)
    .option('--waiting <number>', 'commands that wait at the same time', wholeNumber(waitingMin), waiting)
    .option('--starts <number>', 'how often a process is started', wholeNumber(), starts)
    .addOption(writeOption('the figures and charts in bench/results'))
    .parse()
    .opts<LimitsRun & { readonly write?: true }>();
  await reportFindings({ name: 'limits', title: 'At the limits', write }, () => runLimits(run));
}
