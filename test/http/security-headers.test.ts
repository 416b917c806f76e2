import { describe, expect, test } from 'vitest';
import { buildPages } from '../support/built-pages.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { adminToken, type Reply } from '../support/checkout-client.ts';
import { connectRaw, exchange, requestText } from '../support/raw-http.ts';

const ofData = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

describe('every kind of answer', () => {
  test('says that it is not to be guessed, framed or run, and has an id of the server', async () => {
    await buildPages();
    const checkout = await checkoutForTest({ variables: { CORS_ORIGINS: 'https://shop.example' } });
    const order = await checkout.ordered(await checkout.createProduct());
    const secret = order.payment?.client_secret;
    const origin = { origin: 'https://shop.example' };
    const asked = { ...origin, 'access-control-request-method': 'POST' };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const data: readonly (readonly [string, Promise<Reply>])[] = [
      ['success', checkout.get('/api/v1/products')],
      ['created', checkout.hold(order.product_id)],
      ['nothing', checkout.release((await checkout.hold(order.product_id)).body.hold_id)],
      ['head', checkout.send('HEAD', '/api/v1/products', undefined)],
      ['options', checkout.send('OPTIONS', '/api/v1/holds', undefined)],
      ['preflight', checkout.send('OPTIONS', '/api/v1/holds', undefined, asked)],
      ['for a page elsewhere', checkout.get('/api/v1/products', origin)],
      ['refusal', checkout.hold(77)],
      ['no admin', checkout.get('/api/v1/admin/audit')],
      ['admin', checkout.admin('GET', '/audit')],
      ['broken body', checkout.post('/api/v1/holds', '{')],
      ['large body', checkout.post('/api/v1/holds', '"'.padEnd(65_537))],
      ['no such path', checkout.get('/nowhere')],
      ['no such method', checkout.send('PUT', '/api/v1/holds', undefined)],
      ['no such path, and a method that nothing takes', checkout.send('QUERY', '/nowhere', undefined)],
      ['path that cannot be read', checkout.get('/api/v1/products/%zz')],
      ['description', checkout.get('/api/openapi.json')],
      ['health', checkout.get('/healthz')],
      ['readiness', checkout.get('/readyz')],
      ['metrics', checkout.get('/metrics')],
      ['file of the pages that is not there', checkout.get('/assets/none.js')],
      ['form', checkout.post(`/simulated-payments/${secret}`, 'action=fail', form)],
      ['HTTP that cannot be parsed', exchange(checkout.url, 'hello\r\n\r\n').then(only)],
      [
        'large headers',
        exchange(checkout.url, requestText('GET', '/', '', { a: 'a'.repeat(17_000) })).then(only),
      ],
      ['no host', exchange(checkout.url, 'GET / HTTP/1.1\r\n\r\n').then(only)],
      ['stream of products', headOf(checkout.url, '/api/v1/products/live')],
      ['stream of the sale', headOf(checkout.url, '/api/v1/admin/live')],
    ];
    const pages: readonly (readonly [string, Promise<Reply>])[] = [
      ['storefront', checkout.get('/')],
      ['console', checkout.get('/console')],
      ['icon', checkout.get('/icon.svg')],
      ['description as a page', checkout.get('/api/docs')],
      ['file of it', checkout.get('/api/docs/static/swagger-ui.css')],
      ['file of it that is not there', checkout.get('/api/docs/static/none.js')],
      ['way out of its folder', checkout.get('/api/docs/static/../../package.json')],
      ['errors as a page', checkout.get('/api/docs/errors')],
      ['payment page', checkout.get(`/simulated-payments/${secret}`)],
    ];
    for (const [name, asking] of [...data, ...pages]) {
      const { headers } = await asking;
      expect([name, headers['x-content-type-options']]).toEqual([name, 'nosniff']);
      expect([name, headers['x-request-id']]).toEqual([name, expect.stringMatching(/^\w+-\w+$/)]);
      expect([name, headers['content-security-policy']]).toEqual([
        name,
        expect.stringMatching(/frame-ancestors 'none'/),
      ]);
      expect([name, headers['set-cookie'], headers['x-powered-by'], headers.server]).toEqual([
        name,
        undefined,
        undefined,
        undefined,
      ]);
    }
    for (const [name, asking] of data) {
      expect([name, (await asking).headers]).toEqual([name, expect.objectContaining(ofData)]);
    }
    for (const [name, asking] of pages) {
      const { headers, status } = await asking;
      if (status === 200) {
        expect([name, headers['cross-origin-opener-policy']]).toEqual([name, 'same-origin']);
      }
    }
    const named = new Map(pages);
    // Swagger UI, behind the description as a page, sets innerHTML and works only without.
    for (const name of ['storefront', 'console', 'icon', 'payment page']) {
      const policy = (await named.get(name))?.headers['content-security-policy'];
      expect([name, policy]).toEqual([
        name,
        expect.stringMatching(/; require-trusted-types-for 'script'; trusted-types 'none'$/),
      ]);
    }
    for (const [name, asking] of pages) {
      const policy = String((await asking).headers['content-security-policy']);
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? /default-src ([^;]*)/.exec(policy)?.[1];
      expect([name, scripts]).toEqual([name, expect.stringMatching(/^'(self|none)'$/)]);
    }
  });
});

/** The only answer. */
function only(replies: readonly Reply[]): Reply {
  const [reply, ...others] = replies;
  return reply !== undefined && others.length === 0 ? reply : expect.fail(`${replies.length} answers`);
}

/** The head of an answer that has no end. */
async function headOf(url: string, path: string): Promise<Reply> {
  const { socket, heard, replies } = await connectRaw(url);
  socket.write(requestText('GET', path, undefined, { authorization: `Bearer ${adminToken}` }));
  await heard();
  socket.destroy();
  const [reply] = await replies;
  return reply ?? expect.fail('no answer');
}
