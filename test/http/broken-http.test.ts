import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answerHeaders } from '../../src/http/plugins/answer-headers.ts';
import type { CheckoutServer } from '../../src/http/server.ts';
import { connectRaw, exchange, requestText } from '../support/raw-http.ts';
import { serverWith } from '../support/server-with.ts';
import { until } from '../support/until.ts';

/**
 * The server alone, since nothing here comes as far as the engine; slow clients lose patience with it sooner
 * than usual.
 */
async function listening(): Promise<string> {
  const { app } = serverWith({ deps: { timeouts: { headersMs: 100, requestMs: 200, checkMs: 20 } } });
  return urlOf(app);
}

async function urlOf(app: CheckoutServer): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

const health = requestText('GET', '/healthz');
const named = (name: string, sent: string) => [JSON.stringify(name), sent] as const;
const lastHealth = requestText('GET', '/healthz', undefined, { connection: 'close' });
const posting = 'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const chunked = `${posting}Transfer-Encoding: chunked\r\n\r\n`;

describe('HTTP that cannot be parsed', () => {
  test.each<readonly [string, string]>([
    ['garbage', 'hello\r\n\r\n'],
    ['binary', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    [
      'two lengths',
      'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a length that is no number', 'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'],
    ['a broken chunk', 'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['a header without a name', 'GET /healthz HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n'],
    ['another protocol', 'GET /healthz SPDY/3\r\nHost: a\r\n\r\n'],
    ['another version', 'GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n'],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    ['two hosts in an old version', 'GET /healthz HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n'],
    ['lines that end without a return', 'GET /healthz HTTP/1.1\nHost: a\n\n'],
    ['a return within a header', 'GET /healthz HTTP/1.1\r\nHost: a\rX: b\r\n\r\n'],
    ['a header over two lines', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n'],
    ['a zero byte in a header', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n'],
    ['a zero byte in a path', 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
    // Whatever two parsers could read in two ways would let a request hide in the body of another.
    ...[
      'Content-Length: 2\r\nContent-Length: 2',
      'Content-Length: 2, 2',
      'Content-Length: +2',
      'Content-Length: -2',
      'Content-Length: 0x2',
      'Content-Length: 2 3',
      'Content-Length:',
      'Content-Length: 99999999999999999999',
      'Content-Length : 2',
      'Transfer-Encoding : chunked',
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
      'Transfer-Encoding: chunked\r\nContent-Length: 2',
    ].map((headers) => named(headers, `POST /api/v1/holds HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n{}`)),
    ...['fffffffffffffffff\r\n', '-1\r\n', '2\n{}\n0\n\n', `2;${'a'.repeat(20_000)}\r\n`].map((chunk) =>
      named(`the chunk ${chunk.slice(0, 20)}`, `${chunked}${chunk}`),
    ),
    ['a length behind the chunks', `${chunked}2\r\n{}\r\n0\r\nContent-Length: 99\r\n\r\n`],
  ])('%s is answered 400 and the connection ends', async (_, sent) => {
    const [reply, ...others] = await exchange(await listening(), sent);
    expect(others).toEqual([]);
    expect(reply).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json', connection: 'close' },
    });
    expect(reply?.body.code).toBe('malformed_request');
    expect(reply?.headers['x-request-id']).toBe(reply?.body.request_id);
    expect(reply?.headers).toMatchObject(answerHeaders);
  });

  test('a chunk that would be too large is answered before it comes', async () => {
    const [reply] = await exchange(await listening(), `${chunked}fffffffffffffff0\r\n{${'a'.repeat(70_000)}`);
    expect([reply?.status, reply?.body.code]).toEqual([413, 'body_too_large']);
  });

  test('an expectation that nobody knows, and another protocol that is asked for, are passed over', async () => {
    const url = await listening();
    for (const headers of [{ expect: 'cake' }, { connection: 'Upgrade', upgrade: 'h2c' }]) {
      const { socket, heard, replies } = await connectRaw(url);
      socket.write(requestText('GET', '/healthz', undefined, headers));
      await heard();
      socket.write(requestText('GET', '/healthz', undefined, { connection: 'close' }));
      expect((await replies).map(({ status }) => status)).toEqual([200, 200]);
    }
  });

  test('headers of more than 16 KiB are answered 431', async () => {
    const [reply] = await exchange(
      await listening(),
      requestText('GET', '/healthz', undefined, { 'x-a': 'a'.repeat(17_000) }),
    );
    expect([reply?.status, reply?.body.code]).toEqual([431, 'headers_too_large']);
  });
});

describe('a client that is too slow', () => {
  test.each([
    ['headers that never end', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    [
      'a body that never comes',
      'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('%s: it is answered 408 and the connection ends', async (_, sent) => {
    const [reply] = await exchange(await listening(), sent);
    expect([reply?.status, reply?.body.code]).toEqual([408, 'request_timeout']);
  });

  test.each([
    ['of a header', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    ['of a body', `${posting}Content-Length: 60000\r\n\r\n{`],
    ['of a chunk', `${posting}Transfer-Encoding: chunked\r\n\r\nffff\r\n{`],
  ])('that sends a byte %s now and then gains no time by it', async (_, sent) => {
    const { socket, replies } = await connectRaw(await listening());
    socket.write(sent);
    const drip = setInterval(() => socket.write('a'), 10);
    const settled = await replies.catch(() => []).finally(() => clearInterval(drip));
    expect(settled.map(({ status }) => status).filter((status) => status !== 408)).toEqual([]);
  });

  test('does not hinder others', async () => {
    const url = await listening();
    const slow = await Promise.all(Array.from({ length: 100 }, () => connectRaw(url)));
    for (const { socket } of slow) {
      socket.write('POST /api/v1/holds HTTP/1.1\r\n');
    }
    const { socket, heard, replies } = await connectRaw(url);
    socket.write(health);
    await heard();
    socket.destroy();
    expect((await replies)[0]?.status).toBe(200);
    const answers = await Promise.all(slow.map((connection) => connection.replies));
    expect(new Set(answers.map(([reply]) => reply?.status))).toEqual(new Set([408]));
  });
});

describe('connections', () => {
  test('that never say a word are closed', async () => {
    const url = await listening();
    const silent = await Promise.all(Array.from({ length: 200 }, () => connectRaw(url)));
    const { socket, heard, replies } = await connectRaw(url);
    socket.write(health);
    await heard();
    socket.destroy();
    expect((await replies)[0]?.status).toBe(200);
    const answers = await Promise.all(silent.map((connection) => connection.replies));
    expect(new Set(answers.map(([reply]) => reply?.body.code))).toEqual(new Set(['request_timeout']));
  });

  test('that ask and ask and never read are not read from any more', async () => {
    const { app } = serverWith();
    const url = await urlOf(app);
    let taken = 0;
    app.server.on('request', ({ url: path }) => {
      taken += path === '/api/openapi.json' ? 1 : 0;
    });
    const sent = 20_000;
    const { socket, replies } = await connectRaw(url);
    replies.catch(() => []);
    socket.pause();
    socket.write(requestText('GET', '/api/openapi.json').repeat(sent));
    // Others are answered, and it took none meanwhile.
    await until(async () => {
      const before = taken;
      for (let other = 0; other < 20; other += 1) {
        const [reply] = await exchange(url, lastHealth);
        expect(reply?.status).toBe(200);
      }
      return before > 0 && taken === before;
    });
    socket.destroy();
    expect(taken).toBeLessThan(sent / 8);
  });
});

describe('requests on one connection', () => {
  test('are answered in their order, though the first takes longest', async () => {
    const decided = Promise.withResolvers<void>();
    const { app } = serverWith({
      deps: { snapshots: { get: () => decided.promise.then(() => null) } },
    });
    const { socket, replies } = await connectRaw(await urlOf(app));
    const arrived = Promise.withResolvers<void>();
    app.server.on('request', (request) => request.url === '/last' && arrived.resolve());
    socket.write(
      [
        requestText('GET', '/api/v1/products/5'),
        health,
        requestText('POST', '/api/v1/holds', '{'),
        requestText('GET', '/last', undefined, { connection: 'close' }),
      ].join(''),
    );
    await arrived.promise;
    decided.resolve();
    expect((await replies).map(({ status }) => status)).toEqual([404, 200, 400, 404]);
  });

  test('are refused once very many wait for the one before them', async () => {
    const decided = Promise.withResolvers<void>();
    const { app } = serverWith({ deps: { snapshots: { get: () => decided.promise.then(() => null) } } });
    const { socket, replies } = await connectRaw(await urlOf(app));
    const arrived = Promise.withResolvers<void>();
    app.server.on('request', (request) => request.url === '/last' && arrived.resolve());
    const product = requestText('GET', '/api/v1/products/5');
    socket.write(product.repeat(40) + requestText('GET', '/last', undefined, { connection: 'close' }));
    await arrived.promise;
    decided.resolve();
    const codes = (await replies).map(({ body }) => body.code);
    expect(codes).toEqual([
      ...Array.from({ length: 33 }, () => 'product_not_found'),
      ...Array.from({ length: 8 }, () => 'overloaded'),
    ]);
  });

  test('go on after one whose body was no JSON', async () => {
    const replies = await exchange(
      await listening(),
      requestText('POST', '/api/v1/holds', 'x') +
        requestText('GET', '/healthz', undefined, { connection: 'close' }),
    );
    expect(replies.map(({ status }) => status)).toEqual([400, 200]);
  });

  test('a body that is too large is answered without waiting for it', async () => {
    const { socket, heard, replies } = await connectRaw(await listening());
    socket.write(
      'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n{',
    );
    await heard();
    socket.destroy();
    expect((await replies)[0]?.body.code).toBe('body_too_large');
  });
});
