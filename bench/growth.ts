import { parseArgs } from 'node:util';
import { measureBatchMax } from './growth/batch-max.ts';
import { measureConnections } from './growth/connections.ts';
import { measureKeyOrder } from './growth/key-order.ts';
import { measureLiveHolds, measureLiveHoldsInSmallPool } from './growth/live-holds.ts';
import { measureProcesses } from './growth/processes.ts';
import { measureProducts } from './growth/products.ts';
import { type GrowthOptions, say, type Topic } from './growth/topic.ts';
import { BenchDatabases, type DatabaseName } from './measure/bench-databases.ts';
import { type Findings, together } from './measure/findings.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { reportFindings } from './report/report-findings.ts';

/**
 * What it costs as it grows: live holds, products, connections, processes, the bound of a batch, and ids by chance. Each is measured beside a
 * baseline in turn, and ends with an audit.
 *
 * Usage: node bench/growth.ts [--only live-holds,products,…] [--databases SQLite,MariaDB] [--rounds 3] [--seconds 3]
 *   [--live-holds 10000,1000000] [--write]
 */
const topics: Readonly<Record<string, Topic>> = {
  'live-holds': measureLiveHolds,
  'live-holds-small-pool': measureLiveHoldsInSmallPool,
  products: measureProducts,
  connections: measureConnections,
  processes: measureProcesses,
  'batch-max': measureBatchMax,
  'key-order': measureKeyOrder,
};

export type GrowthRun = GrowthOptions & {
  readonly only: readonly string[];
  readonly databases: readonly DatabaseName[];
};

export const growthDefaults: GrowthRun = {
  only: Object.keys(topics),
  databases: ['SQLite', 'MariaDB'],
  rounds: 3,
  seconds: 3,
  liveHolds: [10_000, 1_000_000],
};

export async function runGrowth(run: GrowthRun = growthDefaults): Promise<Findings> {
  const found: Findings[] = [];
  const folder = scratchFolder();
  for (const name of run.databases) {
    for (const only of run.only) {
      const topic = topics[only];
      if (topic === undefined) {
        throw new Error(`expected some of ${Object.keys(topics).join(', ')}, got ${only}`);
      }
      // Each has a server of its own: what one has left in its memory is no part of the next.
      const databases = await BenchDatabases.start(name, folder);
      say(`${only}, ${name}`);
      try {
        found.push(await topic(databases, folder, run));
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
      only: { type: 'string', default: growthDefaults.only.join() },
      databases: { type: 'string', default: growthDefaults.databases.join() },
      rounds: { type: 'string', default: String(growthDefaults.rounds) },
      seconds: { type: 'string', default: String(growthDefaults.seconds) },
      'live-holds': { type: 'string', default: growthDefaults.liveHolds.join() },
      write: { type: 'boolean', default: false },
    },
  });
  await reportFindings({ name: 'growth', title: 'What it costs as it grows', write: values.write }, () =>
    runGrowth({
      only: values.only.split(','),
      databases: values.databases.split(',') as DatabaseName[],
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      liveHolds: values['live-holds'].split(',').map(Number),
    }),
  );
}
