import type { TimedLoadResult } from '../measure/load-result.ts';
import { closedLoop } from './closed-loop.ts';
import { assertLoopback, type Expected, type Load } from './load.ts';
import { runWrk, wrkVersion } from './wrk.ts';

export type PostLoad = Load & { readonly body: string };

/** Which program makes the load: `wrk` where it is installed, since it leaves more of the processor to the server. */
export const loadProgram = wrkVersion === null ? 'node' : 'wrk';

/** Posts the same body over and over, and counts what was answered with 2xx; a refusal has failed. */
export function post(load: PostLoad): Promise<TimedLoadResult> {
  return send(load, 'success');
}

/** Posts what cannot be done any more, and counts what was answered with 409; a success has failed. */
export function postInVain(load: PostLoad): Promise<TimedLoadResult> {
  return send(load, 'conflict');
}

/** Gets the same URL over and over, and counts what was answered with 2xx. */
export function get(load: Load): Promise<TimedLoadResult> {
  return send(load, 'success');
}

export type AnyLoad = Load & { readonly body?: string };

async function send(load: AnyLoad, expected: Expected): Promise<TimedLoadResult> {
  assertLoopback(load.url);
  return wrkVersion === null
    ? closedLoop(load, { body: () => load.body }, expected)
    : withWrk(load, expected);
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
