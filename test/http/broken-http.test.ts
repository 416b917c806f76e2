import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connectRaw, exchange, requestText } from '../support/raw-http.ts';
import { serverWith } from '../support/server-with.ts';

/**
 * The server alone, since nothing here comes as far as the engine; slow clients lose patience with it sooner
 * than usual.
 */
async function listening(): Promise<string> {
  const { app } = serverWith({ deps: { timeouts: { headersMs: 100, requestMs: 200, checkMs: 20 } } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

const health = requestText('GET', '/healthz');

describe('HTTP that cannot be parsed', () => {
  test.each([
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
  ])('%s is answered 400 and the connection ends', async (_, sent) => {
    const [reply, ...others] = await exchange(await listening(), sent);
    expect(others).toEqual([]);
    expect(reply).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json', connection: 'close' },
    });
    expect(reply?.body.code).toBe('malformed_request');
    expect(reply?.headers['x-request-id']).toBe(reply?.body.request_id);
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

  test('that sends a byte now and then gains no time by it', async () => {
    const { socket, replies } = await connectRaw(await listening());
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ');
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

describe('requests on one connection', () => {
  test('are answered in their order, though the first takes longest', async () => {
    const decided = Promise.withResolvers<void>();
    const { app } = serverWith({
      deps: { snapshots: { get: () => decided.promise.then(() => null) } },
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { socket, replies } = await connectRaw(
      `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    );
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
