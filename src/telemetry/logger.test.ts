import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from './logger.ts';

const waiting = { timeout: 30_000 };

let folder: string;
let logFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-log-'));
  logFile = join(folder, 'storage/logs/flash-sale.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (content: string) =>
  content
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));
const numbersOf = (content: string) => linesOf(content).map((line) => line.number);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('a log line', () => {
  it('is JSON with level, time in UTC, the fields and the message, the same on stdout and in the file', async () => {
    const stdout = new PassThrough();
    const { log, close } = createLogger({ logLevel: 'info', logFile }, { stdout });
    const beforeMs = Date.now();
    log.info({ hold_id: 1, product_id: 2 }, 'Hold created');
    await close();
    const line = readFileSync(logFile, 'utf8');
    expect(line).toMatch(
      /^\{"level":"info","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","hold_id":1,"product_id":2,"msg":"Hold created"\}\n$/,
    );
    expect(Date.parse(String(linesOf(line)[0]?.time))).toBeGreaterThanOrEqual(beforeMs);
    expect(stdout.read().toString()).toBe(line);
  });

  it('is written without waiting for the next one or for the end', async () => {
    const stdout = new PassThrough();
    const { log, close } = createLogger({ logLevel: 'info', logFile: null }, { stdout });
    log.info('alone');
    const [chunk] = await once(stdout, 'data');
    expect(chunk.toString()).toContain('"msg":"alone"');
    await close();
  });

  it('is readable on a terminal, and JSON in the file all the same', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const { log, close } = createLogger({ logLevel: 'info', logFile }, { stdout: terminal });
    log.warn({ hold_id: 1 }, 'Hold created');
    await close();
    expect(terminal.read().toString()).toMatch(/^\[\S+Z\] WARN: Hold created \{"hold_id":1\}\n$/);
    expect(linesOf(readFileSync(logFile, 'utf8'))).toHaveLength(1);
  });

  it('names its process where several log to the same place, and those of another one are passed on as they are', async () => {
    const stdout = new PassThrough();
    const { log, passOn, close } = createLogger({ logLevel: 'info', logFile }, { stdout, pid: 7 });
    passOn(Buffer.from('{"pid":8,"msg":"first"}\n{"pid":8,"msg":"second"}\n'), 2);
    log.info('third');
    await close();
    const written = readFileSync(logFile, 'utf8');
    expect(linesOf(written).map(({ pid, msg }) => [pid, msg])).toEqual([
      [8, 'first'],
      [8, 'second'],
      [7, 'third'],
    ]);
    expect(await text(stdout.end())).toBe(written);
  });

  it('is left out below the level', async () => {
    const { log, close } = createLogger({ logLevel: 'warn', logFile }, { stdout: null });
    log.info('not this');
    log.warn('this');
    await close();
    expect(linesOf(readFileSync(logFile, 'utf8')).map((line) => line.msg)).toEqual(['this']);
  });

  it('goes nowhere after the end, without harm', async () => {
    const { log, close } = createLogger({ logLevel: 'info', logFile }, { stdout: null });
    await close();
    log.info('late');
    await close();
    expect(existsSync(logFile)).toBe(false);
  });
});

describe('a log file that goes away', () => {
  it.each(['the file', 'its folder'])('is made anew after %s was removed, and that is said', async (what) => {
    const reports: string[] = [];
    const report = (line: string) => reports.push(line);
    const { log, close } = createLogger({ logLevel: 'info', logFile }, { stdout: null, report });
    log.info('before');
    await vi.waitUntil(
      () => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('before'),
      waiting,
    );
    rmSync(what === 'the file' ? logFile : join(folder, 'storage'), { recursive: true });
    log.info('after');
    await close();
    expect(linesOf(readFileSync(logFile, 'utf8')).map((line) => line.msg)).toEqual(['after']);
    expect(reports).toEqual([
      `Log file ${logFile} was removed: the lines in it are gone, and a new file is begun`,
    ]);
  });

  it('loses no line if it can be written again in time', async () => {
    const reports: string[] = [];
    const report = (line: string) => reports.push(line);
    const inTheWay = join(folder, 'storage');
    writeFileSync(inTheWay, 'a file where a folder should be');
    const { log, close } = createLogger({ logLevel: 'info', logFile }, { stdout: null, report });
    log.info('first');
    await vi.waitUntil(() => reports.length === 1, waiting);
    expect(reports[0]).toMatch(
      /^Log file \S+ cannot be written \(E\w+\): the sale goes on, .+ set LOG_FILE /,
    );
    rmSync(inTheWay);
    log.info('second');
    await close();
    expect(linesOf(readFileSync(logFile, 'utf8')).map((line) => line.msg)).toEqual(['first', 'second']);
    expect(reports.slice(1)).toEqual([`Log file ${logFile} is written again; 0 log lines were dropped`]);
  });
});

