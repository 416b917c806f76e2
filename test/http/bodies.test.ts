import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { exchange } from '../support/raw-http.ts';
import { bothSecrets, signEvent } from '../support/signed-events.ts';

const webhook = '/api/v1/payments/webhook';
const mark = '\u{feff}';

/** How a body is written is the edge's business alone, so the first database stands for all of them. */
describeEach(sharedDatabases.slice(0, 1))('a body on $name', (kind) => {
  let checkout: Checkout;
  let productId: number;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind, variables: bothSecrets });
    productId = await checkout.createProduct({ stock: 1_000 });
  });
  afterAll(() => checkout.stop());

  /** Sends bytes as they are. */
  async function post(path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
    const answer = await fetch(`${checkout.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
    const answered = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, headers: answer.headers, body: answered };
  }
  const postHold = (body: string | Buffer, headers = {}) => post('/api/v1/holds', body, headers);
  const holdText = () => JSON.stringify({ product_id: productId, qty: 1 });
  const asAdmin = { authorization: `Bearer ${adminToken}` };

  describe('that is compressed', () => {
    test.each(['gzip', 'GZIP', 'x-gzip', 'deflate', 'br', 'zstd', 'identity, gzip', 'aws-chunked'])(
      'with %s is refused with the codings that are accepted, on a connection that goes on',
      async (coding) => {
        const before = await checkout.availableStock(productId);
        const refused = await postHold(gzipSync(holdText()), { 'content-encoding': coding });
        expect([refused.status, refused.body.code]).toEqual([415, 'unsupported_media_type']);
        expect(refused.body.detail).toContain(`Content-Encoding "${coding}"`);
        expect(refused.headers.get('accept-encoding')).toBe('identity');
        expect(refused.headers.get('connection')).not.toBe('close');
        expect(await checkout.availableStock(productId)).toBe(before);
      },
    );

    test.each([
      ['/api/v1/holds', {}],
      ['/api/v1/orders', {}],
      ['/api/v1/orders/5/cancel', {}],
      ['/api/v1/admin/products', asAdmin],
      ['/api/v1/admin/refunds/5/settle', asAdmin],
      [webhook, {}],
      ['/api/v1/payments/webhook/stripe', {}],
    ])('is refused by POST %s', async (path, headers) => {
      const refused = await post(path, gzipSync('{}'), { ...headers, 'content-encoding': 'gzip' });
      expect([refused.status, refused.headers.get('accept-encoding')]).toEqual([415, 'identity']);
    });

    test('is refused by a form too', async () => {
      const open = await startCheckout({ database: kind });
      const { body: hold } = await open.hold(await open.createProduct());
      const refused = await fetch(`${open.url}/simulated-payments/sim_${hold.hold_id}_secret`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
        body: new Uint8Array(gzipSync('action=early')),
      });
      expect([refused.status, refused.headers.get('accept-encoding')]).toEqual([415, 'identity']);
      await open.stop();
    });

    test('is refused before its signature is checked, however it is signed', async () => {
      const event = JSON.stringify({ idempotency_key: 'zipped', order_id: 5, status: 'paid' });
      const signature = await signEvent(webhook, event);
      const coded = { ...signature, 'content-encoding': 'gzip' };
      expect((await post(webhook, gzipSync(event), coded)).status).toBe(415);
      expect((await post(webhook, event, { ...signature, 'content-encoding': 'identity' })).status).toBe(202);
    });

    test('is not found where nothing is served, and needs the token where one is asked for', async () => {
      const coded = { 'content-encoding': 'gzip' };
      expect((await post('/nowhere', gzipSync('{}'), coded)).status).toBe(404);
      expect((await post('/api/v1/admin/products', gzipSync('{}'), coded)).status).toBe(401);
    });

    test('in its transfer is refused with the coding named', async () => {
      const zipped = gzipSync(holdText());
      const [refused] = await exchange(
        checkout.url,
        Buffer.concat([
          Buffer.from(
            'POST /api/v1/holds HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n' +
              `Transfer-Encoding: gzip, chunked\r\n\r\n${zipped.length.toString(16)}\r\n`,
          ),
          zipped,
          Buffer.from('\r\n0\r\n\r\n'),
        ]),
      );
      expect([refused?.status, refused?.body.code]).toEqual([415, 'unsupported_media_type']);
      expect(refused?.body.detail).toContain('Transfer-Encoding "gzip, chunked"');
    });
  });

  test.each(['identity', 'Identity', 'identity, identity', ''])(
    'with Content-Encoding %j is read as it is',
    async (coding) => {
      expect((await postHold(holdText(), { 'content-encoding': coding })).status).toBe(201);
    },
  );

  describe('that begins with a byte-order mark', () => {
    test('is read as without it', async () => {
      expect(await postHold(`${mark}${holdText()}`)).toMatchObject({ status: 201, body: { quantity: 1 } });
    });

    test.each([`${mark}${mark}{}`, `{${mark}}`, `{}${mark}`, ` ${mark}{}`, mark])(
      'once only and nowhere else: %j is not JSON',
      async (body) => {
        const refused = await postHold(body);
        expect([refused.status, refused.body.code]).toEqual([400, 'malformed_json']);
      },
    );

    test('is signed with the mark: the signature covers the bytes that came', async () => {
      const event = JSON.stringify({ idempotency_key: 'marked', order_id: 6, status: 'paid' });
      const marked = `${mark}${event}`;
      expect((await post(webhook, marked, await signEvent(webhook, marked))).status).toBe(202);
      expect((await post(webhook, marked, await signEvent(webhook, event))).status).toBe(401);
    });
  });

  describe('in a charset', () => {
    const named = (type: string) => ({ 'content-type': type });

    test.each([
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/json; charset=utf8',
      'APPLICATION/JSON; CharSet=us-ascii',
      'application/json; charset=iso-8859-1',
      'application/json; charset=latin1',
    ])('that reads ASCII as UTF-8 does is read: %s', async (type) => {
      expect((await postHold(holdText(), named(type))).status).toBe(201);
    });

    test.each([
      ['utf-16', Buffer.from(holdTextOf(1), 'utf16le')],
      ['utf-16', holdTextOf(1)],
      ['utf-16le', Buffer.from(holdTextOf(1), 'utf16le')],
      ['klingon', holdTextOf(1)],
      ['latin1', Buffer.from('{"name":"K\u{e4}se"}', 'latin1')],
      ['windows-1252', '{"name":"K\u{e4}se"}'],
    ])('of another reading is refused: %s', async (charset, body) => {
      const refused = await postHold(body, named(`application/json; charset=${charset}`));
      expect([refused.status, refused.body.code]).toEqual([415, 'unsupported_media_type']);
      expect(refused.body.detail).toBe(`Expected UTF-8, got charset "${charset}". Send the body in UTF-8.`);
      expect(refused.headers.get('accept-encoding')).toBeNull();
    });

    test('that is not UTF-8 is not JSON, so that no name is stored with replaced letters', async () => {
      const product = '{"name":"K\u{e4}se","price":1,"currency":"USD","stock":1}';
      const refused = await post('/api/v1/admin/products', Buffer.from(product, 'latin1'), asAdmin);
      expect(refused).toMatchObject({
        status: 400,
        body: { code: 'malformed_json', detail: 'The body is not UTF-8.' },
      });
      const made = await post('/api/v1/admin/products', product, asAdmin);
      expect(made).toMatchObject({ status: 201, body: { name: 'K\u{e4}se' } });
    });
  });

  test.each([
    'application/problem+json',
    'application/vnd.api+json',
    'application/json-patch+json',
    'application/merge-patch+json',
    'text/json',
    'text/plain',
  ])('of the type %s is refused with the type named', async (type) => {
    const refused = await postHold(holdText(), { 'content-type': type });
    expect([refused.status, refused.body.code]).toEqual([415, 'unsupported_media_type']);
    expect(refused.body.detail).toBe(`Expected Content-Type application/json, got "${type}".`);
  });
});

function holdTextOf(productId: number): string {
  return JSON.stringify({ product_id: productId, qty: 1 });
}
