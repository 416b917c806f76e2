import { plentyOfStock, postHolds } from '../load/holds.ts';
import { batchesOf, meanBatch } from '../measure/batch-sizes.ts';
import type { BenchDatabases } from '../measure/bench-databases.ts';
import { median, type Side } from '../measure/compare.ts';
import { assertClean, longHolds, startCheckout } from '../measure/measured-checkout.ts';
import type { Measurement } from '../measure/measurement.ts';
import { say } from '../measure/progress.ts';
import type { Findings, Series } from '../report/findings.ts';
import { ratioPoints, type Step, step, stepRatio } from './steps.ts';
import { type GrowthOptions, planOf } from './topic.ts';

const baseline = 64;
const counts = [1, 8, 256, 1_000];

/** Holds a second by several connections, beside the same by 64, and how many are in a batch. */
export async function measureConnections(
  databases: BenchDatabases,
  folder: string,
  options: GrowthOptions,
): Promise<Findings> {
  const { name } = databases;
  const database = await databases.create();
  const checkout = await startCheckout(database.url, folder, longHolds);
  try {
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    const means = new Map<number, number[]>([baseline, ...counts].map((count) => [count, []]));
    const side = (connections: number): Side => ({
      name: `${name}, ${connections} connections`,
      load: async (seconds) => {
        const before = await batchesOf(checkout.client);
        const result = await postHolds(checkout.client.url, productId, connections, seconds);
        means.get(connections)?.push(meanBatch(before, await batchesOf(checkout.client)));
        return result;
      },
    });
    const steps: Step[] = [];
    for (const count of counts) {
      steps.push(await step(count, side(count), side(baseline), planOf(options)));
      say(`  ${median(means.get(count) ?? []).toFixed(1)} commands in a batch`);
    }
    await assertClean(checkout);
    const how = `${await databases.text()}; one product, ${options.rounds} rounds of ${options.seconds} s, with ${baseline} and with so many connections in turn; the audit was clean`;
    const sorted = [...means].toSorted(([a], [b]) => a - b);
    return {
      measurements: [
        ...steps.map((made) =>
          stepRatio(`holds/s by ${made.at} connections ÷ by ${baseline}, ${name}`, made, null, how),
        ),
        ...sorted.map(
          ([connections, samples]): Measurement => ({
            name: `commands in a batch, ${connections} connections, ${name}`,
            value: median(samples),
            unit: 'count',
            samples,
            target: null,
            how,
          }),
        ),
      ],
      series: seriesOf(name, steps, sorted),
    };
  } finally {
    await checkout.stop();
    await database.close();
  }
}

function seriesOf(
  name: string,
  steps: readonly Step[],
  means: readonly (readonly [connections: number, samples: readonly number[]])[],
): readonly Series[] {
  const measured = steps.map(({ at, comparison: { rounds } }) => ({
    at,
    results: rounds.map((round) => round.measured),
  }));
  const beside = steps.flatMap(({ comparison: { rounds } }) => rounds.map((round) => round.beside));
  const all = [...measured, { at: baseline, results: beside }].toSorted((a, b) => a.at - b.at);
  const x = { label: 'connections', scale: 'log' } as const;
  return [
    {
      title: `Holds a second by connections, relative to ${baseline}`,
      x,
      y: { label: 'ratio', scale: 'linear' },
      lines: [{ name, points: ratioPoints(baseline, steps) }],
    },
    {
      title: 'p99 of holds by connections',
      x,
      y: { label: 'ms', scale: 'linear' },
      lines: [
        { name, points: all.map(({ at, results }) => [at, median(results.map(({ p99Ms }) => p99Ms))]) },
      ],
    },
    {
      title: 'Commands in a batch by connections',
      x,
      y: { label: 'commands', scale: 'linear' },
      lines: [{ name, points: means.map(([connections, samples]) => [connections, median(samples)]) }],
    },
  ];
}
