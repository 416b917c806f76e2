import type { BenchDatabases } from '../measure/bench-databases.ts';
import type { Findings } from '../report/findings.ts';
import { ratioPoints, stepRatio } from './steps.ts';
import type { GrowthOptions } from './topic.ts';
import { compareVariants, type Variant } from './variants.ts';

const connections = 256;
const processes = (count: number): Variant => ({
  at: count,
  name: `${count} processes`,
  variables: { PROCESSES: String(count) },
});

/** Holds a second on one product with several server processes, beside one. */
export async function measureProcesses(
  databases: BenchDatabases,
  folder: string,
  options: GrowthOptions,
): Promise<Findings> {
  const found = await compareVariants(databases, folder, options, {
    baseline: processes(1),
    variants: [processes(2), processes(4)],
    connectionCounts: [connections],
  });
  const steps = found.get(connections) ?? [];
  const { name } = databases;
  const how = `${await databases.text()}; one product, ${connections} connections, ${options.rounds} rounds of ${options.seconds} s, one process and several in turn, each with a database of its own; the audit was clean`;
  return {
    measurements: steps.map((made) =>
      stepRatio(`holds/s of ${made.at} processes ÷ of one, ${name}`, made, null, how),
    ),
    series: [
      {
        title: 'Holds a second of several processes, relative to one',
        x: { label: 'processes', scale: 'steps' },
        y: { label: 'ratio', scale: 'linear' },
        lines: [{ name, points: ratioPoints(1, steps) }],
      },
    ],
  };
}
