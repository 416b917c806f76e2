import { parseArgs } from 'node:util';
import { measureBatchMax } from './growth/batch-max.ts';
import { measureConnections } from './growth/connections.ts';
import { measureKeyOrder } from './growth/key-order.ts';
import { measureLiveHolds, measureLiveHoldsInSmallPool } from './growth/live-holds.ts';
import { measureProcesses } from './growth/processes.ts';
import { measureProducts } from './growth/products.ts';
import type { GrowthOptions, Topic } from './growth/topic.ts';
import {
  BenchDatabases,
  type DatabaseName,
  databaseNamed,
  databaseNames,
} from './measure/bench-databases.ts';
import { namesAmong, wholeNumber, wholeNumbers } from './measure/option-values.ts';
import { say } from './measure/progress.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { type Findings, together } from './report/findings.ts';
import { reportFindings } from './report/report-findings.ts';

/**
 * What it costs as it grows: live holds, products, connections, processes, the bound of a batch, and ids by chance. Each is measured beside a
 * baseline in turn, and ends with an audit.
 *
 * Usage: node bench/growth.ts [--only live-holds,products,…] [--databases SQLite,MariaDB] [--rounds 3] [--seconds 3]
 *   [--live-holds 10000,1000000] [--write]
 */
const topics = {
  'live-holds': measureLiveHolds,
  'live-holds-small-pool': measureLiveHoldsInSmallPool,
  products: measureProducts,
  connections: measureConnections,
  processes: measureProcesses,
  'batch-max': measureBatchMax,
  'key-order': measureKeyOrder,
} as const satisfies Readonly<Record<string, Topic>>;

type TopicName = keyof typeof topics;

const topicNames = Object.keys(topics) as TopicName[];

export type GrowthRun = GrowthOptions & {
  readonly only: readonly TopicName[];
  readonly databases: readonly DatabaseName[];
};

export const growthDefaults: GrowthRun = {
  only: topicNames,
  databases: databaseNames,
  rounds: 3,
  seconds: 3,
  liveHolds: [10_000, 1_000_000],
};

export async function runGrowth(run: GrowthRun = growthDefaults): Promise<Findings> {
  const found: Findings[] = [];
  const folder = scratchFolder();
  for (const name of run.databases) {
    for (const only of run.only) {
      // Each has a server of its own: what one has left in its memory is no part of the next.
      const databases = await BenchDatabases.start(name, folder);
      say(`${only}, ${name}`);
      try {
        found.push(await topics[only](databases, folder, run));
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
      databases: { type: 'string', default: growthDefaults.databases.join() },
      rounds: { type: 'string', default: String(growthDefaults.rounds) },
      seconds: { type: 'string', default: String(growthDefaults.seconds) },
      'live-holds': { type: 'string', default: growthDefaults.liveHolds.join() },
      write: { type: 'boolean', default: false },
    },
  });
  if (values.write && values.only !== undefined) {
    throw new Error('expected --write without --only: what is kept is a run of everything');
  }
  await reportFindings({ name: 'growth', title: 'What it costs as it grows', write: values.write }, () =>
    runGrowth({
      only: values.only === undefined ? growthDefaults.only : namesAmong(topicNames, 'only', values.only),
      databases: values.databases.split(',').map(databaseNamed),
      rounds: wholeNumber('rounds', values.rounds),
      seconds: wholeNumber('seconds', values.seconds),
      liveHolds: wholeNumbers('live-holds', values['live-holds']),
    }),
  );
}
