import { fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { StoreObserver } from '../store-observer.ts';
import type { Tables } from '../tables.ts';
import { isFailedFlush } from './sqlite-errors.ts';
import type { SqlitePlace } from './sqlite-steps.ts';

const flushFile = promisify(fdatasync);

/** The second comes soon after the first, so it leaves no more than what a few batches have written meanwhile. */
const copies = 2;

/** Of the pages at which a checkpoint is due, the part that the writer may copy itself: everybody waits for it. */
const leftToWriter = 0.1;

/** What a checkpoint answers, as far as it is read. */
type Log = {
  /** 1 when what was asked for could not be done completely, because another connection was at it. */
  readonly busy: number;
  /** Pages in the log. -1 with the next one where another connection is putting it into the database. */
  readonly log: number;
  /** How many of them are in the database. */
  readonly checkpointed: number;
};

export type Checkpointing = {
  readonly path: string;
  /** The connection that writes: its place, to count without a way through the queue, and its queue. */
  readonly place: SqlitePlace;
  readonly writer: Kysely<Tables>;
  /** A connection in a thread of its own. */
  readonly thread: Kysely<Tables>;
  /** Of the writer, between checkpoints. */
  readonly busyMs: number;
  /** Pages in the log before they are put into the database. */
  readonly pages: number;
  readonly observer: Pick<StoreObserver, 'checkpointFailed'>;
  /**
   * Has to end the process without closing the database. What was copied may not be on the disk, and while a process has the file open
   * SQLite does not copy it again; after the last one it copies the whole log.
   */
  readonly flushFailed: (error: Error) => void;
  readonly flush?: (file: number) => Promise<void>;
};

/**
 * By path. Never closed: with any descriptor of a file that a process closes, it loses all its locks on that file, those of its SQLite
 * too, see https://www.sqlite.org/howtocorrupt.html section 2.2.
 */
const descriptors = new Map<string, number>();

/**
 * Puts the log into the database beside the batches. SQLite does it within a commit, for which the process then stands still:
 * 70 ms once a hundred thousand orders are in it. So a thread copies, which holds up no writer, and the writer only has to copy the little
 * that came meanwhile before it begins the log anew, between two transactions. While commits go on, SQLite leaves it to that last
 * step to flush what was copied, so it is flushed here before, where nobody waits for it.
 */
export class SqliteCheckpoints {
  readonly #checkpointing: Checkpointing;
  #dueAtPages: number;
  /** In the log after the commit before. */
  #seenPages = 0;
  #underWay: Promise<void> | null = null;
  #isFailing = false;
  #notFlushed: Error | null = null;

  constructor(checkpointing: Checkpointing) {
    this.#checkpointing = checkpointing;
    this.#dueAtPages = checkpointing.pages;
  }

  /** To be called when a transaction has just been committed, before the next one begins. */
  committed(): void {
    if (this.#notFlushed === null) {
      this.#underWay ??= this.#checkpointWhereDue()
        .catch((error: Error) => this.#failed(error))
        .finally(() => {
          this.#underWay = null;
        });
    }
  }

  /** @throws when a flush has failed: SQLite would begin the log anew when the last connection is closed */
  async close(): Promise<void> {
    await this.#underWay;
    if (this.#notFlushed !== null) {
      throw this.#notFlushed;
    }
    await this.#checkpointing.thread.destroy();
  }

  /** What could not be copied is still in the log, and the next commit tries again. */
  #failed(error: Error): void {
    const { observer, flushFailed } = this.#checkpointing;
    if (isFailedFlush(error)) {
      this.#notFlushed = new Error(`the database file could not be flushed to the disk: ${error.message}`, {
        cause: error,
      });
      flushFailed(this.#notFlushed);
    } else if (!this.#isFailing) {
      this.#isFailing = true;
      observer.checkpointFailed(error.message);
    }
  }

  async #checkpointWhereDue(): Promise<void> {
    const { path, place, pages } = this.#checkpointing;
    // Opened before anything is copied: the system tells each descriptor of what failed while it was open.
    const file = descriptor(path);
    const { rows } = await place.take({
      kind: 'query',
      sql: 'pragma wal_checkpoint(noop)',
      parameters: [],
    });
    const inLog = Number(rows[0]?.log);
    if (inLog < this.#seenPages) {
      this.#dueAtPages = pages; // begun anew, by another process perhaps
    }
    this.#seenPages = inLog;
    if (inLog < this.#dueAtPages) {
      return;
    }
    const notCopied = await this.#copy(file);
    // Where somebody still reads what is in the log, a long audit perhaps, it is not tried again with each commit.
    this.#dueAtPages = pages + (notCopied > leftToWriter * pages ? inLog : await this.#beginAnew());
    this.#isFailing = false;
  }

  /** How many pages a reader has kept from being copied: the writer would copy them the moment that he has ended. */
  async #copy(file: number): Promise<number> {
    const { thread, flush = flushFile } = this.#checkpointing;
    let notCopied = 0;
    for (let copy = 0; copy < copies; copy += 1) {
      const { rows } = await sql<Log>`pragma wal_checkpoint(passive)`.execute(thread);
      notCopied = rows[0] === undefined ? 0 : rows[0].log - rows[0].checkpointed;
      await flush(file);
    }
    return notCopied;
  }

  /** Pages in the log afterwards. Waits for nobody: other connections may be of this very thread. */
  #beginAnew(): Promise<number> {
    const { writer, busyMs } = this.#checkpointing;
    return writer.connection().execute(async (db) => {
      await sql`pragma busy_timeout = 0`.execute(db);
      try {
        const { rows } = await sql<Log>`pragma wal_checkpoint(restart)`.execute(db);
        const [log] = rows;
        return log === undefined || log.busy === 0 ? 0 : Math.max(0, log.log);
      } finally {
        await sql`pragma busy_timeout = ${sql.lit(busyMs)}`.execute(db);
      }
    });
  }
}

function descriptor(path: string): number {
  const known = descriptors.get(path);
  if (known !== undefined) {
    return known;
  }
  // Windows flushes only what may be written.
  const opened = openSync(path, 'r+');
  descriptors.set(path, opened);
  return opened;
}
