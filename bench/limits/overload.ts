import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { atOnce } from '../../test/support/tally.ts';
import { assertClean, longHolds, perSecond, plentyOfStock, postHolds, say } from '../growth/topic.ts';
import { isRefusal, isSuccess } from '../load/answers.ts';
import { DelayedLine } from '../load/delayed-line.ts';
import type { LoadResult } from '../load/post.ts';
import { send } from '../load/sender.ts';
import { loadWithoutFailure } from '../measure/compare.ts';
import { type MeasuredCheckout, startCheckout } from '../measure/measured-checkout.ts';
import { type Limit, nothing } from './limit.ts';

/** Few commands in a transaction that takes six slow round trips: the capacity is known, and far below what two cores can serve. */
const batchMax = 20;
const delayMs = 2;
/** About as many as are decided in a second: whoever is let in is decided before the time of a request is up. */
const queueMax = 500;
/** They keep several batches full. */
const peakConnections = 100;
const peakSeconds = 5;
const peakLoads = 3;
const times = 10;
const paymentsPerSecond = 10;
/** The first seconds, in which the queue fills, are not counted. */
const fillSeconds = 2;

/** Ten times as many holds as can be made, and payments for orders that are there, for some minutes. */
export const measureOverload: Limit = async (databases, folder, { overloadSeconds }) => {
  if (databases.server === null) {
    return nothing;
  }
  const database = await databases.create();
  const direct = new URL(database.url);
  const line = await DelayedLine.to(Number(direct.port), delayMs);
  const url = Object.assign(new URL(direct), { port: String(line.port) }).href;
  const settings = { BATCH_MAX: String(batchMax), QUEUE_MAX: String(queueMax) };
  const checkout = await startCheckout(url, folder, { ...longHolds, ...settings, PAYMENT_SECONDS: '86400' });
  try {
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    const orderIds = await createOrders(checkout.client, productId, paymentsPerSecond * overloadSeconds);
    const peaks = await measurePeak(checkout, productId);
    const peak = perSecond(peaks);
    say(`peak ${peak}/s; ${times * peak} holds/s for ${overloadSeconds} s`);
    const { answers, late, unexpected, refusedWithoutRetryAfter } = await send({
      url: checkout.client.url,
      crowds: [
        { errand: { kind: 'hold', productId }, perSecond: times * peak },
        { errand: { kind: 'pay', orderIds, webhookSecret: null }, perSecond: paymentsPerSecond },
      ],
      seconds: overloadSeconds,
      windowSeconds: 1,
      linesMax: 10_000,
    });
    await assertClean(checkout);
    say(`answers ${JSON.stringify(answers.tally)}; ${unexpected.join('\n')}`);
    if (unexpected.length > 0 || refusedWithoutRetryAfter > 0) {
      throw new Error(
        `${refusedWithoutRetryAfter} refusals did not say when to come again; ${unexpected.join('\n')}`,
      );
    }
    const paid = answers.between('payment', isSuccess).count;
    const counted = answers.between('hold', isSuccess, fillSeconds, overloadSeconds);
    const goodput = counted.count / (overloadSeconds - fillSeconds);
    const refused = answers.between('hold', isRefusal, fillSeconds, overloadSeconds);
    const how =
      `${await databases.text()} behind a link that delays ${delayMs} ms in each direction, ` +
      `BATCH_MAX ${batchMax}, QUEUE_MAX ${queueMax}; peak ${peak}/s (${peakConnections} connections, median of ${peakLoads} loads), ` +
      `then ${times * peak} holds/s and ${paymentsPerSecond} payments/s in an open loop for ${overloadSeconds} s ` +
      `(p99 of sending ${late.percentileMs(0.99).toFixed(1)} ms late, included in the figures); the audit was clean`;
    const one = (value: number) => ({ value, samples: [value], how });
    return {
      measurements: [
        {
          ...one(goodput / peak),
          name: 'overload ×10: goodput ÷ peak',
          unit: 'ratio',
          target: { atLeast: 0.8 },
        },
        {
          ...one(refused.percentileMs(0.99)),
          name: 'overload ×10: p99 of refusals',
          unit: 'ms',
          target: { atMost: 100 },
        },
        {
          ...one(orderIds.length - paid),
          name: 'overload ×10: payments lost to holds',
          unit: 'count',
          target: { atMost: 0 },
        },
        {
          ...one(answers.between('payment', isSuccess).percentileMs(0.99)),
          name: 'overload ×10: p99 of payments',
          unit: 'ms',
          target: null,
        },
        {
          ...one(counted.percentileMs(0.99)),
          name: 'overload ×10: p99 of holds that were made',
          unit: 'ms',
          target: null,
        },
        {
          ...one(refused.count / (overloadSeconds - fillSeconds)),
          name: 'overload ×10: refusals',
          unit: '/s',
          target: null,
        },
      ],
      series: [
        {
          title: 'Overload ×10',
          x: 's',
          y: 'holds/s',
          lines: [
            {
              name: 'peak before',
              points: [
                [0, peak],
                [overloadSeconds, peak],
              ],
            },
            {
              name: 'made',
              points: answers.instants.map((second) => [
                second,
                answers.between('hold', isSuccess, second, second + 1).count,
              ]),
            },
          ],
        },
      ],
    };
  } finally {
    await checkout.stop();
    await line.close();
    await database.close();
  }
};

async function createOrders(client: CheckoutClient, productId: number, count: number): Promise<number[]> {
  const orders: number[] = [];
  while (orders.length < count) {
    const made = await atOnce(Math.min(batchMax, count - orders.length), () => client.ordered(productId));
    orders.push(...made.map(({ order_id }) => order_id));
  }
  return orders;
}

async function measurePeak(checkout: MeasuredCheckout, productId: number): Promise<readonly LoadResult[]> {
  const load = (seconds: number) => postHolds(checkout, productId, peakConnections, seconds);
  const side = { name: 'the peak', load };
  await loadWithoutFailure(side, 2);
  const results: LoadResult[] = [];
  for (let nth = 0; nth < peakLoads; nth += 1) {
    results.push(await loadWithoutFailure(side, peakSeconds));
  }
  return results;
}
