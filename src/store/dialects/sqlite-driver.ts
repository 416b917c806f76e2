import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
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

/** Statement texts kept prepared. The hot path has about twenty; lists with filters may add some. */
const preparedMax = 200;

/**
 * How a connection's transactions begin. Those that write take the write lock at once: one that reads first and writes later could
 * lose its snapshot in between.
 */
export type Begin = 'begin immediate' | 'begin';

/** Kysely on Node's own SQLite: one connection, which a transaction has to itself. */
export class NodeSqliteDialect implements Dialect {
  readonly #open: () => DatabaseSync;
  readonly #begin: Begin;

  /** @param open called once, when the first query comes. */
  constructor(open: () => DatabaseSync, begin: Begin) {
    this.#open = open;
    this.#begin = begin;
  }

  createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter();
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#open, this.#begin);
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
  readonly #open: () => DatabaseSync;
  readonly #begin: Begin;
  #connection: NodeSqliteConnection | undefined;
  /** Settles when the connection is free again: the one before it in the queue has released it. */
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(open: () => DatabaseSync, begin: Begin) {
    this.#open = open;
    this.#begin = begin;
  }

  async init(): Promise<void> {
    this.#connection = new NodeSqliteConnection(this.#open());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    let release = () => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    if (this.#connection === undefined) {
      release();
      throw new Error('the database was not opened');
    }
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    asOurs(connection).run(this.#begin);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    asOurs(connection).run('commit');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite ends the transaction by itself on some errors, a full disk among them.
    if (asOurs(connection).isInTransaction()) {
      asOurs(connection).run('rollback');
    }
  }

  async destroy(): Promise<void> {
    this.#connection?.close();
  }
}

function asOurs(connection: DatabaseConnection): NodeSqliteConnection {
  if (connection instanceof NodeSqliteConnection) {
    return connection;
  }
  throw new Error('a connection of another driver');
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<
    string,
    { readonly statement: StatementSync; readonly returnsRows: boolean }
  >();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, returnsRows } = this.#prepare(query.sql);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (returnsRows) {
      return { rows: statement.all(...parameters) as Row[] };
    }
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  /** Kysely asks for it; nothing here streams, since lists come in pages. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  run(statement: string): void {
    this.#database.exec(statement);
  }

  isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  #prepare(text: string): { readonly statement: StatementSync; readonly returnsRows: boolean } {
    const known = this.#prepared.get(text);
    if (known !== undefined) {
      return known;
    }
    const statement = this.#database.prepare(text);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    if (this.#prepared.size >= preparedMax) {
      const oldest = this.#prepared.keys().next();
      if (!oldest.done) {
        this.#prepared.delete(oldest.value);
      }
    }
    this.#prepared.set(text, prepared);
    return prepared;
  }
}
