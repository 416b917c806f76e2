import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { aHold, serverWith } from '../../test/support/server-with.ts';
import type { Outcome } from '../domain/outcomes.ts';
import { StoreError } from '../store/store-error.ts';

const json = { 'content-type': 'application/json' };
const created: Outcome = { kind: 'hold_created', hold: aHold, replayed: false };
const holdRequest = {
  method: 'POST',
  url: '/api/v1/holds',
  payload: { product_id: 1, qty: 1 },
} as const;

describe('a body', () => {
  const send = (payload: string | undefined, headers: Record<string, string>) =>
    serverWith({ decide: () => created }).app.inject({
      method: 'POST',
      url: '/api/v1/holds',
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
  const valid = '{"product_id":1,"qty":1}';

  it.each([
    ['that is no JSON', '{', json, 400, 'malformed_json'],
    ['of another type', 'product_id=1', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['of 64 KiB and one byte', valid.padEnd(65_537), json, 413, 'body_too_large'],
    ['that is missing', undefined, {}, 422, 'invalid_request'],
    ['that is empty', '', json, 422, 'invalid_request'],
    ['that is null', 'null', json, 422, 'invalid_request'],
    ['that is a list', '[]', json, 422, 'invalid_request'],
    ['with a field too many', '{"product_id":1,"qty":1,"ttl":9}', json, 422, 'invalid_request'],
    ['with __proto__', '{"product_id":1,"qty":1,"__proto__":{}}', json, 422, 'invalid_request'],
  ])('%s is refused', async (_, payload, headers, status, code) => {
    const answer = await send(payload, headers);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it.each([
    ['of 64 KiB', valid.padEnd(65_536), json],
    ['with a charset', valid, { 'content-type': 'application/json; charset=UTF-8' }],
  ])('%s is taken', async (_, payload, headers) => {
    expect((await send(payload, headers)).statusCode).toBe(201);
  });
});

describe('a path', () => {
  it.each(['x', '1.0', '0', '-1', '0x1', '9007199254740992', '9'.repeat(600), '%20'])(
    'with the id %s is refused as malformed',
    async (id) => {
      const answer = await serverWith().app.inject(`/api/v1/products/${id}`);
      expect(answer.json()).toMatchObject({ status: 422, errors: [{ field: 'id' }] });
    },
  );

  it('that is not percent-encoded is refused', async () => {
    const answer = await serverWith().app.inject('/api/v1/products/%zz');
    expect(answer.json()).toMatchObject({ code: 'malformed_request' });
    expect(answer.headers['x-request-id']).toBe(answer.json().request_id);
  });

  it.each(['/', '/api/v1', '/api/v1/hold', '/API/v1/products', '/api/v1/holds/1/2'])(
    '%s that is not served is 404, whatever the body',
    async (url) => {
      const answer = await serverWith().app.inject({ method: 'POST', url, headers: json, payload: '{' });
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
    },
  );

  it('that is served with other methods is 405 and names them', async () => {
    const answer = await serverWith().app.inject({ method: 'PUT', url: '/api/v1/holds/1' });
    expect([answer.statusCode, answer.json().code]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.allow).toBe('GET, HEAD, DELETE, OPTIONS');
  });

  it('answers OPTIONS with its methods, and HEAD like GET without a body', async () => {
    const { app } = serverWith();
    const options = await app.inject({ method: 'OPTIONS', url: '/api/v1/holds' });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'POST, OPTIONS']);
    const get = await app.inject('/api/v1/products/1');
    const head = await app.inject({ method: 'HEAD', url: '/api/v1/products/1' });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });
});

describe('every answer', () => {
  it('has a request id that the client did not choose', async () => {
    const { app } = serverWith();
    const ask = () => app.inject({ url: '/healthz', headers: { 'x-request-id': 'mine' } });
    const ids = [await ask(), await ask()].map((answer) => answer.headers['x-request-id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain('mine');
  });

  it('is not to be kept, guessed or framed', async () => {
    const { headers } = await serverWith().app.inject('/api/v1/products/1');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
  });
});

describe('an error behind the server', () => {
  const failing = (error: Error) =>
    serverWith({
      reader: {
        hold: async () => {
          throw error;
        },
      },
    });

  it.each([
    [new Error('password=hunter2'), 500, 'internal_error'],
    [new StoreError('defect', 'CHECK hunter2'), 500, 'internal_error'],
    [new StoreError('unavailable', 'hunter2 refused'), 503, 'database_unavailable'],
    [new StoreError('retryable', 'hunter2 is busy'), 503, 'database_unavailable'],
  ])('%s is logged with its cause, which does not leave', async (error, status, code) => {
    const { app, logged } = failing(error);
    const answer = await app.inject('/api/v1/holds/1');
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.body).not.toContain('hunter2');
    expect(logged).toMatchObject([
      { fields: { request_id: answer.json().request_id, err: error }, message: 'Request failed' },
    ]);
  });

  it('is not logged when the client made it', async () => {
    const { app, logged } = serverWith();
    await app.inject({ ...holdRequest, payload: {} });
    expect(logged).toEqual([]);
  });
});

describe('a server without its database', () => {
  const withoutDatabase = {
    deps: {
      isUp: () => false,
      readiness: () => ({ ready: false, reason: 'The schema is too old.' }),
    },
  };

  it('refuses the API before it reads anything, and lives', async () => {
    const { app, commands } = serverWith(withoutDatabase);
    const answer = await app.inject(holdRequest);
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'database_unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(commands).toEqual([]);
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });

  it('says so and why', async () => {
    const answer = await serverWith(withoutDatabase).app.inject('/readyz');
    expect(answer.json()).toMatchObject({ status: 503, detail: 'The schema is too old.' });
    expect((await serverWith().app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  });
});

async function connectTo(app: ReturnType<typeof serverWith>['app']) {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return connect((app.server.address() as AddressInfo).port, '127.0.0.1');
}

/** Sends bytes to a server that listens, and gives back all that it answers until it closes. */
async function exchange(app: ReturnType<typeof serverWith>['app'], bytes: string): Promise<string> {
  const socket = await connectTo(app);
  socket.write(bytes);
  return text(socket);
}

describe('HTTP that is broken', () => {
  it.each([
    ['that is no HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
    [
      'with headers of 20 KiB',
      `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('%s is answered as problem+json', async (_, bytes, status, code) => {
    const answer = await exchange(serverWith().app, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status, code });
  });
});

describe('a server that closes', () => {
  it('answers what it took before, and refuses what comes after on the same connection', async () => {
    const decided = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const { app } = serverWith({
      deps: {
        snapshots: {
          get: async () => {
            taken.resolve();
            await decided.promise;
            return null;
          },
        },
      },
    });
    const get = 'GET /api/v1/products/1 HTTP/1.1\r\nHost: a\r\n\r\n';
    const socket = await connectTo(app);
    const answers = text(socket);
    socket.write(get);
    await taken.promise;
    const closed = app.close();
    const arrived = once(app.server, 'request');
    socket.write(get);
    await arrived;
    decided.resolve();
    await closed;
    expect(await answers).toMatch(/^HTTP\/1\.1 404 .*HTTP\/1\.1 503 .*"code":"shutting_down"/s);
  });
});
