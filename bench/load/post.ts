import autocannon from 'autocannon';
import { oneByOne } from './one-by-one.ts';
import { patienceSeconds, runWrk, wrkVersion } from './wrk.ts';

export type Load = {
  readonly url: string;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
};

export type LoadResult = {
  /** Answered as it was expected; what is not has failed. */
  readonly answered: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly failed: number;
};

/** With the middle one of the latencies too. */
export type TimedLoadResult = LoadResult & { readonly medianMs: number };

/**
 * Which program makes the load: `wrk` where it is installed, since it leaves more of the processor to the
 * server.
 */
export const loadProgram = wrkVersion === null ? 'autocannon' : 'wrk';

/** Posts the same body over and over, and counts what was answered with 2xx; a refusal has failed. */
export function post(load: Load): Promise<TimedLoadResult> {
  return send(load, 'success');
}

/** Posts what cannot be done any more, and counts what was answered with 409; a success has failed. */
export function postInVain(load: Load): Promise<TimedLoadResult> {
  return send(load, 'conflict');
}

/** Gets the same URL over and over, and counts what was answered with 2xx. */
export function get(load: Omit<Load, 'body'>): Promise<TimedLoadResult> {
  return send(load, 'success');
}

export type AnyLoad = Omit<Load, 'body'> & { readonly body?: string };
export type Expected = 'success' | 'conflict';

/** @throws Error when it is not for this machine: a load is an attack on anybody else */
async function send(load: AnyLoad, expected: Expected): Promise<TimedLoadResult> {
  if (new URL(load.url).hostname !== '127.0.0.1') {
    throw new Error(`expected a load on 127.0.0.1, got ${load.url}`);
  }
  if (wrkVersion !== null) {
    return withWrk(load, expected);
  }
  // Autocannon counts whole milliseconds, and a lone answer takes less than one.
  return load.connections === 1 ? oneByOne(load, expected) : withAutocannon(load, expected);
}

async function withWrk({ body, ...load }: AnyLoad, expected: Expected): Promise<TimedLoadResult> {
  const script = body === undefined ? '' : postingScript(body);
  const { requests, seconds, medianMs, p99Ms, refused, broken } = await runWrk({ ...load, script });
  // Its own count of the statuses from 400 on: a script that looks at each answer would take processor time from the server.
  const answered = expected === 'conflict' ? refused : requests - refused;
  const failed = requests - answered + broken;
  return { answered, perSecond: answered / seconds, medianMs, p99Ms, failed };
}

function postingScript(body: string): string {
  return `wrk.method = "POST"
wrk.body = ${JSON.stringify(body)}
wrk.headers["Content-Type"] = "application/json"
`;
}

async function withAutocannon(
  { url, body, connections, seconds }: AnyLoad,
  expected: Expected,
): Promise<TimedLoadResult> {
  const posting = { body, method: 'POST', headers: { 'content-type': 'application/json' } } as const;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: patienceSeconds,
    ...(body === undefined ? {} : posting),
  });
  const answered = expected === 'conflict' ? (result.statusCodeStats?.['409']?.count ?? 0) : result['2xx'];
  const all = result['2xx'] + result.non2xx;
  return {
    answered,
    perSecond: answered / result.duration,
    medianMs: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: all - answered + result.errors + result.timeouts,
  };
}