/** A process of its own, because what happens to its stdout and at its end is the question. */
describe('a process that logs', () => {
  const count = 30_000;
  /** Linux has a device that is a full disk. */
  const hasFullDevice = existsSync('/dev/full');
  /** Only what was started here is ended, and only if a test left it. */
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) {
      child.kill('SIGKILL');
    }
  });

  function writeLog(file: string, stdio: StdioOptions): ChildProcess {
    const script = join(import.meta.dirname, '../../test/support/write-log.ts');
    const child = spawn(process.execPath, [script, String(count), file], { stdio });
    started.push(child);
    return child;
  }

  const contentOf = async (stream: Readable | null) => (stream === null ? '' : await text(stream));

  async function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
    const [[code], stderr] = await Promise.all([once(child, 'exit'), contentOf(child.stderr)]);
    return { code, stderr };
  }

  it('has every line on stdout and in the file at its end', async () => {
    const child = writeLog(logFile, 'pipe');
    const [stdout, end] = await Promise.all([contentOf(child.stdout), endOf(child)]);
    expect(end).toEqual({ code: 0, stderr: '' });
    expect(numbersOf(stdout)).toEqual(upTo(count));
    expect(readFileSync(logFile, 'utf8')).toBe(stdout);
  });

  it('has every line when stdout is a file', async () => {
    const target = join(folder, 'stdout.log');
    const fd = openSync(target, 'w');
    const end = await endOf(writeLog('', ['ignore', fd, 'pipe']));
    closeSync(fd);
    expect(end).toEqual({ code: 0, stderr: '' });
    expect(numbersOf(readFileSync(target, 'utf8'))).toEqual(upTo(count));
  });

  it('goes on with the file when the reader of stdout leaves', async () => {
    const child = writeLog(logFile, 'pipe');
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, stderr } = await endOf(child);
    expect(stderr).toMatch(/^flash-sale: Standard output was closed \(\w+\): the sale goes on, [^\n]+\n$/);
    expect(code).toBe(0);
    expect(numbersOf(readFileSync(logFile, 'utf8'))).toEqual(upTo(count));
  });

  it('does not wait for a reader of stdout that never reads', async () => {
    const child = writeLog(logFile, 'pipe');
    const { code, stderr } = await endOf(child);
    expect(stderr).toMatch(/^flash-sale: Standard output did not get the last \d+ log lines\n$/);
    expect(code).toBe(0);
    expect(numbersOf(readFileSync(logFile, 'utf8'))).toEqual(upTo(count));
  });

  it.skipIf(!hasFullDevice)('goes on with stdout when the disk of the file is full', async () => {
    const child = writeLog('/dev/full', 'pipe');
    const [stdout, { code, stderr }] = await Promise.all([contentOf(child.stdout), endOf(child)]);
    expect(stderr).toMatch(/^flash-sale: Log file \/dev\/full cannot be written \(ENOSPC\): [^\n]+\n/);
    expect(stderr.split('\n')[1]).toBe(
      `flash-sale: Log file /dev/full did not get the last ${count} log lines`,
    );
    expect(code).toBe(0);
    expect(numbersOf(stdout)).toEqual(upTo(count));
  });

  it.skipIf(!hasFullDevice)('goes on with the file when the disk behind stdout is full', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await endOf(writeLog(logFile, ['ignore', full, 'pipe']));
    closeSync(full);
    expect(stderr).toMatch(/^flash-sale: Standard output cannot be written \(ENOSPC\): [^\n]+\n/);
    expect(code).toBe(0);
    expect(numbersOf(readFileSync(logFile, 'utf8'))).toEqual(upTo(count));
  });

  it('goes on when stderr has gone too', async () => {
    const child = writeLog(logFile, 'pipe');
    child.stderr?.destroy();
    child.stdout?.destroy();
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(numbersOf(readFileSync(logFile, 'utf8'))).toEqual(upTo(count));
  });
});
