// Plain JavaScript, checked by tsc: a thread that has to strip types first takes 18 MB and 60 ms more.

import { DatabaseSync } from 'node:sqlite';

/** @import { StatementSync } from 'node:sqlite' */
/** @import { SqliteOpening, SqliteResult, SqliteStep } from './sqlite-steps.ts' */

/** Statement texts kept prepared. The hot path has about twenty; lists with filters may add some. */
const preparedMax = 200;

const openingPauseMs = 2;
const paused = new Int32Array(new SharedArrayBuffer(4));

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy: the low byte of its extended codes. */
const busyClass = 5;

/** One connection, in the thread that makes it: does what it is told and keeps its statements prepared. */
export class SqliteSession {
  /** @type {SqliteOpening} */
  #opening;
  /** @type {DatabaseSync | null} */
  #database = null;
  /** @type {Map<string, { readonly statement: StatementSync, readonly returnsRows: boolean }>} */
  #prepared = new Map();

  /** @param {SqliteOpening} opening */
  constructor(opening) {
    this.#opening = opening;
  }

  /**
   * Opens the database first, where that was not done or did not succeed.
   *
   * @param {SqliteStep} step
   * @returns {SqliteResult}
   * @throws SQLite's errors
   */
  take(step) {
    this.#database ??= open(this.#opening);
    const startedMs = performance.now();
    const { rows, changes } = this.#take(step, this.#database);
    return { rows, changes, durationMs: performance.now() - startedMs };
  }

  close() {
    this.#prepared.clear();
    this.#database?.close();
    this.#database = null;
  }

  /**
   * @param {SqliteStep} step
   * @param {DatabaseSync} database
   * @returns {Pick<SqliteResult, 'rows' | 'changes'>}
   */
  #take(step, database) {
    if (step.kind === 'control') {
      // SQLite ends the transaction by itself on some errors, a full disk among them.
      if (step.sql !== 'rollback' || database.isTransaction) {
        database.exec(step.sql);
      }
      return { rows: [], changes: 0 };
    }
    const { statement, returnsRows } = this.#prepare(step.sql, database);
    if (step.kind === 'each') {
      for (const row of step.rows) {
        statement.run(...row);
      }
      return { rows: [], changes: step.rows.length };
    }
    return returnsRows
      ? { rows: statement.all(...step.parameters), changes: 0 }
      : { rows: [], changes: Number(statement.run(...step.parameters).changes) };
  }

  /**
   * @param {string} text
   * @param {DatabaseSync} database
   */
  #prepare(text, database) {
    const known = this.#prepared.get(text);
    if (known !== undefined) {
      return known;
    }
    const statement = database.prepare(text);
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

/** @param {SqliteOpening} opening */
function open({ path, pragmas, openingBusyMs }) {
  const untilMs = performance.now() + openingBusyMs;
  const database = new DatabaseSync(path, { timeout: openingBusyMs });
  for (;;) {
    try {
      database.exec(pragmas);
      return database;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= untilMs) {
        database.close();
        throw error;
      }
      // SQLite does not wait by itself where its lock on a file that is not in WAL mode yet would have to grow.
      Atomics.wait(paused, 0, 0, openingPauseMs);
    }
  }
}

/** @param {unknown} error */
function isBusy(error) {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busyClass;
}
