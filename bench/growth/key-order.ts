import { newId } from '../../src/engine/new-id.ts';
import { openStore } from '../../src/store/open-store.ts';
import { nextDayMs } from '../load/fill-holds.ts';
import { latenciesOf } from '../load/latencies.ts';
import { type BenchDatabase, type BenchDatabases, smallPool } from '../measure/bench-databases.ts';
import { compare, type Side } from '../measure/compare.ts';
import type { Measurement } from '../measure/measurement.ts';
import { say } from '../measure/progress.ts';
import type { Findings } from '../report/findings.ts';
import { stepRatio } from './steps.ts';
import { type GrowthOptions, planOf } from './topic.ts';

/** A batch as 64 connections make it. */
const rowsPerBatch = 64;
const rowsPerFill = 1_000;

type Order = 'random' | 'sequential';

/**
 * What it costs that a hold's id cannot be guessed: the same rows with ids by chance, and with ids that count up, into the service's own
 * table, by one connection, a commit for each batch. On a server also with much less memory than the tables take.
 */
export async function measureKeyOrder(
  databases: BenchDatabases,
  _folder: string,
  options: GrowthOptions,
): Promise<Findings> {
  const rows = Math.max(...options.liveHolds);
  const tables = { random: await Table.create(databases), sequential: await Table.create(databases) };
  const measurements: Measurement[] = [];
  const measure = async (memory: string): Promise<void> => {
    const side = (order: Order): Side => ({
      name: `${databases.name}, ${memory}, ${order} ids`,
      load: (seconds) => tables[order].load(order, seconds),
    });
    const comparison = await compare(side('random'), side('sequential'), planOf(options));
    say(`${databases.name}, ${memory}: random ids ${comparison.ratio.toFixed(2)} of sequential`);
    const how = `${await databases.text()}; ${rows} rows before, batches of ${rowsPerBatch} rows with a commit each by one connection, ${options.rounds} rounds of ${options.seconds} s, random and sequential in turn`;
    const name = `rows/s with random ids ÷ with sequential ones, ${databases.name}, ${memory}`;
    measurements.push(stepRatio(name, { at: rows, comparison }, null, how));
  };
  try {
    for (const order of ['random', 'sequential'] as const) {
      await tables[order].fill(order, rows);
    }
    await measure('much memory');
    if (databases.server !== null) {
      await databases.setPool(smallPool);
      await measure(`buffer pool of ${smallPool}`);
    }
  } finally {
    await Promise.all(Object.values(tables).map(({ database }) => database.close()));
  }
  return { measurements, series: [] };
}

/** The table of holds, as the service makes it. */
class Table {
  readonly database: BenchDatabase;
  readonly #dueAtMs = nextDayMs();
  #lastId = 0;

  private constructor(database: BenchDatabase) {
    this.database = database;
  }

  static async create(databases: BenchDatabases): Promise<Table> {
    const database = await databases.create();
    const store = openStore(database.url);
    await store.migrate();
    await store.close();
    await database.query(
      database.url.startsWith('sqlite:') ? 'pragma synchronous = full' : 'set unique_checks = 1',
    );
    return new Table(database);
  }

  async fill(order: Order, rows: number): Promise<void> {
    const startedMs = performance.now();
    await this.database.query('begin');
    for (let made = 0; made < rows; made += rowsPerFill) {
      await this.#insert(order, rowsPerFill);
    }
    await this.database.query('commit');
    say(`${rows} rows with ${order} ids took ${Math.round((performance.now() - startedMs) / 1000)} s`);
  }

  async load(order: Order, seconds: number) {
    const startedMs = performance.now();
    const tookMs: number[] = [];
    while (performance.now() - startedMs < seconds * 1000) {
      const begunMs = performance.now();
      await this.database.query('begin');
      await this.#insert(order, rowsPerBatch);
      await this.database.query('commit');
      tookMs.push(performance.now() - begunMs);
    }
    const { answered, perSecond, p99Ms } = latenciesOf(tookMs, performance.now() - startedMs);
    return { answered: answered * rowsPerBatch, perSecond: perSecond * rowsPerBatch, p99Ms, failed: 0 };
  }

  async #insert(order: Order, count: number): Promise<void> {
    const due = this.#instant(this.#dueAtMs);
    const now = this.#instant(Date.now());
    const rows = Array.from({ length: count }, () => {
      this.#lastId += 1;
      const id = order === 'random' ? newId() : this.#lastId;
      return `(${id}, 1, 1, 100, 'held', 1, 0, ${due}, ${now})`;
    });
    await this.database.query(
      `insert into holds (id, product_id, quantity, price_minor, status, open, consumed, expires_at, created_at) values ${rows.join(', ')}`,
    );
  }

  /** As the service writes it into this database. */
  #instant(ms: number): string {
    return this.database.url.startsWith('sqlite:')
      ? String(ms)
      : `'${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}'`;
  }
}
