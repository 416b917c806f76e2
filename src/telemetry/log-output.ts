import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, type LogSink } from './log-sink.ts';

/**
 * What waits for a sink that is slow or fails. Three seconds of lines at 30,000 a second; then memory is
 * worth more.
 */
const bytesMax = 16 * 1024 * 1024;
const standardRetryMs = 1000;
/** A sink that fails and recovers over and over does not fill stderr. */
const reportAgainAfterMs = 60_000;

type Batch = {
  readonly bytes: Buffer;
  readonly lines: number;
  /** Called once the sink has written all of it. */
  readonly written?: () => void;
};

/**
 * Feeds one sink, one write at a time, from a bounded queue.
 *
 * - **working**: what is pushed is written in order.
 * - **in trouble**, from a failed write or a full queue until the queue is empty again: a failed write is
 *   tried again each second; what does not fit into the queue is dropped and counted. Beginning and end are
 *   reported.
 * - **lost**, when trying again is pointless: everything from then on is dropped.
 */
export class LogOutput {
  readonly #sink: LogSink;
  readonly #report: (line: string) => void;
  readonly #retryMs: number;
  readonly #closing = new AbortController();
  #queue: Batch[] = [];
  #queuedBytes = 0;
  #draining: Promise<void> | null = null;
  #isLost = false;
  #trouble: { linesDropped: number; readonly reported: boolean } | null = null;
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param report takes one line for the operator
   * @param retryMs how long after a failed write it is tried again
   */
  constructor(sink: LogSink, report: (line: string) => void, retryMs: number = standardRetryMs) {
    this.#sink = sink;
    this.#report = report;
    this.#retryMs = retryMs;
  }

  /** Takes `lines` whole lines. Never waits and never throws. */
  push(bytes: Buffer, lines: number): void {
    if (this.#isLost || this.#closing.signal.aborted) {
      return;
    }
    if (this.#queuedBytes + bytes.length > bytesMax) {
      const trouble = this.#beginTrouble(
        `is written too slowly: the sale goes on and further lines are dropped; ${this.#sink.advice}`,
      );
      trouble.linesDropped += lines;
      return;
    }
    this.#enqueue({ bytes, lines });
  }

  /** Reopens the sink's target, and resolves once it is open. The write of an empty batch opens it. */
  reopen(): Promise<void> {
    if (this.#isLost || this.#closing.signal.aborted) {
      return Promise.resolve();
    }
    this.#sink.reopen?.();
    return new Promise((written) => this.#enqueue({ bytes: Buffer.alloc(0), lines: 0, written }));
  }

  /**
   * Writes what waits, for at most `patienceMs`, and closes the sink. Says what had to be left. Never
   * rejects.
   */
  async close(patienceMs: number): Promise<void> {
    this.#closing.abort();
    const patience = new AbortController();
    const outOfPatience = delay(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.#draining, outOfPatience]);
    patience.abort();
    const left = this.#queue.reduce((sum, batch) => sum + batch.lines, this.#trouble?.linesDropped ?? 0);
    if (left > 0 && !this.#isLost) {
      this.#report(`${this.#sink.name} did not get the last ${left} log lines`);
    }
    // A write that still hangs would make close() hang with it; the process ends anyway.
    if (this.#draining === null) {
      await this.#sink.close().catch(() => undefined);
    }
  }

  #enqueue(batch: Batch): void {
    this.#queue.push(batch);
    this.#queuedBytes += batch.bytes.length;
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    let batch = this.#queue[0];
    while (batch !== undefined) {
      const isWritten = await this.#write(batch.bytes);
      if (!isWritten) {
        break;
      }
      this.#queue.shift();
      this.#queuedBytes -= batch.bytes.length;
      batch.written?.();
      batch = this.#queue[0];
    }
    this.#draining = null;
    if (this.#queue.length === 0) {
      this.#endTrouble();
    }
  }

  /** Tries until it is done, and gives up only when the sink is lost or the output is closing. */
  async #write(bytes: Buffer): Promise<boolean> {
    let done = 0;
    for (;;) {
      try {
        done += await this.#sink.write(bytes.subarray(done));
        if (done === bytes.length) {
          return true;
        }
      } catch (error) {
        if (this.#sink.isLost(error)) {
          this.#isLost = true;
          this.#queue = [];
          this.#report(
            `${this.#sink.name} was closed (${errorCode(error)}): the sale goes on, its log lines no longer go there`,
          );
          return false;
        }
        this.#beginTrouble(
          `cannot be written (${errorCode(error)}): the sale goes on, ` +
            `16 MiB of log lines wait and further ones are dropped; ${this.#sink.advice}`,
        );
        if (this.#closing.signal.aborted) {
          return false;
        }
        const options = { ref: false, signal: this.#closing.signal };
        await delay(this.#retryMs, undefined, options).catch(() => undefined);
      }
    }
  }

  #beginTrouble(text: string): { linesDropped: number } {
    if (this.#trouble === null) {
      const reported = performance.now() - this.#reportedAtMs >= reportAgainAfterMs;
      this.#trouble = { linesDropped: 0, reported };
      if (reported) {
        this.#reportedAtMs = performance.now();
        this.#report(`${this.#sink.name} ${text}`);
      }
    }
    return this.#trouble;
  }

  #endTrouble(): void {
    if (this.#trouble?.reported) {
      this.#report(
        `${this.#sink.name} is written again; ${this.#trouble.linesDropped} log lines were dropped`,
      );
    }
    this.#trouble = null;
  }
}
