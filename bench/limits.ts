import { parseArgs } from 'node:util';
import type { Limit, LimitOptions } from './limits/limit.ts';
import { measureManyDue } from './limits/many-due.ts';
import { measureMemory, waitingMin } from './limits/memory.ts';
import { measureOverload, overloadSecondsMin } from './limits/overload.ts';
import { measureStart } from './limits/start.ts';
import {
  BenchDatabases,
  type DatabaseName,
  databaseNamed,
  databaseNames,
} from './measure/bench-databases.ts';
import { namesAmong, wholeNumber } from './measure/option-values.ts';
import { say } from './measure/progress.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { type Findings, together } from './report/findings.ts';
import { reportFindings } from './report/report-findings.ts';

/**
 * What happens at the limits: very many holds due in one second, ten times more load than can be served, very many commands waiting, and the
 * start of a process. Ends each with an audit.
 *
 * Usage: node bench/limits.ts [--only many-due,overload,memory,start] [--databases SQLite,MariaDB] [--due 100000]
 *   [--overload-seconds 120] [--waiting 10000] [--starts 10] [--write]
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
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      databases: { type: 'string', default: limitsDefaults.databases.join() },
      due: { type: 'string', default: String(limitsDefaults.due) },
      'overload-seconds': { type: 'string', default: String(limitsDefaults.overloadSeconds) },
      waiting: { type: 'string', default: String(limitsDefaults.waiting) },
      starts: { type: 'string', default: String(limitsDefaults.starts) },
      write: { type: 'boolean', default: false },
    },
  });
  if (values.write && values.only !== undefined) {
    throw new Error('expected --write without --only: what is kept is a run of everything');
  }
  await reportFindings({ name: 'limits', title: 'At the limits', write: values.write }, () =>
    runLimits({
      only: values.only === undefined ? limitsDefaults.only : namesAmong(limitNames, 'only', values.only),
      databases: values.databases.split(',').map(databaseNamed),
      due: wholeNumber('due', values.due),
      overloadSeconds: wholeNumber('overload-seconds', values['overload-seconds'], overloadSecondsMin),
      waiting: wholeNumber('waiting', values.waiting, waitingMin),
      starts: wholeNumber('starts', values.starts),
    }),
  );
}
