import { fillHolds, nextDayMs } from '../load/fill-holds.ts';
import { plentyOfStock, postHolds } from '../load/holds.ts';
import { type BenchDatabase, type BenchDatabases, smallPool } from '../measure/bench-databases.ts';
import { loadWithoutFailure, type Side } from '../measure/compare.ts';
import {
  assertClean,
  longHolds,
  type MeasuredCheckout,
  startCheckout,
} from '../measure/measured-checkout.ts';
import type { Measurement } from '../measure/measurement.ts';
import { say } from '../measure/progress.ts';
import type { Findings } from '../report/findings.ts';
import { ratioPoints, type Step, step, stepRatio } from './steps.ts';
import { type GrowthOptions, planOf, type Topic } from './topic.ts';

const connections = 64;
/** Up to here each load begins with exactly that many; beyond, what a load adds is little beside them. */
const refilledUpTo = 100_000;
/** As many live holds as the target speaks of. */
const targetedHolds = 1_000_000;

/** Holds a second with many live holds of the product, beside the same with none at the begin of each load. */
export const measureLiveHolds: Topic = (databases, folder, options) =>
  measure(databases, folder, options, async () => databases.name);

/** The same on a server whose memory takes a part of the table only: ids are random, and so is what is read for each. */
export const measureLiveHoldsInSmallPool: Topic = async (databases, folder, options) =>
  databases.server === null
    ? { measurements: [], series: [] }
    : measure(databases, folder, { ...options, liveHolds: [Math.max(...options.liveHolds)] }, async () => {
        await databases.setPool(smallPool);
        return `${databases.name} with a buffer pool of ${smallPool}`;
      });

/** @param filled called when the holds are there; resolves to what the database is called from then on */
async function measure(
  databases: BenchDatabases,
  folder: string,
  options: GrowthOptions,
  filled: () => Promise<string>,
): Promise<Findings> {
  const empty = await Filled.start(databases, folder, 0);
  const settings = async () =>
    `${await databases.text()}; one product, ${connections} connections, ${options.rounds} rounds of ${options.seconds} s each, with and without in turn; the audit was clean`;
  let label: string = databases.name;
  const steps: Step[] = [];
  const measurements: Measurement[] = [];
  try {
    for (const holds of options.liveHolds) {
      const many = await Filled.start(databases, folder, holds);
      try {
        label = await filled();
        const made = await step(
          holds,
          many.side(`${label}, ${holds} live holds`),
          empty.side(`${label}, none`),
          planOf(options),
        );
        await assertClean(many.checkout);
        steps.push(made);
        const target = holds === targetedHolds && label === databases.name ? { atLeast: 0.9 } : null;
        measurements.push(
          stepRatio(`holds/s with ${holds} live holds ÷ with none, ${label}`, made, target, await settings()),
        );
      } finally {
        await many.end();
      }
    }
    await assertClean(empty.checkout);
  } finally {
    await empty.end();
  }
  return {
    measurements,
    series: [
      {
        title: 'Holds a second with live holds, relative to none',
        x: { label: 'live holds', scale: 'steps' },
        y: { label: 'ratio', scale: 'linear' },
        lines: [{ name: label, points: ratioPoints(0, steps) }],
      },
    ],
  };
}

/** A service whose only product has so many live holds at the begin of each load. */
class Filled {
  readonly checkout: MeasuredCheckout;
  readonly #database: BenchDatabase;
  readonly #productId: number;
  readonly #holds: number;

  private constructor(checkout: MeasuredCheckout, database: BenchDatabase, productId: number, holds: number) {
    this.checkout = checkout;
    this.#database = database;
    this.#productId = productId;
    this.#holds = holds;
  }

  static async start(databases: BenchDatabases, folder: string, holds: number): Promise<Filled> {
    const database = await databases.create();
    const checkout = await startCheckout(database.url, folder, longHolds);
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    const filled = new Filled(checkout, database, productId, holds);
    if (holds > refilledUpTo) {
      const startedMs = performance.now();
      await filled.#fill();
      say(`${holds} live holds were made in ${Math.round((performance.now() - startedMs) / 1000)} s`);
    }
    return filled;
  }

  side(name: string): Side {
    return {
      name,
      load: async (seconds) => {
        if (this.#holds <= refilledUpTo) {
          await this.#empty();
          await this.#fill();
        }
        const load = (forSeconds: number) =>
          postHolds(this.checkout.client.url, this.#productId, connections, forSeconds);
        return loadWithoutFailure({ name, load }, seconds);
      },
    };
  }

  async end(): Promise<void> {
    await this.checkout.stop();
    await this.#database.close();
  }

  #fill(): Promise<void> {
    return this.#holds === 0
      ? Promise.resolve()
      : fillHolds(this.#database.url, this.#productId, this.#holds, nextDayMs());
  }

  /** As if there had never been any. Nobody else writes meanwhile. */
  async #empty(): Promise<void> {
    // A table that is made anew leaves nothing to tidy up behind the load that follows.
    await this.#database.query(
      this.#database.url.startsWith('sqlite:') ? 'delete from holds' : 'truncate table holds',
    );
    await this.#database.query('update products set held = 0, version = version + 1');
  }
}
