// Plain JavaScript, checked by tsc: a thread that has to strip types first takes 18 MB and 60 ms more.

import { statSync } from 'node:fs';
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
    this.#database ??= openSqlite(this.#opening);
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

/**
 * Opens a database. `bin/flash-sale restore` replaces the file under an exclusive lock: a connection that was made before and waited for this
 * lock would read the old file with the log of the new one. So this function takes a lock, and then compares the files.
 *
 * @param {SqliteOpening} opening
 * @throws SQLite's errors
 */
export function openSqlite({ path, pragmas, openingBusyMs }) {
  const untilMs = performance.now() + openingBusyMs;
  for (;;) {
    const before = fileAt(path);
    const database = connect(path, `${pragmas}; ${lockingRead}`, untilMs);
    if (before === null || before === fileAt(path)) {
      return database;
    }
    database.close();
  }
}

/** In WAL mode a connection keeps the lock of its first read until it is closed. */
const lockingRead = 'pragma schema_version';

/**
 * @param {string} path
 * @param {string} pragmas
 * @param {number} untilMs
 */
function connect(path, pragmas, untilMs) {
  const database = new DatabaseSync(path, { timeout: Math.max(0, Math.ceil(untilMs - performance.now())) });
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

/** @param {string} path */
function fileAt(path) {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/** @param {unknown} error */
function isBusy(error) {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busyClass;
}
