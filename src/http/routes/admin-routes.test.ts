import { describe, expect, it } from 'vitest';
import { adminRoutes } from '../../../test/support/admin-routes.ts';
import { aHold, anOrder, aProduct, aRefund, asAdmin, serverWith } from '../../../test/support/server-with.ts';
import type { Outcome } from '../../domain/outcomes.ts';

describe.each(adminRoutes)('the admin route %s %s', (method, path) => {
  const request = {
    method,
    url: `/api/v1/admin${path}`,
    ...(method === 'GET' ? {} : { payload: { x: 1 } }),
  };

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer let-me-on' }],
    ['another scheme', { authorization: 'Basic let-me-in' }],
  ])('refuses %s before it looks at the request', async (_, headers) => {
    const answer = await serverWith().app.inject({ ...request, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('is closed while there is no token, and says which setting opens it', async () => {
    const { app } = serverWith({ config: { adminToken: null } });
    const answer = await app.inject({ ...request, headers: asAdmin });
    expect(answer.json()).toMatchObject({ status: 401, detail: expect.stringContaining('ADMIN_TOKEN') });
  });
});

describe('an operator', () => {
  const inject = (
    decide: () => Outcome,
    method: 'POST' | 'PATCH',
    url: string,
    payload: object | undefined,
  ) => {
    const { app, commands } = serverWith({
      decide,
    });
    return app
      .inject({ method, url: `/api/v1/admin${url}`, headers: asAdmin, ...(payload && { payload }) })
      .then((answer) => ({ answer, commands }));
  };

  it('puts a product on sale', async () => {
    const { answer, commands } = await inject(
      () => ({ kind: 'product_created', product: aProduct }),
      'POST',
      '/products',
      { name: 'Phone', price: 1199.99, currency: 'usd', stock: 50, opens_at: '2026-11-27T10:00:00+01:00' },
    );
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe('/api/v1/products/1');
    expect(answer.json()).toMatchObject({ id: 1, price: 1199.99 });
    expect(commands).toEqual([
      {
        kind: 'create_product',
        stockChangeId: 1001,
        name: 'Phone',
        priceMinor: 119_999,
        currency: 'USD',
        stock: 50,
        reason: 'first stock',
        opensAtMs: Date.UTC(2026, 10, 27, 9),
        closesAtMs: null,
      },
    ]);
  });

  it('changes only what is named, and opens a window by null', async () => {
    const { answer, commands } = await inject(
      () => ({ kind: 'product_updated', product: aProduct }),
      'PATCH',
      '/products/1',
      { price: 999, closes_at: null },
    );
    expect(answer.statusCode).toBe(200);
    expect(commands).toEqual([
      {
        kind: 'update_product',
        productId: 1,
        name: undefined,
        price: 999,
        opensAtMs: undefined,
        closesAtMs: null,
        expectedVersions: null,
      },
    ]);
  });

  it('takes units away, and is told what is held when it is too many', async () => {
    const body = { change: -49, reason: 'broken in transit' };
    const changed = await inject(
      () => ({ kind: 'stock_changed', product: aProduct }),
      'POST',
      '/products/1/stock',
      body,
    );
    expect([changed.answer.statusCode, changed.answer.json().stock]).toEqual([200, 50]);
    expect(changed.commands).toEqual([{ kind: 'change_stock', stockChangeId: 1001, productId: 1, ...body }]);
    const refused = await inject(
      () => ({ kind: 'refused', code: 'stock_below_held', stock: 50, heldStock: 2 }),
      'POST',
      '/products/1/stock',
      body,
    );
    expect(refused.answer.json()).toMatchObject({ status: 409, stock: 50, held_stock: 2 });
  });

  it('settles a refund', async () => {
    const { answer, commands } = await inject(
      () => ({ kind: 'refund_settled', refund: { ...aRefund, status: 'succeeded' } }),
      'POST',
      '/refunds/7/settle',
      undefined,
    );
    expect(answer.json()).toMatchObject({ refund_id: aRefund.id, status: 'succeeded' });
    expect(commands).toEqual([{ kind: 'settle_refund', refundId: 7 }]);
  });

  it.each([
    ['POST', '/products', { name: 'a', price: 0, currency: 'USD', stock: 1 }, 'price'],
    ['POST', '/products', { name: 'a', price: 10_000_000, currency: 'USD', stock: 1 }, 'price'],
    ['POST', '/products', { name: 'a', price: 1.001, currency: 'USD', stock: 1 }, 'price'],
    ['POST', '/products', { name: 'a', price: 0.5, currency: 'JPY', stock: 1 }, 'price'],
    ['POST', '/products', { name: 'a', price: 1, currency: 'QQQ', stock: 1 }, 'currency'],
    ['POST', '/products', { name: 'a', price: 1, currency: 'USD', stock: -1 }, 'stock'],
    ['POST', '/products', { name: 'a', price: 1, currency: 'USD', stock: 1e9 + 1 }, 'stock'],
    ['POST', '/products', { name: 'half a smile: \ud83d', price: 1, currency: 'USD', stock: 1 }, 'name'],
    ['POST', '/products', { name: 'a\nb', price: 1, currency: 'USD', stock: 1 }, 'name'],
    ['POST', '/products', { name: 'a'.repeat(201), price: 1, currency: 'USD', stock: 1 }, 'name'],
    ['PATCH', '/products/1', {}, 'body'],
    ['PATCH', '/products/1', { currency: 'USD' }, 'currency'],
    ['PATCH', '/products/1', { opens_at: 'tomorrow' }, 'opens_at'],
    ['PATCH', '/products/1', { opens_at: '2026-02-30T00:00:00Z' }, 'opens_at'],
    [
      'PATCH',
      '/products/1',
      { opens_at: '2026-11-27T09:00:00Z', closes_at: '2026-11-27T09:00:00Z' },
      'closes_at',
    ],
    ['POST', '/products/1/stock', { change: 0, reason: 'a' }, 'change'],
    ['POST', '/products/1/stock', { change: 1, reason: '' }, 'reason'],
  ] as const)('is refused %s %s with %o', async (method, url, payload, field) => {
    const { answer, commands } = await inject(
      () => ({ kind: 'product_created', product: aProduct }),
      method,
      url,
      payload,
    );
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toMatchObject([{ field }]);
    expect(commands).toEqual([]);
  });
});

describe('a list', () => {
  const end = { atMs: 1_795_770_000_000, id: 42 };

  it('goes on where its cursor says, with the filters of the query', async () => {
    const asked: unknown[] = [];
    const { app } = serverWith({
      reader: {
        orders: async (filter, page) => {
          asked.push({ ...filter, ...page });
          const items = [{ order: anOrder, refunds: [aRefund] }];
          return { value: { items, nextCursor: end }, nowMs: anOrder.paymentDueAtMs };
        },
      },
    });
    const first = await app.inject({ url: '/api/v1/admin/orders', headers: asAdmin });
    expect(first.json().items).toMatchObject([
      { order_id: anOrder.id, status: 'expired', created_at: '2026-11-27T09:00:59.005Z' },
    ]);
    const cursor = first.json().next_cursor;
    await app.inject({
      url: `/api/v1/admin/orders?limit=7&status=paid&hold_id=9&cursor=${cursor}`,
      headers: asAdmin,
    });
    expect(asked).toMatchObject([
      { limit: 50, cursor: null },
      { limit: 7, cursor: end, status: 'paid', holdId: 9 },
    ]);
  });

  it('shows holds, payment events and refunds', async () => {
    const { app } = serverWith({
      reader: {
        holds: async () => ({
          value: { items: [{ hold: aHold, orderId: 5 }], nextCursor: null },
          nowMs: aHold.createdAtMs,
        }),
        refunds: async () => ({ items: [aRefund], nextCursor: null }),
        paymentEvents: async () => ({ items: [], nextCursor: null }),
      },
    });
    const read = async (path: string) =>
      (await app.inject({ url: `/api/v1/admin${path}`, headers: asAdmin })).json();
    expect(await read('/holds?status=held')).toMatchObject({
      items: [{ hold_id: aHold.id, order_id: 5 }],
      next_cursor: null,
    });
    expect(await read('/refunds?order_id=5')).toMatchObject({ items: [{ refund_id: aRefund.id }] });
    expect(await read('/payment-events?result=unmatched')).toEqual({ items: [], next_cursor: null });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=made-up', 'cursor'],
    ['status=lost', 'status'],
    ['product_id=-1', 'product_id'],
    ['sort=id', 'sort'],
  ])('refuses ?%s', async (query, field) => {
    const answer = await serverWith().app.inject({
      url: `/api/v1/admin/orders?${query}`,
      headers: asAdmin,
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toMatchObject([{ field }]);
  });
});

describe('events for others', () => {
  const event = {
    id: 77,
    type: 'refund.due',
    data: aRefund,
    productId: 1,
    orderId: anOrder.id,
    holdId: aHold.id,
    productVersion: 8,
    position: 0,
    createdAtMs: aRefund.createdAtMs,
  } as const;
  const delivery = {
    id: 5,
    eventId: 77,
    endpoint: 'shop.example-00000000',
    status: 'dead',
    attempts: 10,
    nextAttemptAtMs: aRefund.createdAtMs,
    lastError: 'answered 500',
    chain: 3,
    productVersion: 8,
    position: 0,
  } as const;
  const off = {
    endpoint: 'shop.example-00000000',
    leasedBy: null,
    leasedUntilMs: null,
    switchedOffAtMs: aRefund.createdAtMs,
    reason: 'answered 410 Gone',
    pending: 3,
    dead: 1,
  };

  it('are listed with what was said and how far each delivery is', async () => {
    const asked: unknown[] = [];
    const { app } = serverWith({
      reader: {
        outgoingEvents: async (filter) => {
          asked.push(filter);
          return { items: [event], nextCursor: null };
        },
        deliveries: async (filter) => {
          asked.push(filter);
          return { items: [{ delivery, event }], nextCursor: null };
        },
      },
    });
    const read = async (path: string) =>
      (await app.inject({ url: `/api/v1/admin${path}`, headers: asAdmin })).json();
    const said = { event_id: 77, webhook_id: 'evt_77', type: 'refund.due', order_id: anOrder.id };
    expect(await read('/events?type=refund.due&product_id=1&order_id=2')).toMatchObject({
      items: [{ ...said, product_id: 1, data: { refund_id: aRefund.id, amount: 2399.98 } }],
      next_cursor: null,
    });
    expect(await read('/deliveries?endpoint=shop.example-00000000&status=dead&event_id=77')).toMatchObject({
      items: [{ ...said, status: 'dead', attempts: 10, next_attempt_at: null, last_error: 'answered 500' }],
    });
    expect(asked).toEqual([
      { type: 'refund.due', productId: 1, orderId: 2 },
      { endpoint: 'shop.example-00000000', status: 'dead', eventId: 77 },
    ]);
  });

  it('have endpoints: those of the configuration, and those that something is known of', async () => {
    const { app } = serverWith({
      reader: { endpoints: async () => [off] },
      deps: { eventEndpoints: ['a.example-11111111'] },
    });
    const answer = await app.inject({ url: '/api/v1/admin/endpoints', headers: asAdmin });
    const unknown = { configured: true, pending: 0, dead: 0, switched_off_at: null, reason: null };
    expect(answer.json().endpoints).toEqual([
      { endpoint: 'a.example-11111111', ...unknown },
      {
        endpoint: off.endpoint,
        configured: false,
        pending: 3,
        dead: 1,
        switched_off_at: '2026-11-27T09:20:00Z',
        reason: off.reason,
      },
    ]);
  });
});

it('the audit answers 200 also when it found something', async () => {
  const audit = { ok: false, checks: [{ name: 'held', ok: false, expected: 3, found: 2 }] };
  const { app } = serverWith({ reader: { audit: async () => audit } });
  const answer = await app.inject({ url: '/api/v1/admin/audit', headers: asAdmin });
  expect([answer.statusCode, answer.json()]).toEqual([200, audit]);
});
