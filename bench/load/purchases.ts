import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signStandardWebhook } from '../../src/payments/sign-test-event.ts';
import { CheckoutClient } from '../../test/support/checkout-client.ts';
import type { LoadResult } from '../measure/load-result.ts';
import { latenciesOf } from './latencies.ts';
import { runWrk, WrkError, wrkVersion } from './wrk.ts';

export type PurchaseLoad = {
  /** Of the service, without a path. */
  readonly url: string;
  readonly productId: number;
  /** `whsec_…`: what the service checks payment events with. */
  readonly secret: string;
  readonly connections: number;
  readonly seconds: number;
};

/** What made the load: a script of wrk, or this process where wrk is not installed or cannot sign. */
export type PurchaseResult = LoadResult & { readonly by: 'wrk' | 'node' };

/** The code with which the script ends where it cannot sign. */
const withoutSignatures = 3;

/**
 * Purchases from beginning to end, over and over: a hold, its order, and the signed event that says it is paid. Counted is what was paid
 * for; an answer that is no success has failed.
 */
export async function buy(load: PurchaseLoad): Promise<PurchaseResult> {
  if (wrkVersion === null) {
    return withNode(load);
  }
  try {
    return await withWrk(load);
  } catch (error) {
    if (error instanceof WrkError && error.exitCode === withoutSignatures) {
      return withNode(load);
    }
    throw error;
  }
}

async function withWrk({ productId, secret, ...load }: PurchaseLoad): Promise<PurchaseResult> {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').toString('hex');
  const { completed, unexpected, broken, seconds, p99Ms } = await runWrk({
    ...load,
    script: readFileSync(join(import.meta.dirname, 'purchases.lua'), 'utf8'),
    args: [String(productId), key],
  });
  return {
    answered: completed,
    perSecond: completed / seconds,
    p99Ms,
    failed: unexpected + broken,
    by: 'wrk',
  };
}

async function withNode({
  url,
  productId,
  secret,
  connections,
  seconds,
}: PurchaseLoad): Promise<PurchaseResult> {
  const client = new CheckoutClient(url, '');
  client.sign = async (path, body) =>
    path.endsWith('/webhook') ? signStandardWebhook({ secret, id: 'evt', body }) : {};
  const latenciesMs: number[] = [];
  let failed = 0;
  const startedMs = performance.now();
  const endsMs = startedMs + 1000 * seconds;
  const buyUntilEnd = async (): Promise<void> => {
    while (performance.now() < endsMs) {
      const beganMs = performance.now();
      const { body: hold } = await client.hold(productId);
      const { body: order } = await client.order(hold.hold_id);
      const { order_id, total: amount, currency } = order;
      const paid = await client.pay({ idempotency_key: `pay_${order_id}`, order_id, amount, currency });
      if (paid.body.result === 'processed') {
        latenciesMs.push((performance.now() - beganMs) / 3);
      } else {
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, buyUntilEnd));
  client.hangUp();
  return { ...latenciesOf(latenciesMs, performance.now() - startedMs), failed, by: 'node' };
}
