import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';

export type Load = {
  readonly url: string;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
};

export type LoadResult = {
  /** Answered with 2xx; what is not, a refusal too, has failed. */
  readonly answered: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly failed: number;
};

/** An answer that takes longer has failed. The slowest way to make holds takes one second for each. */
const patienceSeconds = 30;

/**
 * Which program makes the load: `wrk` where it is installed, since it leaves more of the processor to the
 * server.
 */
export const loadProgram = spawnSync('wrk', ['--version']).error === undefined ? 'wrk' : 'autocannon';

/** Posts the same body over and over, on loopback only, and counts what was answered with 2xx. */
export async function post(load: Load): Promise<LoadResult> {
  if (new URL(load.url).hostname !== '127.0.0.1') {
    throw new Error(`expected a load on 127.0.0.1, got ${load.url}`);
  }
  return loadProgram === 'wrk' ? withWrk(load) : withAutocannon(load);
}

async function withWrk({ url, body, connections, seconds }: Load): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const script = join(folder, 'post.lua');
    writeFileSync(
      script,
      `wrk.method = "POST"
wrk.body = ${JSON.stringify(body)}
wrk.headers["Content-Type"] = "application/json"
function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99), failed))
end
`,
    );
    const output = await run('wrk', [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--latency',
      '--timeout',
      `${patienceSeconds}s`,
      '-s',
      script,
      url,
    ]);
    const found = /RESULT (\d+) (\d+) (\d+) (\d+)/.exec(output);
    if (found === null) {
      throw new Error(`wrk printed no result:\n${output}`);
    }
    const [requests = 0, durationUs = 1, p99Us = 0, failed = 0] = found.slice(1).map(Number);
    const answered = requests - failed;
    return { answered, perSecond: (answered * 1e6) / durationUs, p99Ms: p99Us / 1000, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withAutocannon({ url, body, connections, seconds }: Load): Promise<LoadResult> {
  const result = await autocannon({
    url,
    body,
    connections,
    duration: seconds,
    timeout: patienceSeconds,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  return {
    answered: result['2xx'],
    perSecond: result['2xx'] / result.duration,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}
