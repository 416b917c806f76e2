import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { forwardingHeaders } from '../../src/http/plugins/forwarding-headers.ts';
import { type Body, type Checkout, checkoutForTest } from '../support/checkout.ts';
import { exchange } from '../support/raw-http.ts';
import { serverWith } from '../support/server-with.ts';
import { bothSecrets, webhookPath } from '../support/signed-events.ts';

const code = 'not_a_local_request';
type Headers = Readonly<Record<string, string>>;

/** The routes that check no signature, each as a request that would pay for an order. */
const routes: readonly {
  readonly name: string;
  readonly ask: (checkout: Checkout, order: Body, headers: Headers) => ReturnType<Checkout['post']>;
}[] = [
  {
    name: 'unsigned payment events',
    ask: (checkout, { order_id }, headers) =>
      checkout.post(webhookPath, { idempotency_key: `k_${order_id}`, order_id, status: 'paid' }, headers),
  },
  {
    name: 'simulated payments',
    ask: (checkout, { payment }, headers) =>
      checkout.post(`/simulated-payments/${payment?.client_secret}`, { action: 'succeed' }, headers),
  },
  {
    name: 'the page of simulated payments',
    ask: (checkout, { payment }, headers) =>
      checkout.get(`/simulated-payments/${payment?.client_secret}`, headers),
  },
];

describe.each(routes)('$name', ({ name, ask }) => {
  async function waiting(variables: Headers = {}) {
    const checkout = await checkoutForTest({ variables });
    return { checkout, order: await checkout.ordered(await checkout.createProduct()) };
  }

  test.each<readonly [string, Headers]>([
    ['of a shop behind a proxy', { host: 'shop.example', 'x-forwarded-for': '203.0.113.7' }],
    ['with the name of a shop', { host: 'shop.example' }],
    ['with a name that leads to this machine', { host: 'rebound.evil.example:8000' }],
    ['with a name that ends like a local one', { host: 'evil-localhost' }],
    ['with a name that begins like a local one', { host: 'localhost.evil.example' }],
    ['with an address of the network', { host: '192.168.1.5:8000' }],
    ['with every address', { host: '0.0.0.0:8000' }],
    ['with an IPv6 address of the network', { host: '[fd00::1]:8000' }],
    ['with a user before the name', { host: 'localhost@evil.example' }],
  ])('are refused to a request %s', async (_, headers) => {
    const { checkout, order } = await waiting();
    const reply = await ask(checkout, order, headers);
    expect([reply.status, reply.body.code]).toEqual([403, code]);
    expect((await checkout.orderOf(order)).status).toBe('pending');
  });

  test('are refused with each header of a proxy', async () => {
    const { checkout, order } = await waiting();
    for (const { name: header } of forwardingHeaders) {
      const reply = await ask(checkout, order, { host: 'localhost', [header]: 'x' });
      expect([header, reply.status, reply.body.code]).toEqual([header, 403, code]);
      expect(reply.body.detail).toContain(header);
    }
    expect((await checkout.orderOf(order)).status).toBe('pending');
  });

  test.each([
    'localhost',
    'LOCALHOST:8000',
    'localhost.',
    'shop.localhost:8000',
    '127.0.0.1',
    '127.8.9.10:8000',
    '[::1]',
    '[::1]:8000',
  ])('are there for a request to %s', async (host) => {
    const { checkout, order } = await waiting();
    expect((await ask(checkout, order, { host })).status).toBe(200);
  });

  test('are there under a name of LOCAL_HOSTS, and refused to a proxy under it', async () => {
    const { checkout, order } = await waiting({ LOCAL_HOSTS: 'checkout, Shop.Test' });
    for (const host of ['checkout:8000', 'shop.test', 'SHOP.test.']) {
      const proxied = await ask(checkout, order, { host, 'x-forwarded-for': '127.0.0.1' });
      expect([host, proxied.status]).toEqual([host, 403]);
      expect([host, (await ask(checkout, order, { host })).status]).toEqual([host, 200]);
    }
    expect((await ask(checkout, order, { host: 'other.test' })).status).toBe(403);
  });

  test(`${name} read nothing of a body that comes from elsewhere`, async () => {
    const { checkout, order } = await waiting();
    const reply = await checkout.post(
      name === 'unsigned payment events'
        ? webhookPath
        : `/simulated-payments/${order.payment?.client_secret}`,
      '{',
      { host: 'shop.example' },
    );
    expect([reply.status, reply.body.code]).toEqual([403, code]);
  });
});

describe('requests as a proxy or a hand writes them', () => {
  const event = JSON.stringify({ idempotency_key: 'forged', order_id: 5, status: 'paid' });
  const body = `Content-Type: application/json\r\nContent-Length: ${event.length}\r\nConnection: close\r\n\r\n${event}`;

  test.each<readonly [string, string, number]>([
    ['by the bare proxy_pass of nginx', `POST ${webhookPath} HTTP/1.0\r\nHost: 127.0.0.1:8000\r\n`, 403],
    ['of HTTP/1.0 without a host', `POST ${webhookPath} HTTP/1.0\r\n`, 403],
    [
      'for another host in the target',
      `POST http://shop.example${webhookPath} HTTP/1.1\r\nHost: localhost\r\n`,
      403,
    ],
    [
      'for this host in the target',
      `POST http://localhost:8000${webhookPath} HTTP/1.1\r\nHost: localhost\r\n`,
      500,
    ],
    [
      'for a local target and another host',
      `POST http://localhost${webhookPath} HTTP/1.1\r\nHost: a.example\r\n`,
      403,
    ],
    ['with a second host', `POST ${webhookPath} HTTP/1.1\r\nHost: localhost\r\nHost: shop.example\r\n`, 400],
    ['with an empty host', `POST ${webhookPath} HTTP/1.1\r\nHost: \r\n`, 403],
    ['without a host', `POST ${webhookPath} HTTP/1.1\r\n`, 400],
  ])('%s reach the engine only from this machine', async (_, head, status) => {
    // 500 is the answer of a server whose engine is not there: the request came as far as that.
    const { app, commands } = serverWith();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const [reply] = await exchange(url, `${head}${body}`);
    expect([reply?.status, commands.length]).toEqual([status, status === 500 ? 1 : 0]);
  });
});

test('signed events are taken from everywhere', async () => {
  const checkout = await checkoutForTest({ variables: bothSecrets });
  const headers = { host: 'shop.example', 'x-forwarded-for': '203.0.113.7' };
  const reply = await checkout.post(webhookPath, { order_id: 5 }, headers);
  expect([reply.status, reply.body.code]).toEqual([401, 'invalid_signature']);
});
