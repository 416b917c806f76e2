import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { type LoadResult, loadProgram } from './post.ts';

export type LoadOfMany = {
  readonly url: string;
  /** Each request has one of them, by chance. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
};

/** Posts one of several bodies each time, on loopback only, and counts what was answered with 2xx. */
export async function postAny(load: LoadOfMany): Promise<LoadResult> {
  if (new URL(load.url).hostname !== '127.0.0.1') {
    throw new Error(`expected a load on 127.0.0.1, got ${load.url}`);
  }
  return loadProgram === 'wrk' ? withWrk(load) : withAutocannon(load);
}

async function withWrk({ url, bodies, connections, seconds }: LoadOfMany): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const script = join(folder, 'post-any.lua');
    // The requests are made once, so that choosing one is all that the load program does more than usually.
    writeFileSync(
      script,
      `wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local bodies = { ${bodies.map((body) => JSON.stringify(body)).join(', ')} }
local requests = {}
function init(args)
  math.randomseed(os.time())
  for i, body in ipairs(bodies) do
    requests[i] = wrk.format(nil, nil, nil, body)
  end
end
function request()
  return requests[math.random(#requests)]
end
function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99), failed))
end
`,
    );
    const output = await printed('wrk', [
      ...['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '30s', '-s', script],
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

async function withAutocannon({ url, bodies, connections, seconds }: LoadOfMany): Promise<LoadResult> {
  const any = () => bodies[Math.floor(Math.random() * bodies.length)];
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: 30,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        setupRequest: (request) => ({ ...request, body: any() }),
      },
    ],
  });
  return {
    answered: result['2xx'],
    perSecond: result['2xx'] / result.duration,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
}

function printed(command: string, args: readonly string[]): Promise<string> {
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
