import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { type Body, type Checkout, checkoutForTest, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { until } from '../support/until.ts';

describeEach(sharedDatabases)('the admin API on $name', (kind) => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
    (await ApiDescription.of(checkout)).watch(checkout);
  });
  afterAll(() => checkout.stop());

  const patch = (id: number, change: object) => checkout.admin('PATCH', `/products/${id}`, change);
  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
  const anHourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

  describe('a product', () => {
    test('is changed only in what was named', async () => {
      const opens_at = '2026-01-01T00:00:00Z';
      const id = await checkout.createProduct({ opens_at });
      const before = (await checkout.product(id)).body;
      const changes = [
        { name: 'New' },
        { price: 2.5 },
        { closes_at: '2999-01-01T00:00:00.5Z' },
        { opens_at: null },
      ];
      let expected: object = before;
      for (const change of changes) {
        expected = {
          ...expected,
          ...change,
          ...('closes_at' in change ? { closes_at: '2999-01-01T00:00:00.500Z' } : {}),
        };
        const { version, ...changed } = (await patch(id, change)).body;
        expect(changed).toEqual(expected);
        expect(version).toMatch(/^[\da-f]{16}$/);
        expect((await checkout.product(id)).body).toEqual(expected);
      }
    });

    test.each([
      {},
      { stock: 5 },
      { currency: 'EUR' },
      { id: 1 },
      { name: '' },
      { name: null },
      { price: null },
      { opens_at: 0 },
    ])('is not changed by %o', async (change) => {
      const id = await checkout.createProduct();
      const before = (await checkout.product(id)).text;
      expect((await patch(id, change)).body.code).toBe('invalid_request');
      expect((await checkout.product(id)).text).toBe(before);
    });

    test('has a window that closes after it opens, also when only one end is moved', async () => {
      const id = await checkout.createProduct({ opens_at: '2026-06-01T00:00:00Z' });
      for (const closes_at of ['2026-06-01T00:00:00Z', '2026-06-01T01:59:59+02:00']) {
        expect((await patch(id, { closes_at })).body.errors.map(({ field }) => field)).toEqual(['closes_at']);
      }
      expect((await patch(id, { closes_at: '2026-06-01T00:00:00.001Z' })).status).toBe(200);
    });

    test('keeps the price at which it was held', async () => {
      const id = await checkout.createProduct({ price: 100 });
      const { hold_id } = (await checkout.hold(id, 2)).body;
      await patch(id, { price: 150 });
      expect((await checkout.order(hold_id)).body.total).toBe(200);
      expect((await checkout.ordered(id, 2)).total).toBe(300);
    });

    test('loses no unit that is held, and gets back none that is sold', async () => {
      const id = await checkout.createProduct({ stock: 10 });
      await checkout.hold(id, 4);
      const change = (units: number) =>
        checkout.admin('POST', `/products/${id}/stock`, { change: units, reason: 'count' });
      expect((await change(-7)).body).toMatchObject({ code: 'stock_below_held', stock: 10, held_stock: 4 });
      expect((await change(-6)).body).toMatchObject({ stock: 4, held_stock: 4, available_stock: 0 });
      expect((await change(1)).body).toMatchObject({ stock: 5, available_stock: 1 });
      expect((await change(1_000_000_000)).body.code).toBe('invalid_request');
      expect(await checkout.auditDifferences()).toEqual([]);
    });
  });

  describe('a sale window', () => {
    test('concerns new holds only', async () => {
      const id = await checkout.createProduct();
      const held = (await checkout.hold(id)).body.hold_id;
      const ordered = await checkout.ordered(id);
      const opens_at = inAnHour();
      await patch(id, { opens_at });
      const refused = await checkout.hold(id);
      expect([refused.status, refused.body]).toMatchObject([
        403,
        { code: 'sale_not_open', opens_at, closes_at: null },
      ]);
      expect((await checkout.order(held)).status).toBe(201);
      expect(
        (await checkout.pay({ idempotency_key: 'window', order_id: ordered.order_id })).body.result,
      ).toBe('processed');
      await patch(id, { opens_at: null, closes_at: anHourAgo() });
      expect((await checkout.hold(id)).body).toMatchObject({ code: 'sale_not_open', opens_at: null });
      await patch(id, { opens_at: anHourAgo(), closes_at: inAnHour() });
      expect((await checkout.hold(id)).status).toBe(201);
    });

    test('opens and closes at its instants', async () => {
      const id = await checkout.createProduct({ stock: 1_000_000 });
      const opensAtMs = Date.now() + 300;
      const closesAtMs = opensAtMs + 200;
      await patch(id, {
        opens_at: new Date(opensAtMs).toISOString(),
        closes_at: new Date(closesAtMs).toISOString(),
      });
      await until(async () => (await checkout.hold(id)).status === 201);
      await until(async () => (await checkout.hold(id)).status === 403);
      for (const { created_at } of await everything(`/holds?product_id=${id}&limit=200`)) {
        const createdAtMs = Date.parse(created_at);
        expect([createdAtMs >= opensAtMs, createdAtMs < closesAtMs]).toEqual([true, true]);
      }
    });
  });

  type Item = Body & { readonly created_at: string };

  /** All items of a list, page by page. */
  async function everything(path: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    let cursor = '';
    for (;;) {
      const { status, text, body } = await checkout.admin('GET', `${path}${cursor}`);
      expect([status, status === 200 ? '' : text]).toEqual([200, '']);
      items.push(...(body.items as readonly Item[]));
      if (body.next_cursor === null) {
        return items;
      }
      cursor = `&cursor=${body.next_cursor}`;
    }
  }

  describe('a list', () => {
    test('of holds shows each once, latest deadline first, whatever the size of its pages', async () => {
      const id = await checkout.createProduct({ stock: 100 });
      const holds = await Promise.all(Array.from({ length: 23 }, () => checkout.hold(id)));
      const ids = holds.map(({ body }) => body.hold_id).toSorted();
      for (const limit of [1, 7, 23, 200]) {
        const items = await everything(`/holds?product_id=${id}&limit=${limit}`);
        expect(items.map(({ hold_id }) => hold_id).toSorted()).toEqual(ids);
        const times = items.map(({ expires_at }) => Date.parse(expires_at));
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      }
    });

    test('shows what was there once, whatever is new while it is read', async () => {
      const id = await checkout.createProduct({ stock: 100 });
      const there = await Promise.all(Array.from({ length: 6 }, () => checkout.hold(id)));
      const first = (await checkout.admin('GET', `/holds?product_id=${id}&limit=3`)).body;
      await checkout.hold(id);
      const rest = (await checkout.admin('GET', `/holds?product_id=${id}&cursor=${first.next_cursor}`)).body;
      const ids = [...first.items, ...rest.items].map(({ hold_id }) => hold_id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(expect.arrayContaining(there.map(({ body }) => body.hold_id)));
    });

    test('of orders shows each once, newest first, whatever the size of its pages', async () => {
      const id = await checkout.createProduct({ stock: 100 });
      const ids: number[] = [];
      for (let count = 0; count < 9; count += 1) {
        ids.unshift((await checkout.ordered(id)).order_id);
      }
      for (const limit of [1, 4, 9]) {
        const items = await everything(`/orders?product_id=${id}&limit=${limit}`);
        expect(items.map(({ order_id }) => order_id).toSorted()).toEqual(ids.toSorted());
        const times = items.map(({ created_at }) => Date.parse(created_at));
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      }
    });

    test('has the filters that it says', async () => {
      const id = await checkout.createProduct({ stock: 100 });
      const [pending, paid] = [await checkout.ordered(id), await checkout.ordered(id)];
      const event = {
        idempotency_key: 'listed',
        order_id: paid.order_id,
        amount: paid.total,
        currency: 'USD',
      };
      await checkout.pay(event);
      await checkout.pay({ ...event, idempotency_key: 'too little', amount: 1 });
      const held = (await checkout.hold(id)).body.hold_id;
      const of = async (path: string, field: keyof Body) =>
        (await everything(path)).map((item) => item[field]);
      expect(await of(`/orders?product_id=${id}&status=pending`, 'order_id')).toEqual([pending.order_id]);
      expect(await of(`/orders?product_id=${id}&status=paid`, 'order_id')).toEqual([paid.order_id]);
      expect(await of(`/orders?hold_id=${paid.hold_id}&limit=1`, 'order_id')).toEqual([paid.order_id]);
      for (const [status, hold_id] of [
        ['held', held],
        ['ordered', pending.hold_id],
        ['consumed', paid.hold_id],
      ]) {
        expect(await of(`/holds?product_id=${id}&status=${status}`, 'hold_id')).toEqual([hold_id]);
      }
      expect(
        await of(`/payment-events?order_id=${paid.order_id}&result=processed`, 'idempotency_key'),
      ).toEqual(['listed']);
      expect(
        await of(`/payment-events?hold_id=${paid.hold_id}&result=amount_mismatch`, 'idempotency_key'),
      ).toEqual(['too little']);
      const [due] = await everything(`/refunds?order_id=${paid.order_id}&status=due`);
      expect(due).toMatchObject({ amount: 1, reason: 'amount_mismatch', payment: 'key:too little' });
      const settled = await checkout.admin('POST', `/refunds/${due?.refund_id}/settle`);
      expect((await checkout.admin('POST', `/refunds/${due?.refund_id}/settle`)).text).toBe(settled.text);
      expect(await of(`/refunds?order_id=${paid.order_id}&status=due`, 'refund_id')).toEqual([]);
      expect(await of(`/refunds?order_id=${paid.order_id}&status=succeeded`, 'refund_id')).toEqual([
        due?.refund_id,
      ]);
    });

    test.each([
      'limit=0',
      'limit=201',
      'limit=x',
      'cursor=x',
      'cursor=',
      'status=x',
      'order=asc',
      'limit=1&limit=2',
    ])('refuses ?%s', async (query) => {
      for (const list of ['orders', 'holds', 'refunds']) {
        expect((await checkout.admin('GET', `/${list}?${query}`)).status).toBe(422);
      }
    });

    test('takes no cursor of another list', async () => {
      const id = await checkout.createProduct();
      await Promise.all([checkout.hold(id), checkout.hold(id)]);
      const { next_cursor } = (await checkout.admin('GET', '/holds?limit=1')).body;
      expect((await checkout.admin('GET', `/orders?cursor=${next_cursor}`)).status).toBe(422);
    });
  });

  test('the audit is right during a sale', async () => {
    const busy = await checkoutForTest({ database: kind });
    const id = await busy.createProduct({ stock: 150 });
    const buyer = async (number: number) => {
      const { body } = await busy.hold(id, 1 + (number % 2));
      const order = body.hold_id === undefined ? undefined : (await busy.order(body.hold_id)).body;
      if (order !== undefined && number % 3 === 0) {
        await busy.cancel(order.order_id);
      } else if (order !== undefined) {
        await busy.pay({ idempotency_key: `buyer ${number}`, order_id: order.order_id });
      }
    };
    let selling = true;
    const sale = Promise.all(Array.from({ length: 200 }, (_, number) => buyer(number))).finally(() => {
      selling = false;
    });
    do {
      const audit = (await busy.admin('GET', '/audit')).body;
      expect([audit.ok, audit.checks.filter(({ ok }) => !ok)]).toEqual([true, []]);
      expect(audit.checks.length).toBeGreaterThan(5);
    } while (selling);
    await sale;
    expect(await busy.auditDifferences()).toEqual([]);
  });
});
