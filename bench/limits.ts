import { parseArgs } from 'node:util';
import { say } from './growth/topic.ts';
import type { Limit, LimitOptions } from './limits/limit.ts';
import { measureManyDue } from './limits/many-due.ts';
import { measureMemory } from './limits/memory.ts';
import { measureOverload } from './limits/overload.ts';
import { measureStart } from './limits/start.ts';
import { BenchDatabases, type DatabaseName } from './measure/bench-databases.ts';
import { type Findings, together } from './measure/findings.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { reportFindings } from './report/report-findings.ts';

/**
 * What happens at the limits: very many holds due in one second, ten times more load than can be served, very many commands waiting, and the
 * start of a process. Ends each with an audit.
 *
 * Usage: node bench/limits.ts [--only many-due,overload,memory,start] [--databases SQLite,MariaDB] [--due 100000]
 *   [--overload-seconds 120] [--waiting 10000] [--starts 10] [--write]
 */
const limits: Readonly<Record<string, Limit>> = {
  'many-due': measureManyDue,
  overload: measureOverload,
  memory: measureMemory,
  start: measureStart,
};

export type LimitsRun = LimitOptions & {
  readonly only: readonly string[];
  readonly databases: readonly DatabaseName[];
};

export const limitsDefaults: LimitsRun = {
  only: Object.keys(limits),
  databases: ['SQLite', 'MariaDB'],
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
      const limit = limits[only];
      if (limit === undefined) {
        throw new Error(`expected some of ${Object.keys(limits).join(', ')}, got ${only}`);
      }
      const databases = await BenchDatabases.start(name, folder);
      say(`${only}, ${name}`);
      try {
        found.push(await limit(databases, folder, run));
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
      only: { type: 'string', default: limitsDefaults.only.join() },
      databases: { type: 'string', default: limitsDefaults.databases.join() },
      due: { type: 'string', default: String(limitsDefaults.due) },
      'overload-seconds': { type: 'string', default: String(limitsDefaults.overloadSeconds) },
      waiting: { type: 'string', default: String(limitsDefaults.waiting) },
      starts: { type: 'string', default: String(limitsDefaults.starts) },
      write: { type: 'boolean', default: false },
    },
  });
  await reportFindings({ name: 'limits', title: 'At the limits', write: values.write }, () =>
    runLimits({
      only: values.only.split(','),
      databases: values.databases.split(',') as DatabaseName[],
      due: Number(values.due),
      overloadSeconds: Number(values['overload-seconds']),
      waiting: Number(values.waiting),
      starts: Number(values.starts),
    }),
  );
}
