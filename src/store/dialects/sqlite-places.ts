import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { SqliteSession } from './sqlite-session.mjs';
import type { SqliteAnswer, SqliteOpening, SqlitePlace, SqliteResult, SqliteStep } from './sqlite-steps.ts';

/** A connection in this thread: for whatever takes less time than the way to another one. */
export function inThisThread(opening: SqliteOpening): SqlitePlace {
  const session = new SqliteSession(opening);
  return {
    take: async (step) => session.take(step),
    close: async () => session.close(),
  };
}

/** SQLite's error as it comes from another thread, with the result code that it has here. */
class SqliteThreadError extends Error {
  readonly errcode: number | null;

  constructor(message: string, errcode: number | null) {
    super(message);
    this.name = 'SqliteThreadError';
    this.errcode = errcode;
  }
}

/**
 * A connection in a thread of its own, so that nobody waits for a long read. The thread begins with the first
 * step, and keeps the process up only while an answer is waited for. A defect that ends the thread ends the
 * process: nobody knows what it has left undone.
 */
export class SqliteThread implements SqlitePlace {
  readonly #opening: SqliteOpening;
  /** Answers come in the order of the steps. */
  readonly #waiting: ((answer: SqliteAnswer) => void)[] = [];
  #worker: Worker | null = null;

  constructor(opening: SqliteOpening) {
    this.#opening = opening;
  }

  async take(step: SqliteStep): Promise<SqliteResult> {
    const answer = await this.#answer(step);
    if ('failure' in answer) {
      throw new SqliteThreadError(answer.failure.message, answer.failure.errcode);
    }
    return answer.result;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    if (worker !== null) {
      worker.ref();
      worker.postMessage('close');
      await once(worker, 'exit');
    }
  }

  #answer(step: SqliteStep): Promise<SqliteAnswer> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve) => {
      worker.ref();
      this.#waiting.push(resolve);
      worker.postMessage(step);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sqlite-thread.mjs', import.meta.url), { workerData: this.#opening });
    worker.on('message', (answer: SqliteAnswer) => {
      this.#waiting.shift()?.(answer);
      if (this.#waiting.length === 0) {
        worker.unref();
      }
    });
    return worker;
  }
}
