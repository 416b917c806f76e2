import { expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { type Checkout, checkoutForTest, databaseForTest, type Reply } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { lockFromOutside } from '../support/outside-lock.ts';
import { bothSecrets, signEvent } from '../support/signed-events.ts';
import { atOnce, tally } from '../support/tally.ts';
import { until } from '../support/until.ts';

const queueMax = 10;
const batchMax = 4;
/** Ten times what may wait. */
const holdsAsked = 10 * queueMax;
const payments = queueMax;
/** Buyers who ask again as soon as they are refused: they keep the queue full. */
const stubbornBuyers = 3 * queueMax;

/** What each batch that was committed or tried was made of, in the order in which it was decided. */
type Batches = ('hold' | 'payment')[][];

describeEach(sharedDatabases)('ten times more holds than may wait, on $name', (kind) => {
  /** A service that is short of everything but time, with orders that wait for their payments. */
  async function crowdedSale({ requestTimeoutMs }: { requestTimeoutMs: number }) {
    const batches: Batches = [];
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({
      database,
      decide: recorded(batches),
      variables: {
        WORKER: 'false',
        LOG_LEVEL: 'debug',
        QUEUE_MAX: String(queueMax),
        BATCH_MAX: String(batchMax),
        REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
        ...bothSecrets,
      },
    });
    checkout.sign = signEvent;
    const productId = await checkout.createProduct({ stock: 1_000 });
    const orders: number[] = [];
    while (orders.length < payments) {
      orders.push((await checkout.ordered(productId)).order_id);
    }
    await checkout.connect(holdsAsked + payments);
    return { database, checkout, productId, orders, batches };
  }

  test('holds are refused at once, while every payment is taken and decided before the holds that wait', async () => {
    const { database, checkout, productId, orders, batches } = await crowdedSale({
      requestTimeoutMs: 60_000,
    });
    const answered: ('refused' | 'paid' | 'held')[] = [];
    const unlock = await lockFromOutside(database.url);
    const first = checkout.hold(productId);
    await until(() => checkout.logged('Batch is decided again').length > 0);

    const holds = atOnce(holdsAsked, async () => {
      const reply = await checkout.hold(productId);
      answered.push(reply.status === 201 ? 'held' : 'refused');
      return reply;
    });
    // Refused before anything was decided: the database is still locked.
    await until(() => answered.length === holdsAsked - queueMax);
    const paid = atOnce(payments, async (index) => {
      const reply = await checkout.pay({ idempotency_key: `pay_${index}`, order_id: orders[index] });
      answered.push('paid');
      return reply;
    });
    // Reads are no part of it.
    expect((await checkout.get(`/api/v1/orders/${orders[0]}`)).body.status).toBe('pending');
    expect((await checkout.hold(productId)).body.code).toBe('overloaded');
    await until(async () => (await waiting(checkout)) === queueMax + payments);
    batches.length = 0;
    await unlock();

    const refused = (await holds).filter(({ status }) => status !== 201);
    expect(tally(await holds)).toEqual({ 201: queueMax, overloaded: holdsAsked - queueMax });
    for (const reply of refused) {
      expectToComeAgain(reply);
    }
    expect((await first).status).toBe(201);
    expect(tally(await paid)).toEqual({ 200: payments });
    expect((await paid).map(({ body }) => body.result)).toEqual(orders.map(() => 'processed'));
    expect(answered.slice(0, refused.length)).toEqual(refused.map(() => 'refused'));
    // One was under way before; from then on no hold goes before a payment.
    expect(batches.flat()).toEqual([
      'hold',
      ...orders.map(() => 'payment'),
      ...Array.from({ length: queueMax }, () => 'hold'),
    ]);
    await expectNothingLost(checkout, productId, orders, queueMax + 1);
  });

  test('payments that come one after the other are each taken at once, while refused buyers ask again and again', async () => {
    const { checkout, productId, orders } = await crowdedSale({ requestTimeoutMs: 10_000 });
    const held: number[] = [];
    let refused = 0;
    let isSaleOver = false;
    const buyers = atOnce(stubbornBuyers, async () => {
      while (!isSaleOver) {
        const reply = await checkout.hold(productId);
        if (reply.status === 201) {
          held.push(reply.body.hold_id);
        } else if (reply.body.code === 'overloaded') {
          refused += 1;
        } else {
          expect(reply.body.code).toBe('insufficient_stock');
        }
      }
    });
    await until(() => refused > queueMax);
    try {
      for (const [index, orderId] of orders.entries()) {
        const reply = await checkout.pay({ idempotency_key: `pay_${index}`, order_id: orderId });
        expect(reply.status).toBe(200);
      }
    } finally {
      isSaleOver = true;
      await buyers;
    }

    await expectNothingLost(checkout, productId, orders, held.length);
  });
});

/** The rules, and a word on each batch that they decide. */
function recorded(batches: Batches): Decide {
  return (state, commands, ...rest) => {
    batches.push(
      commands.flatMap(({ kind }) =>
        kind === 'create_hold' ? 'hold' : kind === 'apply_payment_event' ? 'payment' : [],
      ),
    );
    return decide(state, commands, ...rest);
  };
}

/** How many commands wait. */
async function waiting(checkout: Checkout): Promise<number> {
  const { text } = await checkout.get('/metrics');
  return [...text.matchAll(/^flash_sale_queue_commands\{.*\} (\d+)$/gm)].reduce(
    (sum, [, depth]) => sum + Number(depth),
    0,
  );
}

function expectToComeAgain(reply: Reply): void {
  expect([reply.status, reply.body.code]).toEqual([503, 'overloaded']);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(reply.headers['retry-after']).toBe('1');
}

/** Every order is paid, every hold that was promised is there, and nothing else. */
async function expectNothingLost(
  checkout: Checkout,
  productId: number,
  orders: readonly number[],
  held: number,
): Promise<void> {
  const stock = 1_000 - orders.length;
  expect((await checkout.product(productId)).body).toMatchObject({
    stock,
    held_stock: held,
    available_stock: stock - held,
  });
  for (const order of await checkout.items('/orders')) {
    expect(order.status).toBe('paid');
  }
  expect((await checkout.items('/holds')).filter(({ status }) => status === 'held')).toHaveLength(held);
  expect(await checkout.auditDifferences()).toEqual([]);
}
