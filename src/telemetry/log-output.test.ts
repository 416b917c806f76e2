import { describe, expect, it, vi } from 'vitest';
import { LogOutput } from './log-output.ts';
import type { LogSink } from './log-sink.ts';

const waiting = { interval: 1, timeout: 30_000 };

/** A sink that is driven by hand: each write waits until the test lets it end. */
class ManualSink implements LogSink {
  readonly name = 'The sink';
  readonly advice = 'do something';
  readonly written: string[] = [];
  closed = false;
  #pending: { bytes: Buffer; resolve: (written: number) => void; reject: (error: Error) => void } | null =
    null;

  write(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#pending = { bytes, resolve, reject };
    });
  }

  isLost(error: unknown): boolean {
    return error instanceof Error && error.message === 'lost';
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** Ends the write that waits, or the next one: some bytes are written, all of them if not said. */
  async letWrite(length?: number): Promise<void> {
    const { bytes, resolve } = await this.#nextWrite();
    const written = bytes.subarray(0, length);
    this.written.push(written.toString('latin1', 0, 20));
    resolve(written.length);
  }

  async letFail(message: string): Promise<void> {
    (await this.#nextWrite()).reject(new Error(message));
  }

  async #nextWrite() {
    const pending = await vi.waitUntil(() => this.#pending, waiting);
    this.#pending = null;
    return pending;
  }
}

function start() {
  const sink = new ManualSink();
  const reports: string[] = [];
  return { sink, reports, output: new LogOutput(sink, (line) => reports.push(line), 0) };
}

const mebibyte = Buffer.alloc(1024 * 1024, 'm');

describe('a log output', () => {
  it('writes in order, and goes on where a write ended early', async () => {
    const { sink, reports, output } = start();
    output.push(Buffer.from('one two\n'), 1);
    output.push(Buffer.from('three\n'), 1);
    await sink.letWrite(4);
    await sink.letWrite();
    await sink.letWrite();
    await output.close(60_000);
    expect(sink.written).toEqual(['one ', 'two\n', 'three\n']);
    expect([reports, sink.closed]).toEqual([[], true]);
  });

  it('drops what does not fit while its sink is slow, and says when it begins, when it ends and how much', async () => {
    const { sink, reports, output } = start();
    for (let count = 0; count < 20; count++) {
      output.push(mebibyte, 1000);
    }
    expect(reports).toEqual([
      'The sink is written too slowly: the sale goes on and further lines are dropped; do something',
    ]);
    for (let count = 0; count < 16; count++) {
      await sink.letWrite();
    }
    await vi.waitUntil(() => reports.length === 2, waiting);
    expect(reports[1]).toBe('The sink is written again; 4000 log lines were dropped');
    output.push(Buffer.from('after'), 1);
    await sink.letWrite();
    expect(sink.written.at(-1)).toBe('after');
  });

  it('tries a failed write again and loses nothing of it', async () => {
    const { sink, reports, output } = start();
    output.push(Buffer.from('one\n'), 1);
    await sink.letFail('no room');
    await sink.letWrite();
    await output.close(60_000);
    expect(sink.written).toEqual(['one\n']);
    expect(reports).toEqual([
      'The sink cannot be written (no room): the sale goes on, 16 MiB of log lines wait and further ones are dropped; do something',
      'The sink is written again; 0 log lines were dropped',
    ]);
  });

  it('does not repeat itself when trouble comes and goes', async () => {
    const { sink, reports, output } = start();
    for (const text of ['one', 'two']) {
      output.push(Buffer.from(text), 1);
      await sink.letFail('no room');
      await sink.letWrite();
    }
    await output.close(60_000);
    expect(sink.written).toEqual(['one', 'two']);
    expect(reports).toHaveLength(2);
  });

  it('gives up a sink that is lost, and says so', async () => {
    const { sink, reports, output } = start();
    output.push(Buffer.from('one'), 1);
    await sink.letFail('lost');
    await vi.waitUntil(() => reports.length === 1, waiting);
    output.push(Buffer.from('two'), 1);
    await output.close(60_000);
    expect(sink.written).toEqual([]);
    expect(reports).toEqual([
      'The sink was closed (lost): the sale goes on, its log lines no longer go there',
    ]);
  });

  it('says how many lines it leaves when its sink hangs at the end', async () => {
    const { reports, output } = start();
    output.push(Buffer.from('one\ntwo\n'), 2);
    output.push(Buffer.from('three\n'), 1);
    await output.close(1);
    expect(reports).toEqual(['The sink did not get the last 3 log lines']);
  });

  it('tries once more at the end instead of waiting', async () => {
    const { sink, reports, output } = start();
    output.push(Buffer.from('one\n'), 1);
    await sink.letFail('no room');
    const closed = output.close(60_000);
    await sink.letFail('no room');
    await closed;
    expect(reports.slice(1)).toEqual(['The sink did not get the last 1 log lines']);
  });
});
