import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
} from 'kysely';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { StoreObserver } from '../store-observer.ts';
import type { SqlitePlace, SqliteResult, SqliteStep, SqliteValues } from './sqlite-steps.ts';

/**
 * A change of many rows: compiled for one of them, and run for each with its values. A statement for several rows makes SQLite keep a copy
 * of each page that it changes, in case a later row fails: 29 µs for a new hold instead of 14.
 */
export type EachRow = CompiledQuery & { readonly rows: readonly SqliteValues[] };

export type SqliteConnecting = {
  readonly place: SqlitePlace;
  /**
   * How the connection's transactions begin. Those that write take the write lock at once: one that reads first and writes later could
   * lose its snapshot in between.
   */
  readonly begin: 'begin immediate' | 'begin';
  /** Called after each commit. */
  readonly committed: () => void;
  /** Called before the database is opened. What it throws, the first statement fails with. */
  readonly prepare: () => void;
  readonly observer: StoreObserver;
};

/** Kysely on Node's own SQLite: one connection, which a transaction has to itself. */
export class NodeSqliteDialect implements Dialect {
  readonly #connecting: SqliteConnecting;

  constructor(connecting: SqliteConnecting) {
    this.#connecting = connecting;
  }

  createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter();
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#connecting);
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
}

/** SQLite takes changes of the schema back with their transaction; Kysely's own adapter leaves that unused. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #connecting: SqliteConnecting;
  readonly #connection: NodeSqliteConnection;
  /** Settles when the connection is free again: the one before it in the queue has released it. */
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(connecting: SqliteConnecting) {
    this.#connecting = connecting;
    this.#connection = new NodeSqliteConnection(connecting);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    let release = () => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async beginTransaction(): Promise<void> {
    await this.#connection.take({ kind: 'control', sql: this.#connecting.begin });
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.take({ kind: 'control', sql: 'commit' });
    this.#connecting.committed();
  }

  async rollbackTransaction(): Promise<void> {
    await this.#connection.take({ kind: 'control', sql: 'rollback' });
  }

  async destroy(): Promise<void> {
    await this.#connecting.place.close();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #connecting: SqliteConnecting;
  #isOpen = false;

  constructor(connecting: SqliteConnecting) {
    this.#connecting = connecting;
  }

  async executeQuery<Row>(query: CompiledQuery | EachRow): Promise<QueryResult<Row>> {
    const { sql } = query;
    const { rows, changes, durationMs } = await this.take(
      'rows' in query
        ? { kind: 'each', sql, rows: query.rows }
        : { kind: 'query', sql, parameters: query.parameters as SqliteValues },
    );
    this.#connecting.observer.query(sql, durationMs);
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  /** Kysely asks for it; nothing here streams, since lists come in pages. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  async take(step: SqliteStep): Promise<SqliteResult> {
    const { place, prepare } = this.#connecting;
    if (!this.#isOpen) {
      prepare();
    }
    const result = await place.take(step);
    this.#isOpen = true;
    return result;
  }
}
