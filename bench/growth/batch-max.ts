import { options as settings } from '../../src/config/options.ts';
import type { BenchDatabases } from '../measure/bench-databases.ts';
import type { Findings } from '../report/findings.ts';
import { ratioPoints, stepRatio } from './steps.ts';
import type { GrowthOptions } from './topic.ts';
import { compareVariants, type Variant } from './variants.ts';

const standard = Number(settings.find(({ env }) => env === 'BATCH_MAX')?.default);
const sizes = [10, 50, 200, 2_000];
const connectionCounts = [64, 256, 1_000];
const batchMax = (size: number): Variant => ({
  at: size,
  name: `BATCH_MAX ${size}`,
  variables: { BATCH_MAX: String(size) },
});

/** Holds a second with other bounds of a batch, beside the one that stands in the table of options. */
export async function measureBatchMax(
  databases: BenchDatabases,
  folder: string,
  options: GrowthOptions,
): Promise<Findings> {
  const found = await compareVariants(databases, folder, options, {
    baseline: batchMax(standard),
    variants: sizes.map(batchMax),
    connectionCounts,
  });
  const { name } = databases;
  const how = `${await databases.text()}; one product, ${options.rounds} rounds of ${options.seconds} s, with the standard and with another bound in turn, each with a database of its own; the audit was clean`;
  return {
    measurements: [...found].flatMap(([connections, steps]) =>
      steps.map((made) =>
        stepRatio(
          `holds/s with BATCH_MAX ${made.at} ÷ with ${standard}, ${connections} connections, ${name}`,
          made,
          null,
          how,
        ),
      ),
    ),
    series: [
      {
        title: `Holds a second by BATCH_MAX, relative to ${standard}`,
        x: { label: 'BATCH_MAX', scale: 'log' },
        y: { label: 'ratio', scale: 'linear' },
        lines: [...found].map(([connections, steps]) => ({
          name: `${name}, ${connections} connections`,
          points: ratioPoints(standard, steps),
        })),
      },
    ],
  };
}
