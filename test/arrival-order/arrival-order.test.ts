import { expect, test } from 'vitest';
import { type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { until } from '../support/until.ts';
import { type EventName, eventBodies, sequences, total } from './events.ts';
import { type Expected, expectedEnd, type Situation, situations } from './model.ts';

/** Sequences that run side by side, so that the service decides their events in common batches. */
const atOnce = 100;
/** Half a minute on an idle machine. The limit is for what hangs. */
const timeout = 600_000;

type Place = { readonly hold_id: number; readonly order_id: number | null; readonly key: string };

describeEach(sharedDatabases)('the events of a payment on $name', (kind) => {
  test.each(situations)(
    'lead to the same end in every order of arrival: %s',
    { timeout },
    async (situation) => {
      const database = await databaseForTest(kind);
      const variables = { WORKER: 'false', HOLD_SECONDS: '600', PARKED_MAX: '1000000' };
      const checkout = await checkoutForTest({
        database,
        variables: { ...variables, PAYMENT_SECONDS: situation === 'expired' ? '1' : '600' },
      });
      const all = sequences();
      const productId = await checkout.createProduct({ price: total, stock: 2 * all.length });
      const places = await inGroups(all, (_, index) => placeFor(checkout, productId, situation, index));
      if (situation === 'expired') {
        const last = places.at(-1)?.order_id;
        await until(async () => (await checkout.get(`/api/v1/orders/${last}`)).body.status === 'expired');
      }

      const ends = await inGroups(all, async (names, index) => {
        const place = places[index];
        return place === undefined ? null : play(checkout, situation, place, names);
      });

      const wrong = all.flatMap((names, index) => {
        const expected = expectedEnd(new Set(names), situation);
        return JSON.stringify(ends[index]) === JSON.stringify(expected)
          ? []
          : [{ names, expected, found: ends[index] }];
      });
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(await checkout.auditDifferences()).toEqual([]);
      console.info(`${kind.name}, ${situation}: ${all.length} sequences, ${wrong.length} differ`);
    },
  );
});

async function placeFor(
  checkout: Checkout,
  productId: number,
  situation: Situation,
  index: number,
): Promise<Place> {
  const key = `${index}`;
  if (situation === 'hold' || situation === 'ended hold') {
    const { hold_id } = (await checkout.hold(productId)).body;
    return { hold_id, order_id: null, key };
  }
  const { hold_id, order_id } = await checkout.ordered(productId);
  if (situation === 'paid') {
    await checkout.pay({
      ...{ idempotency_key: `first ${key}`, order_id, payment_reference: `pi_${key}` },
      ...eventBodies.succeeded,
    });
  }
  return { hold_id, order_id, key };
}

/** Reports the events one after the other, and looks at what has become of it. */
async function play(
  checkout: Checkout,
  situation: Situation,
  { hold_id, order_id, key }: Place,
  names: readonly EventName[],
): Promise<Expected> {
  for (const name of names) {
    const about = order_id === null ? { hold_id } : { order_id };
    const reply = await checkout.post('/api/v1/payments/webhook', {
      ...{ idempotency_key: `${name} ${key}`, payment_reference: `pi_${key}`, ...about },
      ...eventBodies[name],
    });
    expect([200, 202]).toContain(reply.status);
  }
  if (situation === 'ended hold') {
    await checkout.release(hold_id);
    const { items } = (await checkout.admin('GET', `/refunds?hold_id=${hold_id}`)).body;
    const disputes = (await checkout.admin('GET', `/disputes?hold_id=${hold_id}`)).body.items;
    return { status: null, refunds: items.map(refundOf), disputes: disputes.map(disputeOf) };
  }
  const order =
    order_id === null
      ? (await checkout.order(hold_id)).body
      : (await checkout.get(`/api/v1/orders/${order_id}`)).body;
  return {
    status: order.status as Expected['status'],
    refunds: order.refunds.map(refundOf),
    disputes: (order.disputes ?? []).map(disputeOf),
  };
}

function refundOf(refund: Record<string, unknown>): Expected['refunds'][number] {
  const { amount, status, reason, returned } = refund as Expected['refunds'][number];
  return { amount, status, reason, ...(returned === undefined ? {} : { returned }) };
}

function disputeOf(dispute: Record<string, unknown>): Expected['disputes'][number] {
  const { dispute_id, amount, currency, status } = dispute as Expected['disputes'][number];
  return { dispute_id, amount, currency, status };
}

async function inGroups<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    const group = items.slice(from, from + atOnce);
    results.push(...(await Promise.all(group.map((item, offset) => work(item, from + offset)))));
  }
  return results;
}
