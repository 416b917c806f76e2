import { describe, expect, it } from 'vitest';
import { eventSecret, receiverForTest, verifyEvent } from '../../test/support/event-receiver.ts';
import { freePort } from '../../test/support/servers.ts';
import { eventSender, type SenderOptions } from './event-sender.ts';

const never = new AbortController().signal;
const body = '{"type":"order.paid","timestamp":"2026-11-27T09:00:00Z","data":{"order_id":1,"name":"Ärmel"}}';

const sender = (over: Partial<SenderOptions> = {}) =>
  eventSender({
    secrets: [eventSecret],
    allowPrivate: true,
    nowMs: Date.now,
    userAgent: 'flash-sale-checkout/test',
    ...over,
  });
const message = (url: string) => ({ url: new URL(url), id: 'evt_1', body });

describe('a message', () => {
  it('is signed so that the library of the standard verifies it', async () => {
    const receiver = await receiverForTest();
    const send = await sender();
    expect(await send(message(receiver.url), never)).toEqual({ kind: 'delivered' });
    const [received] = receiver.received;
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'flash-sale-checkout/test',
      'webhook-id': 'evt_1',
    });
    expect(received?.text).toBe(body);
    expect(() => received && verifyEvent(received)).not.toThrow();
    expect(() => received && verifyEvent({ ...received, text: `${body} ` })).toThrow('No matching signature');
  });

  it('carries a signature by each secret, so that receivers may change theirs one after the other', async () => {
    const next = `whsec_${Buffer.from('the secret of next year').toString('base64')}`;
    const receiver = await receiverForTest();
    await (await sender({ secrets: [eventSecret, next] }))(message(receiver.url), never);
    const [received] = receiver.received;
    expect(String(received?.headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const secret of [eventSecret, next]) {
      expect(() => received && verifyEvent(received, secret)).not.toThrow();
    }
  });

  it('says when it was sent, not when the event was', async () => {
    const receiver = await receiverForTest();
    await (await sender({ nowMs: () => 1_800_000_000_999 }))(message(receiver.url), never);
    expect(receiver.received[0]?.headers['webhook-timestamp']).toBe('1800000000');
  });

  it('shows a user and a password of its URL to the receiver', async () => {
    const receiver = await receiverForTest();
    await (await sender())(message(receiver.url.replace('//', '//me:pw@')), never);
    expect(receiver.received[0]?.headers.authorization).toBe(`Basic ${btoa('me:pw')}`);
  });
});

describe('an answer', () => {
  it.each([
    [200, { kind: 'delivered' }],
    [202, { kind: 'delivered' }],
    [299, { kind: 'delivered' }],
    [301, { kind: 'failed', error: 'answered 301, and redirects are not followed', retryAfterMs: null }],
    [400, { kind: 'failed', error: 'answered 400', retryAfterMs: null }],
    [410, { kind: 'gone', error: 'answered 410 Gone' }],
    [500, { kind: 'failed', error: 'answered 500', retryAfterMs: null }],
  ])('%i means %o', async (status, attempted) => {
    const receiver = await receiverForTest(() => status);
    expect(await (await sender())(message(receiver.url), never)).toEqual(attempted);
  });

  it('that leads elsewhere is not followed', async () => {
    const other = await receiverForTest();
    const receiver = await receiverForTest((_received, response) => {
      response.writeHead(307, { location: other.url }).end();
      return undefined;
    });
    expect(await (await sender())(message(receiver.url), never)).toMatchObject({ kind: 'failed' });
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
  });

  const nowMs = Date.UTC(2026, 10, 27, 9);
  it.each([
    [503, '120', 120_000],
    [429, 'Fri, 27 Nov 2026 09:01:00 GMT', 60_000],
    [429, 'Fri, 27 Nov 2026 08:00:00 GMT', 0],
    [503, '999999999', 86_400_000],
    [503, 'later', null],
    [500, '120', null],
  ])('%i with Retry-After %s asks for %o ms', async (status, text, retryAfterMs) => {
    const receiver = await receiverForTest((_received, response) => {
      response.writeHead(status, { 'retry-after': text }).end();
      return undefined;
    });
    const send = await sender({ nowMs: () => nowMs });
    expect(await send(message(receiver.url), never)).toMatchObject({ kind: 'failed', retryAfterMs });
  });

  it('that never comes ends with the time for it', async () => {
    const receiver = await receiverForTest(() => undefined);
    expect(await (await sender({ timeoutMs: 50 }))(message(receiver.url), never)).toEqual({
      kind: 'failed',
      error: 'no answer within 0.05 s',
      retryAfterMs: null,
    });
  });

  it('counts as soon as its status is there, and its body is cut off when it does not end', async () => {
    const cut = Promise.withResolvers<void>();
    const receiver = await receiverForTest((_received, response) => {
      response.on('close', cut.resolve).writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) {}
      };
      response.on('drain', more);
      more();
      return undefined;
    });
    expect(await (await sender())(message(receiver.url), never)).toEqual({ kind: 'delivered' });
    await cut.promise;
  });

  it('is not there when nobody listens, and the error names the address', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    expect(await (await sender())(message(url), never)).toEqual({
      kind: 'failed',
      error: expect.stringMatching(/^connect ECONNREFUSED 127\.0\.0\.1/),
      retryAfterMs: null,
    });
  });

  it('is given up when the process ends', async () => {
    const ending = new AbortController();
    const receiver = await receiverForTest(() => {
      ending.abort();
      return undefined;
    });
    expect(await (await sender())(message(receiver.url), ending.signal)).toMatchObject({ kind: 'failed' });
  });
});

describe('a private address', () => {
  const refusing = () => sender({ allowPrivate: false });

  it('is refused where it stands in the URL, and nothing is connected to', async () => {
    const receiver = await receiverForTest();
    expect(await (await refusing())(message(receiver.url), never)).toEqual({
      kind: 'failed',
      error: '127.0.0.1 is no public address',
      retryAfterMs: null,
    });
    expect(receiver.received).toEqual([]);
  });

  it('is refused where a name resolves to it', async () => {
    const receiver = await receiverForTest();
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    expect(await (await refusing())(message(url), never)).toEqual({
      kind: 'failed',
      error: expect.stringMatching(/^localhost resolves to (127\.0\.0\.1|::1), which is no public address$/),
      retryAfterMs: null,
    });
    expect(receiver.received).toEqual([]);
    expect(await (await sender())(message(url), never)).toEqual({ kind: 'delivered' });
  });

  it('cannot come in between: a name is resolved once for each attempt, by the socket that connects', async () => {
    const receiver = await receiverForTest();
    const { port } = new URL(receiver.url);
    const asked: string[] = [];
    const resolve: SenderOptions['resolve'] = (hostname, _options, callback) => {
      asked.push(hostname);
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    };
    const send = await sender({ allowPrivate: false, resolve });
    for (const attempts of [1, 2]) {
      expect(await send(message(`http://hooks.example:${port}/`), never)).toMatchObject({
        error: 'hooks.example resolves to 127.0.0.1, which is no public address',
      });
      expect(asked).toHaveLength(attempts);
    }
    expect(receiver.received).toEqual([]);
  });
});
