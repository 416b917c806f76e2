import { setTimeout as pause } from 'node:timers/promises';
import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { until } from '../../test/support/until.ts';
import { isSuccess } from '../load/answers.ts';
import { fillHolds } from '../load/fill-holds.ts';
import { plentyOfStock } from '../load/holds.ts';
import { Sender, type SendReport } from '../load/sender.ts';
import type { BenchDatabase } from '../measure/bench-databases.ts';
import { assertClean, longHolds, startCheckout } from '../measure/measured-checkout.ts';
import { single } from '../measure/measurement.ts';
import { say } from '../measure/progress.ts';
import type { Findings } from '../report/findings.ts';
import type { Limit } from './limit.ts';

/** Other buyers, at a rate that leaves the service time for more. */
const holdsPerSecond = 1_000;
/** They come for so long before the second in which so many holds are due, */
const beforeSeconds = 12;
/** of which the first are not counted, as the service has just been started, */
const warmUpSeconds = 4;
/** and for so long behind it. */
const afterSeconds = 12;
/** To start the load, once the holds are there. */
const startSeconds = 3;
const windowSeconds = 0.1;
/** What is due so shortly before the deadline may still wait when it comes, and does not count as before it. */
const apartSeconds = 0.5;
/** Windows begin at tenths, which a double does not hold exactly: they are looked for with so much room on each side. */
const roundingSeconds = 0.01;

/**
 * Very many holds run out in one second, on the product that other buyers are holding meanwhile. What is released when, whether the units are
 * for sale from that instant on, and how long the others wait.
 */
export const measureManyDue: Limit = async (databases, folder, { due }) => {
  const database = await databases.create();
  const checkout = await startCheckout(database.url, folder, longHolds);
  try {
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    const dueAtMs = await fillUntilDue(database.url, productId, due);
    await pause(dueAtMs - beforeSeconds * 1000 - Date.now());
    const sender = await Sender.start({
      url: checkout.client.url,
      crowds: [{ errand: { kind: 'hold', productId }, perSecond: holdsPerSecond }],
      seconds: beforeSeconds + afterSeconds,
      windowSeconds,
      linesAhead: 200,
      linesMax: 2_000,
    });
    const startedAtMs = Date.now();
    await pause(Math.max(0, dueAtMs - Date.now()));
    const isForSale = await unitsAreForSale(checkout.client, sender, productId, due);
    const releasedMs = await allReleased(database, productId, dueAtMs);
    const report = await sender.ended;
    await assertClean(checkout);
    if (report.unexpected.length > 0) {
      throw new Error(`unexpected answers: ${report.unexpected.join('\n')}`);
    }
    if (!isForSale) {
      throw new Error(
        `expected the units of ${due} holds to be for sale at their deadline, got more held than others had asked for`,
      );
    }
    const dueAt = (dueAtMs - startedAtMs) / 1000;
    const how = `${await databases.text()}; ${due} holds of one product due in one second, ${holdsPerSecond} holds/s of other buyers on it in an open loop (sent at most ${report.late.longestMs.toFixed(0)} ms late); available at once by GET; the audit was clean`;
    return found(databases.name, report, { dueAt, releasedSeconds: releasedMs / 1000, how, due });
  } finally {
    await checkout.stop();
    await database.close();
  }
};

/** Makes holds with a common deadline that is far enough away to start a load before it. */
async function fillUntilDue(databaseUrl: string, productId: number, due: number): Promise<number> {
  const startedMs = performance.now();
  // Twice what the slowest database took for it, and what starting takes.
  const fillSeconds = 5 + due / 5_000;
  const dueAtMs = Math.ceil(Date.now() / 1000 + fillSeconds + startSeconds + beforeSeconds) * 1000;
  await fillHolds(databaseUrl, productId, due, dueAtMs);
  say(`${due} holds were made in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  const leftSeconds = (dueAtMs - Date.now()) / 1000;
  if (leftSeconds < beforeSeconds + 1) {
    throw new Error(
      `expected ${due} holds ${beforeSeconds + 1} s before their deadline, got them ${leftSeconds.toFixed(1)} s before it`,
    );
  }
  return dueAtMs;
}

/**
 * Asks once, right at the deadline. Held may be no more than the other buyers have asked for by then.
 */
async function unitsAreForSale(
  client: CheckoutClient,
  sender: Sender,
  productId: number,
  due: number,
): Promise<boolean> {
  const { held_stock, stock, available_stock } = (await client.product(productId)).body;
  const sent = await sender.sent();
  say(`right at the deadline ${held_stock} units were held, ${sent} had been asked for, ${due} were due`);
  return held_stock <= sent && stock === held_stock + available_stock;
}

/** @returns how long after the deadline no row was left that it concerns, in ms */
async function allReleased(database: BenchDatabase, productId: number, dueAtMs: number): Promise<number> {
  const instant = database.url.startsWith('sqlite:')
    ? String(dueAtMs)
    : `'${new Date(dueAtMs).toISOString().slice(0, 19).replace('T', ' ')}'`;
  await until(async () => {
    const rows = await database.query(
      `select id from holds where product_id = ${productId} and open = 1 and expires_at <= ${instant} limit 1`,
    );
    return rows.length === 0;
  }, 50);
  return Date.now() - dueAtMs;
}

function found(
  name: string,
  { answers }: SendReport,
  at: {
    readonly dueAt: number;
    readonly releasedSeconds: number;
    readonly how: string;
    readonly due: number;
  },
): Findings {
  const { dueAt, releasedSeconds, how, due } = at;
  const before = answers.between('hold', isSuccess, warmUpSeconds, dueAt - apartSeconds).percentileMs(0.99);
  const meanwhile = answers
    .between('hold', isSuccess, dueAt - windowSeconds, dueAt + releasedSeconds)
    .percentileMs(0.99);
  return {
    measurements: [
      {
        ...single(releasedSeconds, how),
        name: `${due} holds due in one second: all released after, ${name}`,
        unit: 's',
        target: { atMost: 10 },
      },
      {
        ...single(meanwhile / before, how),
        name: `p99 of holds meanwhile ÷ before, ${name}`,
        unit: 'ratio',
        target: { atMost: 3 },
      },
      { ...single(before, how), name: `p99 of holds before, ${name}`, unit: 'ms' },
      { ...single(meanwhile, how), name: `p99 of holds meanwhile, ${name}`, unit: 'ms' },
    ],
    series: [
      {
        title: `p99 of holds while ${due} others are due`,
        x: { label: `s, deadline at ${dueAt.toFixed(1)}`, scale: 'linear' },
        y: { label: 'ms', scale: 'linear' },
        lines: [
          {
            name,
            points: answers.instants
              .filter((second) => second >= warmUpSeconds)
              .map((second) => [
                second,
                answers
                  .between(
                    'hold',
                    isSuccess,
                    second - roundingSeconds,
                    second + windowSeconds + roundingSeconds,
                  )
                  .percentileMs(0.99),
              ]),
          },
        ],
      },
    ],
  };
}
