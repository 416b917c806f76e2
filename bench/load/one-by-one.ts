import { CheckoutClient } from '../../test/support/checkout-client.ts';
import type { TimedLoadResult } from '../measure/load-result.ts';
import { latenciesOf } from './latencies.ts';
import type { Expected } from './load.ts';
import type { AnyLoad } from './post.ts';

/** One request after the other on one connection, by this process. */
export async function oneByOne(
  { url, body, seconds }: AnyLoad,
  expected: Expected,
): Promise<TimedLoadResult> {
  const { origin, pathname } = new URL(url);
  const client = new CheckoutClient(origin, '', 1);
  const isExpected = (status: number) => (expected === 'conflict' ? status === 409 : status < 300);
  const latenciesMs: number[] = [];
  let failed = 0;
  const startedMs = performance.now();
  const endsMs = startedMs + 1000 * seconds;
  for (let sentMs = startedMs; sentMs < endsMs; ) {
    const { status } = await client.send(body === undefined ? 'GET' : 'POST', pathname, body);
    const answeredMs = performance.now();
    if (isExpected(status)) {
      latenciesMs.push(answeredMs - sentMs);
    } else {
      failed += 1;
    }
    sentMs = answeredMs;
  }
  client.hangUp();
  return { ...latenciesOf(latenciesMs, performance.now() - startedMs), failed };
}
