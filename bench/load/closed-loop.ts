import type { TimedLoadResult } from '../measure/load-result.ts';
import { HttpLines } from './http-lines.ts';
import { latenciesOf } from './latencies.ts';
import type { Expected, Load } from './load.ts';
import { patienceSeconds } from './wrk.ts';

/** What is sent, again and again. A body makes it a POST. */
export type Sent = { readonly body?: () => string | undefined };

/**
 * The load where `wrk` is not installed: one request after the other on each connection, by this process. When the time is up, each
 * connection waits for its last answer, so the count is what the server did. autocannon 9.0.0 drops the requests under way at that moment:
 * with 64 connections it counts 1,353 holds of 1,417 stored ones. It also loses answers behind which the server closes the connection.
 *
 * An answer that takes longer than `patienceSeconds` has failed.
 */
export async function closedLoop(
  { url, connections, seconds }: Load,
  { body = () => undefined }: Sent,
  expected: Expected,
): Promise<TimedLoadResult> {
  const { origin, pathname, search } = new URL(url);
  const lines = new HttpLines(origin, connections);
  const isExpected = (status: number): boolean =>
    expected === 'conflict' ? status === 409 : status >= 200 && status < 300;
  const latenciesMs: number[] = [];
  let failed = 0;
  const startedMs = performance.now();
  const endsMs = startedMs + 1000 * seconds;
  const impatience = setTimeout(() => lines.abort(), 1000 * (seconds + patienceSeconds));

  const sendUntilEnd = async (): Promise<void> => {
    for (let sentMs = startedMs; sentMs < endsMs; ) {
      const text = body();
      const { status } = await lines.send(text === undefined ? 'GET' : 'POST', `${pathname}${search}`, text);
      const answeredMs = performance.now();
      if (isExpected(status) && answeredMs - sentMs <= 1000 * patienceSeconds) {
        latenciesMs.push(answeredMs - sentMs);
      } else {
        failed += 1;
      }
      sentMs = answeredMs;
    }
  };
  await Promise.all(Array.from({ length: connections }, sendUntilEnd));
  const tookMs = performance.now() - startedMs;
  clearTimeout(impatience);
  lines.close();
  return { ...latenciesOf(latenciesMs, tookMs), failed };
}
