import { holdBody, plentyOfStock } from '../load/holds.ts';
import { postAny } from '../load/post-any.ts';
import type { BenchDatabases } from '../measure/bench-databases.ts';
import type { Side } from '../measure/compare.ts';
import {
  assertClean,
  longHolds,
  type MeasuredCheckout,
  startCheckout,
} from '../measure/measured-checkout.ts';
import type { Findings } from '../report/findings.ts';
import { ratioPoints, type Step, step, stepRatio } from './steps.ts';
import { type GrowthOptions, planOf } from './topic.ts';

const connections = 64;
const counts = [10, 1_000];

/** Holds a second on one of several products by chance, beside the same on one. */
export async function measureProducts(
  databases: BenchDatabases,
  folder: string,
  options: GrowthOptions,
): Promise<Findings> {
  const database = await databases.create();
  const checkout = await startCheckout(database.url, folder, longHolds);
  try {
    const one = side(checkout, await createProducts(checkout, 1), databases.name);
    const steps: Step[] = [];
    for (const count of counts) {
      const many = side(checkout, await createProducts(checkout, count), databases.name);
      steps.push(await step(count, many, one, planOf(options)));
    }
    await assertClean(checkout);
    const how = `${await databases.text()}; a product by chance for each hold, ${connections} connections, ${options.rounds} rounds of ${options.seconds} s, one and many in turn; the audit was clean`;
    return {
      measurements: steps.map((made) =>
        stepRatio(`holds/s on ${made.at} products ÷ on one, ${databases.name}`, made, null, how),
      ),
      series: [
        {
          title: 'Holds a second on several products, relative to one',
          x: { label: 'products', scale: 'steps' },
          y: { label: 'ratio', scale: 'linear' },
          lines: [{ name: databases.name, points: ratioPoints(1, steps) }],
        },
      ],
    };
  } finally {
    await checkout.stop();
    await database.close();
  }
}

async function createProducts({ client }: MeasuredCheckout, count: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, () => client.createProduct({ stock: plentyOfStock })));
}

function side({ client }: MeasuredCheckout, productIds: readonly number[], database: string): Side {
  const bodies = productIds.map(holdBody);
  return {
    name: `${database}, ${productIds.length} products`,
    load: (seconds) => postAny({ url: `${client.url}/api/v1/holds`, bodies, connections, seconds }),
  };
}
