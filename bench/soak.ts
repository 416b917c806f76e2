import { setTimeout as pause } from 'node:timers/promises';
import { Option } from 'commander';
import { wholeNumber } from '../src/cli/flag-values.ts';
import { isRefusal, isSuccess } from './load/answers.ts';
import {
  type BenchDatabase,
  BenchDatabases,
  type DatabaseName,
  databaseNames,
} from './measure/bench-databases.ts';
import { checkoutProgram } from './measure/checkout-program.ts';
import { median } from './measure/compare.ts';
import { assertClean } from './measure/measured-checkout.ts';
import { single } from './measure/measurement.ts';
import { memoryMb } from './measure/process-memory.ts';
import { say } from './measure/progress.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { growthPercent, type Reading } from './measure/trend.ts';
import type { Findings } from './report/findings.ts';
import { reportFindings } from './report/report-findings.ts';
import { assertExpected, FullService } from './soak/full-service.ts';

/**
 * Many minutes at 80 % of what the service can do with everything on, in an open loop: whether its memory and its p99 stay as they are. The
 * capacity is measured just before, in a database that has grown for some minutes of full load: with random ids a small one is faster, as
 * several new rows share a page. Ends with an audit.
 */
export type SoakRun = {
  readonly database: DatabaseName;
  readonly minutes: number;
  /** Of full load before anything is measured. */
  readonly growingMinutes: number;
  readonly capacitySeconds: number;
};

export const soakDefaults: SoakRun = {
  database: 'SQLite',
  minutes: 20,
  growingMinutes: 4,
  capacitySeconds: 15,
};

const share = 0.8;
const capacityLoads = 3;
const memoryEverySeconds = 5;
const windowSeconds = 10;
/** Caches fill and code is compiled in the first tenth. */
const warmUpShare = 0.1;

export async function runSoak({
  database: name,
  minutes,
  growingMinutes,
  capacitySeconds,
}: SoakRun = soakDefaults): Promise<Findings> {
  const folder = scratchFolder();
  const databases = await BenchDatabases.start(name, folder);
  const database = await databases.create();
  const service = await FullService.start(database.url, folder);
  try {
    say(`${growingMinutes} minutes of full load`);
    await service.capacity(Math.max(capacitySeconds, growingMinutes * 60));
    const capacities: number[] = [];
    for (let nth = 0; nth < capacityLoads; nth += 1) {
      capacities.push(await service.capacity(capacitySeconds));
    }
    const perSecond = Math.floor(share * median(capacities));
    const seconds = minutes * 60;
    say(`capacity ${Math.round(median(capacities))} buyers/s; ${perSecond}/s for ${minutes} minutes`);
    const sender = await service.buyers(perSecond, seconds, windowSeconds);
    const memory = await watchMemory(service, seconds);
    const { answers, late } = assertExpected(await sender.ended);
    const { delivered, left } = await service.surroundings.count();
    if (left > 0) {
      throw new Error(`${left} viewers were sent away`);
    }
    const pending = await deliveriesPending(database);
    say(`${JSON.stringify(answers.tally)}; ${delivered} events delivered, ${pending} wait`);
    await assertClean(service.checkout);
    const p99 = answers.instants
      .filter((second) => second + windowSeconds <= seconds)
      .map(
        (second): Reading => [
          second,
          answers.between('hold', isSuccess, second, second + windowSeconds).percentileMs(0.99),
        ],
      );
    const warmUpSeconds = warmUpShare * seconds;
    const p99Median = median(p99.filter(([second]) => second >= warmUpSeconds).map(([, ms]) => ms));
    const refused = (['hold', 'order', 'payment'] as const).map(
      (operation) => answers.between(operation, isRefusal).count,
    );
    const how =
      `${await databases.text()}; ${FullService.text}; ${perSecond} buyers/s in an open loop for ${minutes} minutes, ${share * 100} % of the capacity ` +
      `measured just before, after ${growingMinutes} minutes of full load (${Math.round(median(capacities))}/s, median of ${capacityLoads} loads of ${capacitySeconds} s), first tenth not counted, ` +
      `p99 of sending ${late.percentileMs(0.99).toFixed(1)} ms late; the audit was clean`;
    return {
      measurements: [
        {
          ...single(growthPercent(memory, warmUpSeconds), how),
          name: `soak: growth of memory, ${name}`,
          unit: '%',
          target: { atMost: 5 },
        },
        {
          ...single(median(memory.map(([, mb]) => mb)), how),
          name: `soak: memory, median, ${name}`,
          unit: 'MB',
          samples: memory.map(([, mb]) => mb),
        },
        {
          ...single(p99Median, how),
          name: `soak: p99 of holds, median of ${windowSeconds} s, ${name}`,
          unit: 'ms',
          samples: p99.map(([, ms]) => ms),
        },
        {
          ...single(growthPercent(p99, warmUpSeconds), how),
          name: `soak: growth of that p99, ${name}`,
          unit: '%',
        },
        {
          ...single(
            refused.reduce((sum, count) => sum + count, 0),
            how,
          ),
          name: `soak: refusals, ${name}`,
          unit: 'count',
        },
        {
          ...single(pending, how),
          name: `soak: events not yet delivered at the end, ${name}`,
          unit: 'count',
        },
        { ...single(perSecond, how), name: `soak: buyers, ${name}`, unit: '/s' },
      ],
      series: [
        {
          title: 'Memory of the server in the soak',
          x: { label: 's', scale: 'linear' },
          y: { label: 'MB', scale: 'linear' },
          lines: [{ name, points: memory }],
        },
        {
          title: 'p99 of holds in the soak',
          x: { label: 's', scale: 'linear' },
          y: { label: 'ms', scale: 'linear' },
          lines: [{ name, points: p99 }],
        },
      ],
    };
  } finally {
    await service.end();
    await database.close();
    await databases.end();
  }
}

/** Events that wait to be delivered, each of them: the metric stops counting at a number that is enough for an alarm. */
async function deliveriesPending(database: BenchDatabase): Promise<number> {
  const [row] = await database.query("select count(*) as pending from deliveries where status = 'pending'");
  return Number(row?.pending);
}

/** Resolves with the memory of the server in MB, read every few seconds, when the time is up. */
async function watchMemory({ checkout }: FullService, seconds: number): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  const startMs = performance.now();
  for (let second = 0; second < seconds; second += memoryEverySeconds) {
    await pause(Math.max(0, startMs + second * 1000 - performance.now()));
    const { nowMb } = memoryMb(checkout.pid);
    readings.push([second, nowMb]);
    if (second % 60 === 0) {
      say(`${second / 60} minutes: ${Math.round(nowMb)} MB`);
    }
  }
  return readings;
}

if (import.meta.main) {
  const { database, minutes, growingMinutes, capacitySeconds } = soakDefaults;
  const { write = false, ...run } = checkoutProgram(
    'bench:soak',
    'let the service serve many minutes with everything on',
  )
    .addOption(new Option('--database <name>', 'which one it has').choices(databaseNames).default(database))
    .option('--minutes <number>', 'at 80 % of its capacity', wholeNumber(), minutes)
    .option(
      '--growing-minutes <number>',
      'of full load before anything is measured',
      wholeNumber(0),
      growingMinutes,
    )
    .option(
      '--capacity-seconds <number>',
      'of each load that finds the capacity',
      wholeNumber(),
      capacitySeconds,
    )
    .option('--write', 'keep the figures and charts in bench/results')
    .parse()
    .opts<SoakRun & { readonly write?: true }>();
  await reportFindings({ name: 'soak', title: 'A soak', write }, () => runSoak(run));
}
