import autocannon from 'autocannon';
import type { Load, LoadResult } from './post.ts';
import { patienceSeconds, runWrk, wrkVersion } from './wrk.ts';

/** Each request has one of the bodies, by chance. */
export type LoadOfMany = Omit<Load, 'body'> & { readonly bodies: readonly string[] };

/** Posts one of several bodies each time, on loopback only, and counts what was answered with 2xx. */
export async function postAny(load: LoadOfMany): Promise<LoadResult> {
  if (new URL(load.url).hostname !== '127.0.0.1') {
    throw new Error(`expected a load on 127.0.0.1, got ${load.url}`);
  }
  return wrkVersion === null ? withAutocannon(load) : withWrk(load);
}

async function withWrk({ bodies, ...load }: LoadOfMany): Promise<LoadResult> {
  const { requests, seconds, p99Ms, refused, broken } = await runWrk({ ...load, script: scriptOf(bodies) });
  const answered = requests - refused;
  return { answered, perSecond: answered / seconds, p99Ms, failed: refused + broken };
}

/** The requests are made once, so that choosing one is all that the load program does more than usually. */
function scriptOf(bodies: readonly string[]): string {
  return `wrk.method = "POST"
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
`;
}

async function withAutocannon({ url, bodies, connections, seconds }: LoadOfMany): Promise<LoadResult> {
  const any = () => bodies[Math.floor(Math.random() * bodies.length)];
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: patienceSeconds,
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
