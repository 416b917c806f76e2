import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Needs, OverdueNeed } from '../domain/needs.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { Changes, State } from '../domain/state.ts';
import { nextRelease } from './availability.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import type { ProductStatements } from './product-statements.ts';
import type { RowMapping } from './rows.ts';
import { StateLoader } from './state-loader.ts';
import type { Transaction } from './store.ts';
import { StoreError } from './store-error.ts';
import type { Tables } from './tables.ts';
import { writeChanges } from './write-changes.ts';

/**
 * A transaction that is under way. After `end` it refuses, so that nothing is written outside of it by
 * mistake.
 */
export class SqlTransaction implements Transaction {
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;
  readonly #rows: RowMapping;
  readonly #statements: ProductStatements;
  #loader: StateLoader | null = null;
  #ended = false;

  constructor(db: Kysely<Tables>, dialect: SqlDialect, rows: RowMapping, statements: ProductStatements) {
    this.#db = db;
    this.#dialect = dialect;
    this.#rows = rows;
    this.#statements = statements;
  }

  end(): void {
    this.#ended = true;
  }

  async load(needs: Needs, lastSeen: ReadonlyMap<number, ProductSnapshot> = new Map()): Promise<State> {
    const loader = new StateLoader(this.#open(), this.#dialect, this.#rows, this.#statements);
    await loader.load(needs, lastSeen);
    this.#loader = loader;
    return loader;
  }

  async loadOverdue(needs: readonly OverdueNeed[]): Promise<State> {
    this.#open();
    if (this.#loader === null) {
      throw new StoreError('defect', 'overdue holds were asked for before anything was loaded');
    }
    await this.#loader.loadOverdue(needs);
    return this.#loader;
  }

  async apply(changes: Changes): Promise<void> {
    await writeChanges(this.#open(), this.#dialect, this.#rows, this.#statements, changes);
  }

  async nextReleases(
    productIds: readonly number[],
    nowMs: number,
    exceptHoldIds: readonly number[],
  ): Promise<ReadonlyMap<number, number | null>> {
    const { codec, among } = this.#dialect;
    const now = sql.val(codec.encodeInstant(nowMs));
    // Over the plain key MySQL plans a range between each two of the ids: 4.6 ms for 200 ids instead of 0.9 ms.
    const isExcepted = among(sql`(holds.id + 0)`, exceptHoldIds);
    const rows = await this.#open()
      .selectFrom('products')
      .select(['products.id', nextRelease(codec, now, isExcepted).as('next_release_at')])
      .where((where) => among(where.ref('products.id'), productIds))
      .execute();
    return new Map(
      rows.map((row) => [
        row.id,
        row.next_release_at === null ? null : codec.decodeInstant(row.next_release_at),
      ]),
    );
  }

  #open(): Kysely<Tables> {
    if (this.#ended) {
      throw new StoreError('defect', 'a transaction was used after its end');
    }
    return this.#db;
  }
}
