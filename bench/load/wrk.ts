import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithThisProcess } from '../measure/end-with-this-process.ts';

/** An answer that takes longer has failed. The slowest way to make holds takes one second for each. */
export const patienceSeconds = 30;

/** The version of `wrk`, or null where it is not installed. */
export const wrkVersion =
  /^wrk \D*([\d.]+)/.exec(spawnSync('wrk', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? null;

export type WrkLoad = {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** In Lua: what is sent, and what is made of the answers. It may count in `completed` and `unexpected`. */
  readonly script: string;
  /** For `init` of the script. */
  readonly args?: readonly string[];
};

export type WrkResult = {
  readonly requests: number;
  readonly seconds: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Answered with a status from 400 on. */
  readonly refused: number;
  /** Not answered: no connection, a broken one, or too late. */
  readonly broken: number;
  /** As the script has counted. */
  readonly completed: number;
  readonly unexpected: number;
};

/** Prints what the run came to, in the order of the fields above, in whole numbers. */
const closing = `
local threads = {}
function setup(thread) table.insert(threads, thread) end
function done(summary, latency)
  local completed, unexpected = 0, 0
  for _, thread in ipairs(threads) do
    completed = completed + (thread:get("completed") or 0)
    unexpected = unexpected + (thread:get("unexpected") or 0)
  end
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors.status, broken, completed, unexpected))
end
`;

/** wrk ended by itself with this code, which a script may choose. */
export class WrkError extends Error {
  override readonly name = 'WrkError';
  readonly exitCode: number | null;

  constructor(exitCode: number | null, output: string) {
    super(`wrk ended with ${exitCode}: ${output}`);
    this.exitCode = exitCode;
  }
}

/**
 * One thread of wrk on loopback: there is one for the server too.
 *
 * @throws WrkError when it ends before its time
 */
export async function runWrk({ url, connections, seconds, script, args = [] }: WrkLoad): Promise<WrkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  try {
    const file = join(folder, 'load.lua');
    writeFileSync(file, script + closing);
    const output = await run([
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--latency',
      '--timeout',
      `${patienceSeconds}s`,
      '-s',
      file,
      url,
      '--',
      ...args,
    ]);
    return resultOf(output);
  } finally {
    process.off('exit', removeFolder);
    removeFolder();
  }
}

function resultOf(output: string): WrkResult {
  const found = /^RESULT ([\d ]+)$/m.exec(output)?.[1]?.split(' ').map(Number);
  if (found === undefined) {
    throw new Error(`wrk printed no result:\n${output}`);
  }
  const [
    requests = 0,
    us = 1,
    medianUs = 0,
    p99Us = 0,
    refused = 0,
    broken = 0,
    completed = 0,
    unexpected = 0,
  ] = found;
  return {
    requests,
    seconds: us / 1e6,
    medianMs: medianUs / 1000,
    p99Ms: p99Us / 1000,
    refused,
    broken,
    completed,
    unexpected,
  };
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    endWithThisProcess(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new WrkError(code, output.trim()))));
  });
}
