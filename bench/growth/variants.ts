import { plentyOfStock, postHolds } from '../load/holds.ts';
import type { BenchDatabases } from '../measure/bench-databases.ts';
import type { Side } from '../measure/compare.ts';
import {
  assertClean,
  longHolds,
  type MeasuredCheckout,
  startCheckout,
} from '../measure/measured-checkout.ts';
import { type Step, step } from './steps.ts';
import { type GrowthOptions, planOf } from './topic.ts';

/** One way to run the service. */
export type Variant = {
  readonly at: number;
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
};

/**
 * Compares ways to run the service with another one, each with a database of its own.
 *
 * @param connectionCounts how many connections load them, one comparison for each
 * @returns for each number of connections the steps
 */
export async function compareVariants(
  databases: BenchDatabases,
  folder: string,
  options: GrowthOptions,
  given: {
    readonly baseline: Variant;
    readonly variants: readonly Variant[];
    readonly connectionCounts: readonly number[];
  },
): Promise<ReadonlyMap<number, readonly Step[]>> {
  const found = new Map<number, Step[]>(given.connectionCounts.map((connections) => [connections, []]));
  const baseline = await Running.start(databases, folder, given.baseline);
  try {
    for (const variant of given.variants) {
      const running = await Running.start(databases, folder, variant);
      try {
        for (const [connections, steps] of found) {
          steps.push(
            await step(variant.at, running.side(connections), baseline.side(connections), planOf(options)),
          );
        }
        await assertClean(running.checkout);
      } finally {
        await running.end();
      }
    }
    await assertClean(baseline.checkout);
  } finally {
    await baseline.end();
  }
  return found;
}

class Running {
  readonly checkout: MeasuredCheckout;
  readonly #name: string;
  readonly #productId: number;
  readonly #close: () => Promise<void>;

  private constructor(
    checkout: MeasuredCheckout,
    name: string,
    productId: number,
    close: () => Promise<void>,
  ) {
    this.checkout = checkout;
    this.#name = name;
    this.#productId = productId;
    this.#close = close;
  }

  static async start(databases: BenchDatabases, folder: string, variant: Variant): Promise<Running> {
    const database = await databases.create();
    const checkout = await startCheckout(database.url, folder, { ...longHolds, ...variant.variables });
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    return new Running(checkout, `${databases.name}, ${variant.name}`, productId, database.close);
  }

  side(connections: number): Side {
    return {
      name: `${this.#name}, ${connections} connections`,
      load: (seconds) => postHolds(this.checkout.client.url, this.#productId, connections, seconds),
    };
  }

  async end(): Promise<void> {
    await this.checkout.stop();
    await this.#close();
  }
}
