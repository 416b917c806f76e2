import { wholeNumber } from '../src/cli/flag-values.ts';
import { measureBatchMax } from './growth/batch-max.ts';
import { measureConnections } from './growth/connections.ts';
import { measureKeyOrder } from './growth/key-order.ts';
import { measureLiveHolds, measureLiveHoldsInSmallPool } from './growth/live-holds.ts';
import { measureProcesses } from './growth/processes.ts';
import { measureProducts } from './growth/products.ts';
import type { GrowthOptions, Topic } from './growth/topic.ts';
import { BenchDatabases, type DatabaseName, databaseNames } from './measure/bench-databases.ts';
import {
  checkoutProgram,
  databasesOption,
  onlyOption,
  wholeNumbers,
  writeOption,
} from './measure/checkout-program.ts';
import { say } from './measure/progress.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { type Findings, together } from './report/findings.ts';
import { reportFindings } from './report/report-findings.ts';

/**
 * What it costs as it grows: live holds, products, connections, processes, the bound of a batch, and ids by chance. Each is measured beside a
 * baseline in turn, and ends with an audit.
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
  const { write = false, ...run } = checkoutProgram(
    'bench:growth',
    'measure what the service costs as it grows',
  )
    .addOption(onlyOption(topicNames))
    .addOption(databasesOption(growthDefaults.databases))
    .option(
      '--rounds <number>',
      'how often each side has its turn',
      wholeNumber(1, 100),
      growthDefaults.rounds,
    )
    .option('--seconds <number>', 'how long each load takes', wholeNumber(1, 60), growthDefaults.seconds)
    .option(
      '--live-holds <numbers>',
      'comma list: with how many it is measured',
      wholeNumbers,
      growthDefaults.liveHolds,
    )
    .addOption(writeOption('the figures and charts in bench/results'))
    .parse()
    .opts<GrowthRun & { readonly write?: true }>();
  const program = { name: 'growth', title: 'What it costs as it grows', write };
  await reportFindings(program, () => runGrowth(run));
}
