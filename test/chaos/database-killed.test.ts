import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type Checkout, checkoutForTest, type Reply } from '../support/checkout.ts';
import { describeEach } from '../support/needing.ts';
import { createDatabase } from '../support/new-database.ts';
import { OwnServer, ownServers } from '../support/own-server.ts';
import type { ServerName } from '../support/servers.ts';
import { atOnce } from '../support/tally.ts';
import { timed } from '../support/timed.ts';
import { expectRefused } from '../support/unavailable.ts';
import { until } from '../support/until.ts';

const buyers = 40;
const answersBeforeKill = 200;
/** Each test starts a server of its own, some of them more than once. */
const hangsAfterMs = 180_000;

describeEach(ownServers)('$name that fails under a sale', ({ name }) => {
  test(
    'killed in mid-batch, twice: all that was acknowledged is there, the sale goes on by itself, and what was sent again has one effect',
    async () => {
      const { server, checkout } = await saleOn(name);
      const productId = await checkout.createProduct({ stock: 100_000 });
      const load = new Load(checkout, productId);
      const done = Promise.all(Array.from({ length: buyers }, () => load.buy()));

      for (const _ of [1, 2]) {
        const before = load.acknowledged.length;
        await Promise.race([until(() => load.acknowledged.length - before >= answersBeforeKill), done]);
        const refusedBefore = load.refused;
        await server.kill();
        await Promise.race([until(() => load.refused > refusedBefore), done]);
        await until(async () => (await checkout.get('/readyz')).status === 503);
        await server.restart();
      }
      const before = load.acknowledged.length;
      await Promise.race([until(() => load.acknowledged.length - before >= answersBeforeKill), done]);
      load.stop();
      await done;

      // Sent again with its key, each gives the answer that it gave before the server died, and does nothing.
      for (let start = 0; start < load.acknowledged.length; start += 100) {
        await Promise.all(load.acknowledged.slice(start, start + 100).map(expectReplayed(checkout)));
      }
      const sent = (path: string) => load.acknowledged.filter((each) => each.path === path).length;
      const { body } = await checkout.product(productId);
      expect(body.stock).toBe(100_000 - sent('/api/v1/payments/webhook'));
      expect(body.held_stock).toBe(sent('/api/v1/holds') - sent('/api/v1/payments/webhook'));
      expect((await checkout.get('/readyz')).status).toBe(200);
      expect(await checkout.auditDifferences()).toEqual([]);
    },
    hangsAfterMs,
  );

  test(
    'frozen without a word: everybody is answered 503 in time, and the sale goes on when it thaws',
    async () => {
      const { server, checkout } = await saleOn(name);
      const productId = await checkout.createProduct({ stock: 1_000 });
      const { body: hold } = await checkout.hold(productId);
      await checkout.connect(60);

      await server.freeze();
      const { ms, value } = await timed(
        Promise.all([
          checkout.hold(productId),
          ...Array.from({ length: 30 }, () => checkout.get(`/api/v1/holds/${hold.hold_id}`)),
        ]),
      );
      const late = await timed(atOnce(20, () => checkout.hold(productId)));
      server.thaw();

      expectRefused([...value, ...late.value]);
      // One was being decided when the server froze: the longest that a transaction is waited for, and a slow machine.
      expect(ms).toBeLessThan(20_000);
      expect(late.ms).toBeLessThan(20_000);
      await until(async () => (await checkout.hold(productId)).status === 201);
      await until(async () => (await checkout.get(`/api/v1/holds/${hold.hold_id}`)).status === 200);
      await until(async () => (await checkout.get('/readyz')).status === 200);
      expect(await checkout.auditDifferences()).toEqual([]);
    },
    hangsAfterMs,
  );
});

async function saleOn(
  name: ServerName,
): Promise<{ readonly server: OwnServer; readonly checkout: Checkout }> {
  const server = await OwnServer.start(name);
  onTestFinished(() => server.end());
  const { url } = await createDatabase(name, server.url);
  const variables = { DATABASE_URL: url, REQUEST_TIMEOUT_MS: '1000' };
  return { server, checkout: await checkoutForTest({ variables }) };
}

type Acknowledged = {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: Reply;
};

/** Buyers who hold, order and pay, over and over, and send each request again until it is done. */
class Load {
  readonly acknowledged: Acknowledged[] = [];
  refused = 0;
  readonly #checkout: Checkout;
  readonly #productId: number;
  #stopped = false;

  constructor(checkout: Checkout, productId: number) {
    this.#checkout = checkout;
    this.#productId = productId;
  }

  /** Each buyer comes to the end of the purchase that is under way. */
  stop(): void {
    this.#stopped = true;
  }

  async buy(): Promise<void> {
    while (!this.#stopped) {
      const hold = await this.#send('/holds', { product_id: this.#productId, qty: 1 });
      const order = await this.#send('/orders', { hold_id: hold.body.hold_id });
      const event = { idempotency_key: randomUUID(), order_id: order.body.order_id, status: 'paid' };
      expect((await this.#send('/payments/webhook', event)).body.result).toBe('processed');
    }
  }

  async #send(to: string, body: Acknowledged['body']): Promise<Reply> {
    const path = `/api/v1${to}`;
    const headers = 'idempotency_key' in body ? {} : { 'idempotency-key': randomUUID() };
    for (;;) {
      const reply = await this.#checkout.post(path, body, headers);
      if (reply.status === 200 || reply.status === 201) {
        this.acknowledged.push({ path, body, headers, reply });
        return reply;
      }
      expectRefused([reply]);
      this.refused += 1;
    }
  }
}

function expectReplayed(checkout: Checkout) {
  return async ({ path, body, headers, reply }: Acknowledged): Promise<void> => {
    const again = await checkout.post(path, body, headers);
    expect([again.status, again.text]).toEqual([reply.status, reply.text]);
    expect(again.headers['idempotency-replayed']).toBe('true');
  };
}
