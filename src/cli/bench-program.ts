import { type Command, Option } from 'commander';
import { namesAmong, wholeNumber } from './flag-values.ts';

/** What is compared, by the names that `--only` takes. */
export const benchParts = {
  holds: 'holds on one product beside a server that does nothing',
  peers: 'holds beside the usual ways to make one: lock, sum, insert, and a conditional update',
  refusals: 'refusals of a product that is sold out beside a server that does nothing',
  reads: 'views of a product beside a server that does nothing',
  purchases: 'holds with their orders and payments beside a server that does nothing',
  latency: 'how long a hold takes beside a server that does nothing and a commit',
} as const;
export type BenchPart = keyof typeof benchParts;

export const benchDatabases = ['sqlite', 'mariadb', 'postgres', 'mysql'] as const;
export type BenchDatabaseKind = (typeof benchDatabases)[number];

/** A run that is not shortened: what stands in the results of the project. */
export const fullRun = {
  only: Object.keys(benchParts) as BenchPart[],
  databases: ['sqlite', 'mariadb', 'postgres'] satisfies BenchDatabaseKind[],
  rounds: 5,
  seconds: 3,
} as const;

export type BenchFlags = {
  readonly only: readonly BenchPart[];
  readonly databases: readonly BenchDatabaseKind[];
  readonly rounds: number;
  /** Of each load. */
  readonly seconds: number;
  /** Also the results of a shortened run are written to files. */
  readonly write?: true;
};

/** `bin/flash-sale bench`. Its module, and all of `bench/`, is loaded when it runs. */
export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('measure this service on this machine, beside other ways to do the same; in a checkout only')
    .addOption(
      new Option('--only <parts>', `comma list of ${Object.keys(benchParts).join(', ')}`)
        .default(fullRun.only, 'all')
        .argParser(namesAmong(Object.keys(benchParts) as BenchPart[])),
    )
    .addOption(
      new Option('--databases <names>', `comma list of ${benchDatabases.join(', ')}`)
        .default(fullRun.databases, `${fullRun.databases.join(',')}, those that are on this machine`)
        .argParser(namesAmong(benchDatabases)),
    )
    .addOption(
      new Option('--rounds <number>', 'how often each side has its turn')
        .default(fullRun.rounds)
        .argParser(wholeNumber(1, 100)),
    )
    .addOption(
      new Option('--seconds <number>', 'how long each load takes')
        .default(fullRun.seconds)
        .argParser(wholeNumber(1, 60)),
    )
    .addOption(new Option('--write', 'write the results to bench/results also after a shortened run'))
    .addHelpText('after', `\nParts:\n${partLines()}`)
    .action(async (flags: BenchFlags) => (await import('./bench.ts')).bench(flags));
}

/** Whether a run measured less than what stands in the results of the project. */
export function isShortened({ only, databases, rounds, seconds }: BenchFlags): boolean {
  return (
    fullRun.only.some((part) => !only.includes(part)) ||
    fullRun.databases.some((database) => !databases.includes(database)) ||
    rounds < fullRun.rounds ||
    seconds < fullRun.seconds
  );
}

function partLines(): string {
  return Object.entries(benchParts)
    .map(([name, summary]) => `  ${name.padEnd(10)} ${summary}`)
    .join('\n');
}
