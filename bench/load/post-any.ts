import type { LoadResult } from '../measure/load-result.ts';
import { closedLoop } from './closed-loop.ts';
import { assertLoopback, type Load } from './load.ts';
import { runWrk, wrkVersion } from './wrk.ts';

/** Each request has one of the bodies, by chance. */
export type LoadOfMany = Load & { readonly bodies: readonly string[] };

/** Posts one of several bodies each time, on loopback only, and counts what was answered with 2xx. */
export async function postAny(load: LoadOfMany): Promise<LoadResult> {
  assertLoopback(load.url);
  return wrkVersion === null
    ? closedLoop(load, { body: () => anyOf(load.bodies) }, 'success')
    : withWrk(load);
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

function anyOf(bodies: readonly string[]): string | undefined {
  return bodies[Math.floor(Math.random() * bodies.length)];
}
