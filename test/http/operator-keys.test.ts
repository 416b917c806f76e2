import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

const keyed = (key: string) => ({ 'idempotency-key': key });

describeEach(sharedDatabases)('idempotency keys of operators on $name', (kind) => {
  let checkout: Checkout;
  /** A second node on the same database. */
  let other: Checkout;
  let closeDatabase: () => Promise<void>;

  beforeAll(async () => {
    const database = await kind.take();
    closeDatabase = () => database.close();
    const variables = {
      EVENT_WEBHOOK_URLS: 'http://127.0.0.1:9/events',
      EVENT_WEBHOOK_SECRETS: 'whsec_b25l',
    };
    checkout = await startCheckout({ database, variables });
    other = await startCheckout({ database, variables });
    const description = await ApiDescription.of(checkout);
    description.watch(checkout);
    description.watch(other);
  });
  afterAll(async () => {
    await checkout.stop();
    await other.stop();
    await closeDatabase();
  });

  const restock = (id: number, change: number, key: string, at = checkout) =>
    at.admin('POST', `/products/${id}/stock`, { change, reason: 'second delivery' }, keyed(key));
  const product = { name: 'Sneakers', price: 100, currency: 'USD', stock: 10 };
  const isReplay = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) =>
    headers['idempotency-replayed'] === 'true';

  test('a change of stock under one key adds its units once and gets the same answer', async () => {
    const id = await checkout.createProduct();
    const first = await restock(id, 25, 'delivery');
    expect([first.status, first.body.stock, isReplay(first)]).toEqual([200, 35, false]);
    await checkout.hold(id, 3);
    await checkout.admin('PATCH', `/products/${id}`, { name: 'Renamed' });
    const again = await restock(id, 25, 'delivery');
    expect([again.text, again.headers.etag, isReplay(again)]).toEqual([first.text, first.headers.etag, true]);
    expect((await checkout.product(id)).body.stock).toBe(35);
  });

  test('a product that is created under one key is one product', async () => {
    const first = await checkout.admin('POST', '/products', product, keyed('new product'));
    const same = { ...product, currency: 'usd', price: 100.0, opens_at: null };
    const again = await checkout.admin('POST', '/products', same, keyed('new product'));
    expect([first.status, isReplay(first)]).toEqual([201, false]);
    expect([again.status, again.text, isReplay(again)]).toEqual([201, first.text, true]);
    expect([again.headers.location, again.headers.etag]).toEqual([
      first.headers.location,
      first.headers.etag,
    ]);
  });

  test('two spellings of one instant are one value', async () => {
    const opening = (opens_at: string) =>
      checkout.admin('POST', '/products', { ...product, opens_at }, keyed('one instant'));
    const first = await opening('2026-11-27T10:00:00+01:00');
    const again = await opening('2026-11-27T09:00:00.000Z');
    expect([again.text, isReplay(again)]).toEqual([first.text, true]);
  });

  test('other values under a known key are refused and change nothing', async () => {
    const [id, second] = [await checkout.createProduct(), await checkout.createProduct()];
    await restock(id, 25, 'reused');
    const refused = [
      await restock(id, 26, 'reused'),
      await restock(second, 25, 'reused'),
      await checkout.admin(
        'POST',
        `/products/${id}/stock`,
        { change: 25, reason: 'x'.repeat(255) },
        keyed('reused'),
      ),
    ];
    for (const { status, body } of refused) {
      expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
    }
    expect([(await checkout.product(id)).body.stock, (await checkout.product(second)).body.stock]).toEqual([
      35, 10,
    ]);
  });

  test('one key on two paths is two keys', async () => {
    const created = await checkout.admin('POST', '/products', product, keyed('same'));
    const changed = await restock(created.body.id, 5, 'same');
    const held = await checkout.hold(created.body.id, 1, keyed('same'));
    expect([created, changed, held].map(isReplay)).toEqual([false, false, false]);
    expect((await checkout.product(created.body.id)).body).toMatchObject({ stock: 15, held_stock: 1 });
  });

  test('a long name and the longest key are taken on every database', async () => {
    const longest = { ...product, name: '名'.repeat(200) };
    const key = keyed('k'.repeat(255));
    const first = await checkout.admin('POST', '/products', longest, key);
    const again = await checkout.admin('POST', '/products', longest, key);
    expect([first.status, again.text, isReplay(again)]).toEqual([201, first.text, true]);
    const reason = 'r'.repeat(255);
    const change = () =>
      checkout.admin('POST', `/products/${first.body.id}/stock`, { change: 1, reason }, key);
    expect([(await change()).status, isReplay(await change())]).toEqual([200, true]);
  });

  test('a refusal is not remembered', async () => {
    const id = await checkout.createProduct({ stock: 2 });
    const { hold_id } = (await checkout.hold(id, 2)).body;
    const refused = await restock(id, -1, 'again');
    expect([refused.status, refused.body.code]).toEqual([409, 'stock_below_held']);
    await checkout.release(hold_id);
    const granted = await restock(id, -1, 'again');
    expect([granted.status, granted.body.stock, isReplay(granted)]).toEqual([200, 1, false]);
  });

  test('the same request at once on two nodes has one effect', async () => {
    const id = await checkout.createProduct();
    const stock = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        restock(id, 25, 'at once', index % 2 === 0 ? checkout : other),
      ),
    );
    expect(new Set(stock.map(({ text }) => text)).size).toBe(1);
    expect(stock.filter(isReplay)).toHaveLength(19);
    expect((await checkout.admin('GET', `/products/${id}`)).body.stock).toBe(35);

    const created = await Promise.all(
      [checkout, other, checkout, other].map((at) =>
        at.admin('POST', '/products', product, keyed('created at once')),
      ),
    );
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1);
    expect(created.filter(isReplay)).toHaveLength(3);
  });

  test('an answer has the next release of its own moment, as far as the batch had to look for it', async () => {
    const id = await checkout.createProduct();
    const order = await checkout.ordered(id);
    const [paid, changed] = await Promise.all([
      checkout.pay({ idempotency_key: `paid ${order.order_id}`, order_id: order.order_id }),
      restock(id, 25, 'beside a payment'),
    ]);
    expect([paid.status, changed.status]).toEqual([200, 200]);
    const again = await restock(id, 25, 'beside a payment');
    expect([again.text, isReplay(again)]).toEqual([changed.text, true]);
  });

  test('a refund is settled once, and its answer stays', async () => {
    const { order_id } = await checkout.ordered(await checkout.createProduct());
    await checkout.pay({ idempotency_key: `less ${order_id}`, order_id, amount: 1, currency: 'USD' });
    const [refund] = await checkout.refundsOf({ order_id });
    const settle = () =>
      checkout.admin('POST', `/refunds/${refund?.refund_id}/settle`, undefined, keyed('settled'));
    const first = await settle();
    const again = await settle();
    expect([first.body.status, isReplay(first)]).toEqual(['succeeded', false]);
    expect([again.text, isReplay(again)]).toEqual([first.text, true]);
    const missing = await checkout.admin('POST', '/refunds/77/settle', undefined, keyed('settled'));
    expect(missing.body.code).toBe('idempotency_key_reused');
  });

  test('an event is sent once more once, at once on two nodes', async () => {
    await checkout.ordered(await checkout.createProduct());
    const [event, second] = (await checkout.admin('GET', '/events')).body.items;
    const resend = (key: string, id = event?.event_id, at = checkout) =>
      at.admin('POST', `/events/${id}/resend`, undefined, keyed(key));
    const replies = await Promise.all([
      resend('once'),
      resend('once', event?.event_id, other),
      resend('once'),
    ]);
    expect(replies.map(({ body }) => body)).toEqual(replies.map(() => ({ resent: 1 })));
    expect(replies.filter(isReplay)).toHaveLength(2);
    if (second !== undefined) {
      expect((await resend('once', second.event_id)).body.code).toBe('idempotency_key_reused');
    }
    expect((await resend('nothing there', 77)).body.code).toBe('event_not_found');
    expect(isReplay(await resend('nothing there'))).toBe(false);
  });

  test('an endpoint is switched on once under one key', async () => {
    const [{ endpoint } = { endpoint: '' }] = (await checkout.admin('GET', '/endpoints')).body.endpoints;
    const switchOn = (at: Checkout) =>
      at.admin('POST', `/endpoints/${endpoint}/switch-on`, undefined, keyed('switched on'));
    const replies = await Promise.all([switchOn(checkout), switchOn(other), switchOn(checkout)]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(isReplay)).toHaveLength(2);
    const elsewhere = '/endpoints/nowhere.example-00000000/switch-on';
    const reused = await checkout.admin('POST', elsewhere, undefined, keyed('switched on'));
    expect(reused.body.code).toBe('idempotency_key_reused');
    const unknown = await checkout.admin('POST', elsewhere, undefined, keyed('unknown endpoint'));
    expect(unknown.body.code).toBe('endpoint_not_found');
  });

  test('every POST of the admin API describes the header', async () => {
    const { paths } = JSON.parse((await checkout.get('/api/openapi.json')).text) as {
      readonly paths: Readonly<
        Record<string, { readonly post?: { readonly parameters?: { name: string }[] } }>
      >;
    };
    const posts = Object.entries(paths).flatMap(([path, { post }]) =>
      path.startsWith('/api/v1/admin') && post !== undefined ? [[path, post] as const] : [],
    );
    expect(posts).toHaveLength(8);
    for (const [path, { parameters = [] }] of posts) {
      expect([path, parameters.map(({ name }) => name.toLowerCase())]).toEqual([
        path,
        expect.arrayContaining(['idempotency-key']),
      ]);
    }
  });

  test('the audit agrees afterwards', async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
  });
});
