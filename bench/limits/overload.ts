import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { atOnce } from '../../test/support/tally.ts';
import { isRefusal, isSuccess } from '../load/answers.ts';
import { DelayedLine } from '../load/delayed-line.ts';
import { plentyOfStock } from '../load/holds.ts';
import { send } from '../load/sender.ts';
import { median } from '../measure/compare.ts';
import { assertClean, longHolds, startCheckout } from '../measure/measured-checkout.ts';
import { single } from '../measure/measurement.ts';
import { say } from '../measure/progress.ts';
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
/** One that is counted. */
export const overloadSecondsMin = fillSeconds + 1;

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
    const spareIds = await createOrders(
      checkout.client,
      productId,
      paymentsPerSecond * (overloadSeconds + (peakLoads + 1) * peakSeconds),
    );
    const { url: serverUrl } = checkout.client;
    const peaks = await measurePeak(serverUrl, productId, () =>
      spareIds.splice(0, paymentsPerSecond * peakSeconds),
    );
    const peak = Math.round(median(peaks));
    const orderIds = spareIds;
    say(`peak ${peak}/s; ${times * peak} holds/s for ${overloadSeconds} s`);
    const { answers, late, unexpected, refusedWithoutRetryAfter } = await send({
      url: serverUrl,
      crowds: [
        { errand: { kind: 'hold', productId }, perSecond: times * peak },
        { errand: { kind: 'pay', orderIds, webhookSecret: null }, perSecond: paymentsPerSecond },
      ],
      seconds: overloadSeconds,
      windowSeconds: 1,
      linesAhead: queueMax,
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
      `BATCH_MAX ${batchMax}, QUEUE_MAX ${queueMax}; peak ${peak}/s (${peakConnections} connections beside ${paymentsPerSecond} payments/s, median of ${peakLoads} loads), ` +
      `then ${times * peak} holds/s and ${paymentsPerSecond} payments/s in an open loop for ${overloadSeconds} s ` +
      `(p99 of sending ${late.percentileMs(0.99).toFixed(1)} ms late, included in the figures); the audit was clean`;
    return {
      measurements: [
        {
          ...single(goodput / peak, how),
          name: 'overload ×10: goodput ÷ peak',
          unit: 'ratio',
          target: { atLeast: 0.8 },
        },
        {
          ...single(refused.percentileMs(0.99), how),
          name: 'overload ×10: p99 of refusals',
          unit: 'ms',
          target: { atMost: 100 },
        },
        {
          ...single(orderIds.length - paid, how),
          name: 'overload ×10: payments lost to holds',
          unit: 'count',
          target: { atMost: 0 },
        },
        {
          ...single(answers.between('payment', isSuccess).percentileMs(0.99), how),
          name: 'overload ×10: p99 of payments',
          unit: 'ms',
        },
        {
          ...single(counted.percentileMs(0.99), how),
          name: 'overload ×10: p99 of holds that were made',
          unit: 'ms',
        },
        {
          ...single(refused.count / (overloadSeconds - fillSeconds), how),
          name: 'overload ×10: refusals',
          unit: '/s',
        },
      ],
      series: [
        {
          title: 'Overload ×10',
          x: { label: 's', scale: 'linear' },
          y: { label: 'holds/s', scale: 'linear' },
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

/** As many holds a second as can be made, beside the same payments: a batch with a payment takes more round trips. */
async function measurePeak(
  url: string,
  productId: number,
  orderIds: () => readonly number[],
): Promise<readonly number[]> {
  const perSecond: number[] = [];
  for (let nth = 0; nth <= peakLoads; nth += 1) {
    const { answers } = await send({
      url,
      crowds: [
        { errand: { kind: 'hold', productId }, atATime: peakConnections },
        { errand: { kind: 'pay', orderIds: orderIds(), webhookSecret: null }, perSecond: paymentsPerSecond },
      ],
      seconds: peakSeconds,
      windowSeconds: 1,
      linesAhead: peakConnections,
      linesMax: 10_000,
    });
    perSecond.push(answers.between('hold', isSuccess, 0, peakSeconds).count / peakSeconds);
  }
  return perSecond.slice(1); // the first was to warm up
}
