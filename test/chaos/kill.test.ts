import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { databaseForTest } from '../support/checkout.ts';
import type { CheckoutClient, Reply } from '../support/checkout-client.ts';
import { runCommand, startProcess } from '../support/checkout-process.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { until } from '../support/until.ts';

const buyers = 200;
const rounds = 3;
/** A round is killed after this many answers, so in the middle of the load. */
const answersBeforeKill = 300;
/** What is sent again at the end is not to fail by a deadline, however long a busy machine takes until then. */
const variables = { HOLD_SECONDS: '3600', PAYMENT_SECONDS: '3600' };

describeEach(sharedDatabases)('kill -9 in mid-load on $name', (kind) => {
  test('whatever was acknowledged is there afterwards, the audit is clean, and what was sent again has one effect', async () => {
    const database = await databaseForTest(kind);
    const sent: Sent[] = [];

    for (let round = 0; round < rounds; round += 1) {
      const checkout = await startProcess({ databaseUrl: database.url, variables });
      const productId = await checkout.createProduct({ stock: 100_000 });
      const before = sent.length;
      const load = Promise.all(Array.from({ length: buyers }, () => buy(checkout, productId, sent)));
      await until(() => sent.length - before >= answersBeforeKill);
      await checkout.kill();
      await load;
      checkout.hangUp();

      // Some were left without an answer, or the kill has missed the load.
      expect(sent.slice(before).filter(({ reply }) => reply === null).length).toBeGreaterThan(0);
      expect(runCommand('audit', database.url)).toMatchObject({ status: 0, stderr: '' });
    }

    const checkout = await startProcess({ databaseUrl: database.url, variables });
    const acknowledged = sent.filter(({ reply }) => reply !== null);
    expect(new Set(acknowledged.map(({ reply }) => reply?.status))).toEqual(new Set([200, 201]));
    await inGroups(acknowledged, ({ what, reply }) => expectThere(checkout, what, reply?.body));

    // Each was in memory, under way or committed when the process died. Sent again it is done, and once.
    await inGroups(sent, async ({ path, body, key, reply }) => {
      const headers = key === null ? {} : { 'idempotency-key': key };
      const again = await checkout.post(path, body, headers);
      if (reply !== null) {
        expect([again.status, again.text]).toEqual([reply.status, reply.text]);
        expect(again.headers['idempotency-replayed']).toBe('true');
      } else {
        expect(again.status).toBeLessThan(300);
        expect((await checkout.post(path, body, headers)).text).toBe(again.text);
      }
    });
    const ids = (await checkout.items('/holds')).map(({ hold_id }) => hold_id);
    // One hold for each key, whether its answer was lost or not.
    expect(ids).toHaveLength(sent.filter(({ what }) => what === 'hold').length);
    expect(runCommand('audit', database.url)).toMatchObject({ status: 0, stderr: '' });
  });
});

type What = 'hold' | 'order' | 'payment';

/** A request, and its answer unless the process died before that came. */
type Sent = {
  readonly what: What;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly key: string | null;
  readonly reply: Reply | null;
};

/** Holds, orders and pays, over and over, until there is no answer any more. */
async function buy(checkout: CheckoutClient, productId: number, sent: Sent[]): Promise<void> {
  const send = async (what: What, path: string, body: Sent['body'], key: string | null) => {
    const headers = key === null ? {} : { 'idempotency-key': key };
    const reply = await checkout.post(`/api/v1${path}`, body, headers).catch(() => null);
    sent.push({ what, path: `/api/v1${path}`, body, key, reply });
    return reply;
  };
  for (;;) {
    const hold = await send('hold', '/holds', { product_id: productId, qty: 1 }, randomUUID());
    const order = hold && (await send('order', '/orders', { hold_id: hold.body.hold_id }, randomUUID()));
    const event = { idempotency_key: randomUUID(), order_id: order?.body.order_id, status: 'paid' };
    const payment = order && (await send('payment', '/payments/webhook', event, null));
    if (payment === null) {
      return;
    }
  }
}

async function expectThere(
  checkout: CheckoutClient,
  what: What,
  body: Reply['body'] | undefined,
): Promise<void> {
  if (what === 'hold') {
    expect((await checkout.get(`/api/v1/holds/${body?.hold_id}`)).status).toBe(200);
    return;
  }
  const { body: order } = await checkout.get(`/api/v1/orders/${body?.order_id}`);
  expect(order.status).toMatch(what === 'payment' ? /^paid$/ : /^(pending|paid)$/);
}

/** A hundred at a time. */
async function inGroups<Item>(items: readonly Item[], action: (item: Item) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += 100) {
    await Promise.all(items.slice(start, start + 100).map(action));
  }
}
