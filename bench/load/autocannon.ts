import autocannon from 'autocannon';
import type { TimedLoadResult } from '../measure/load-result.ts';
import type { Expected, Load } from './load.ts';
import { patienceSeconds } from './wrk.ts';

/** What is sent, again and again: one body, or requests that choose theirs. */
export type Sent = Pick<autocannon.Options, 'method' | 'headers' | 'body' | 'requests'>;

export async function withAutocannon(
  { url, connections, seconds }: Load,
  sent: Sent,
  expected: Expected,
): Promise<TimedLoadResult> {
  const result = await autocannon({ url, connections, duration: seconds, timeout: patienceSeconds, ...sent });
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
