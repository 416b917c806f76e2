import { fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { SqlitePlace } from './sqlite-steps.ts';

const flush = promisify(fdatasync);

/** The second comes soon after the first, so it leaves no more than what a few batches have written meanwhile. */
const copies = 2;

/** What a checkpoint answers, as far as it is read. */
type Log = {
  /** 1 when what was asked for could not be done completely, because another connection was at it. */
  readonly busy: number;
  /** Pages in the log. */
  readonly log: number;
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
  #underWay: Promise<void> | null = null;

  constructor(checkpointing: Checkpointing) {
    this.#checkpointing = checkpointing;
    this.#dueAtPages = checkpointing.pages;
  }

  /** To be called when a transaction has just been committed, before the next one begins. */
  committed(): void {
    this.#underWay ??= this.#checkpointWhereDue()
      // The log stays as it is, so nothing is lost, and the next commit tries again. A disk that cannot be written fails that one too.
      .catch(() => {})
      .finally(() => {
        this.#underWay = null;
      });
  }

  async close(): Promise<void> {
    await this.#underWay;
    await this.#checkpointing.thread.destroy();
  }

  async #checkpointWhereDue(): Promise<void> {
    const { path, place, thread, pages } = this.#checkpointing;
    const { rows } = await place.take({
      kind: 'query',
      sql: 'pragma wal_checkpoint(noop)',
      parameters: [],
    });
    if (Number(rows[0]?.log) < this.#dueAtPages) {
      return;
    }
    for (let copy = 0; copy < copies; copy += 1) {
      await sql`pragma wal_checkpoint(passive)`.execute(thread);
      await flush(descriptor(path));
    }
    const left = await this.#beginAnew();
    // Where somebody still reads what is in the log, a long audit perhaps, it is not tried again with each commit.
    this.#dueAtPages = pages + left;
  }

  /** Pages in the log afterwards. Waits for nobody: other connections may be of this very thread. */
  #beginAnew(): Promise<number> {
    const { writer, busyMs } = this.#checkpointing;
    return writer.connection().execute(async (db) => {
      await sql`pragma busy_timeout = 0`.execute(db);
      try {
        const { rows } = await sql<Log>`pragma wal_checkpoint(restart)`.execute(db);
        const [log] = rows;
        return log === undefined || log.busy === 0 ? 0 : log.log;
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
