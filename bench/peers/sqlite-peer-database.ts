import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { PeerDatabase, PeerTransaction, Value } from './peer-database.ts';

/** Node's own SQLite, with the same settings as the service. It has one connection, which a transaction has to itself. */
export class SqlitePeerDatabase implements PeerDatabase {
  readonly forUpdate = '';
  readonly now = 'unixepoch()';
  readonly updateReturns = true;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** The transaction that the next one waits for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#database = new DatabaseSync(url.slice('sqlite:'.length));
    this.#database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000',
    );
  }

  instant(ms: number): Value {
    return Math.floor(ms / 1000);
  }

  transaction<Result>(work: (transaction: PeerTransaction) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#transact(work));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async run(statement: string): Promise<void> {
    this.#database.exec(statement);
  }

  async end(): Promise<void> {
    await this.#last;
    this.#database.close();
  }

  async #transact<Result>(work: (transaction: PeerTransaction) => Promise<Result>): Promise<Result> {
    this.#prepared('begin immediate').run();
    try {
      const result = await work({
        rows: async (text, values) => this.#prepared(text).all(...values.map(plain)),
        change: async (text, values) => Number(this.#prepared(text).run(...values.map(plain)).changes),
        insert: async (text, values) =>
          Number(this.#prepared(text).run(...values.map(plain)).lastInsertRowid),
      });
      this.#prepared('commit').run();
      return result;
    } catch (error) {
      this.#prepared('rollback').run();
      throw error;
    }
  }

  #prepared(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** Instants have become numbers before, so there are no dates. */
function plain(value: Value): string | number | null {
  return value instanceof Date ? value.getTime() : value;
}
