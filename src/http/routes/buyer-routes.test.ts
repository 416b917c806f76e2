import { describe, expect, it } from 'vitest';
import { aHold, anOrder, aProduct, serverWith } from '../../../test/support/server-with.ts';
import type { Outcome } from '../../domain/outcomes.ts';

const json = { 'content-type': 'application/json' };

describe('products', () => {
  it('are listed and read', async () => {
    const { app } = serverWith({ reader: { products: async () => [aProduct] } });
    const one = await app.inject('/api/v1/products/1');
    const all = await app.inject('/api/v1/products');
    expect(one.statusCode).toBe(200);
    expect(one.json()).toMatchObject({ id: 1, stock: 50, held_stock: 2, available_stock: 48 });
    expect(all.json()).toEqual({ products: [one.json()] });
    expect((await app.inject('/api/v1/products/2')).json()).toMatchObject({
      status: 404,
      code: 'product_not_found',
    });
  });
});

describe('POST /holds', () => {
  const created: Outcome = { kind: 'hold_created', hold: aHold, replayed: false };
  const hold = (behind: Outcome, headers = {}) =>
    serverWith({ decide: () => behind }).app.inject({
      method: 'POST',
      url: '/api/v1/holds',
      headers,
      payload: { product_id: 1, qty: 2 },
    });

  it('makes one command of the request', async () => {
    const { app, commands } = serverWith({ decide: () => created });
    await app.inject({
      method: 'POST',
      url: '/api/v1/holds',
      headers: { 'idempotency-key': 'a b~' },
      payload: { product_id: 1, qty: 2 },
    });
    expect(commands).toEqual([
      { kind: 'create_hold', holdId: 1001, productId: 1, quantity: 2, idempotencyKey: 'a b~' },
    ]);
  });

  it('answers 201 with the hold and the way to it', async () => {
    const answer = await hold(created);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe(`/api/v1/holds/${aHold.id}`);
    expect(answer.headers).not.toHaveProperty('idempotency-replayed');
    expect(answer.json()).toEqual({
      hold_id: aHold.id,
      expires_at: '2026-11-27T09:02:00Z',
      product_id: 1,
      quantity: 2,
      status: 'held',
    });
  });

  it('answers a replay with the same bytes, and says that it is one', async () => {
    const first = await hold(created);
    const again = await hold({ ...created, replayed: true });
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect([again.statusCode, again.headers.location, again.body]).toEqual([
      first.statusCode,
      first.headers.location,
      first.body,
    ]);
  });

  it('answers a refusal as problem+json with the request id of the header', async () => {
    const answer = await hold({
      kind: 'refused',
      code: 'insufficient_stock',
      availableStock: 1,
      requested: 2,
      nextReleaseAtMs: Date.UTC(2026, 10, 27, 9, 2),
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toEqual({
      type: '/api/docs/errors#insufficient_stock',
      title: 'Insufficient stock',
      status: 409,
      detail: '2 asked for, 1 available.',
      code: 'insufficient_stock',
      request_id: answer.headers['x-request-id'],
      available_stock: 1,
      requested: 2,
      next_release_at: '2026-11-27T09:02:00Z',
    });
  });

  it.each(['overloaded', 'database_unavailable', 'shutting_down'] as const)(
    'answers %s with the seconds until a retry',
    async (code) => {
      const { app } = serverWith({ decide: () => ({ kind: 'failed', code }) });
      const answer = await app.inject({
        method: 'POST',
        url: '/api/v1/holds',
        payload: { product_id: 1, qty: 1 },
      });
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    },
  );

  it.each([
    ['"2"', 'expected an integer from 1 to 1000000, got "2"'],
    ['2.5', 'expected an integer from 1 to 1000000, got 2.5'],
    ['-1', 'expected an integer from 1 to 1000000, got -1'],
    ['0', 'expected an integer from 1 to 1000000, got 0'],
    ['1000001', 'expected an integer from 1 to 1000000, got 1000001'],
    ['1e400', 'expected an integer from 1 to 1000000, got a number that is too large'],
    ['null', 'expected an integer from 1 to 1000000, got null'],
    ['[1]', 'expected an integer from 1 to 1000000, got an array'],
    ['true', 'expected an integer from 1 to 1000000, got true'],
  ])('refuses a qty of %s', async (qty, message) => {
    const { app, commands } = serverWith();
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/holds',
      headers: json,
      payload: `{"product_id": 1, "qty": ${qty}}`,
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toEqual([{ field: 'qty', message }]);
    expect(commands).toEqual([]);
  });

  it.each(['', 'x'.repeat(256), 'naïve', 'tab\there'])(
    'refuses the idempotency key %j without showing it',
    async (key) => {
      const answer = await hold(created, { 'idempotency-key': key });
      expect(answer.statusCode).toBe(422);
      expect(answer.json().errors).toEqual([
        {
          field: 'Idempotency-Key',
          message: 'expected 1 to 255 printable ASCII characters, got something else',
        },
      ]);
    },
  );
});

describe('a hold', () => {
  it('is read with its order, at the instant of the reading', async () => {
    const at = (nowMs: number) => ({ hold: async () => ({ value: { hold: aHold, orderId: null }, nowMs }) });
    const before = await serverWith({ reader: at(aHold.expiresAtMs - 1) }).app.inject('/api/v1/holds/5');
    const after = await serverWith({ reader: at(aHold.expiresAtMs) }).app.inject('/api/v1/holds/5');
    expect(before.json()).toMatchObject({ status: 'held', order_id: null });
    expect(after.json()).toMatchObject({ status: 'released' });
    const unknown = await serverWith({ reader: { hold: async () => null } }).app.inject('/api/v1/holds/5');
    expect(unknown.json()).toMatchObject({ status: 404, code: 'hold_not_found' });
  });

  it('is let go with 204 and nothing else', async () => {
    const { app, commands } = serverWith({ decide: () => ({ kind: 'hold_let_go' }) });
    const answer = await app.inject({ method: 'DELETE', url: '/api/v1/holds/5', headers: json });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(answer.headers).not.toHaveProperty('content-type');
    expect(commands).toEqual([{ kind: 'release_hold', holdId: 5 }]);
  });
});

describe('an order', () => {
  it('is created with 201 and read again', async () => {
    const { app, commands } = serverWith({
      decide: () => ({ kind: 'order_created', order: anOrder, refunds: [], replayed: true }),
      reader: {
        order: async () => ({
          value: { order: anOrder, refunds: [], paymentIntent: null },
          nowMs: anOrder.createdAtMs,
        }),
      },
    });
    const created = await app.inject({
      method: 'POST',
      url: '/api/v1/orders',
      payload: { hold_id: aHold.id },
    });
    expect(created.statusCode).toBe(201);
    expect(created.headers.location).toBe(`/api/v1/orders/${anOrder.id}`);
    expect(created.headers['idempotency-replayed']).toBe('true');
    expect(commands).toEqual([
      { kind: 'create_order', orderId: 1001, holdId: aHold.id, idempotencyKey: null },
    ]);
    const read = await app.inject(`/api/v1/orders/${anOrder.id}`);
    expect([read.statusCode, read.body]).toEqual([200, created.body]);
  });

  it.each([undefined, 'application/json', 'application/x-www-form-urlencoded'])(
    'is cancelled without a body, with the content type %s',
    async (type) => {
      const { app } = serverWith({
        decide: () => ({ kind: 'order_cancelled', order: { ...anOrder, status: 'cancelled' }, refunds: [] }),
      });
      const answer = await app.inject({
        method: 'POST',
        url: `/api/v1/orders/${anOrder.id}/cancel`,
        headers: type === undefined ? {} : { 'content-type': type, 'content-length': '0' },
      });
      expect([answer.statusCode, answer.json().status]).toEqual([200, 'cancelled']);
    },
  );
});
