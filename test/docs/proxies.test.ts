import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Asked, askFrom, statuses } from '../support/ask-from.ts';
import { CheckoutClient } from '../support/checkout-client.ts';
import { type CheckoutProcess, startProcess } from '../support/checkout-process.ts';
import { eventSecret } from '../support/event-receiver.ts';
import { openStream, productsPath, watchProducts } from '../support/event-stream.ts';
import { describeNeeding } from '../support/needing.ts';
import { firstMissing } from '../support/programs.ts';
import { haproxy, nginx, nginxArguments, type ProxyExample } from '../support/proxies.ts';
import { freePort } from '../support/servers.ts';
import { until } from '../support/until.ts';

const view = '/api/v1/products/1';

const behindProxy = { TRUST_PROXY: '127.0.0.1', WEBHOOK_SECRETS: eventSecret, SEED: 'true' };

function newDatabaseUrl(): string {
  const folder = mkdtempSync(join(tmpdir(), 'behind-proxy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return `sqlite:${join(folder, 'flash-sale.db')}`;
}

function startNode(databaseUrl: string, variables: Readonly<Record<string, string>> = {}) {
  return startProcess({ databaseUrl, variables: { ...behindProxy, ...variables } });
}

/** A node whose database is away: it lives, and its /readyz is 503. */
async function startUnready(): Promise<CheckoutProcess> {
  const variables = { ...behindProxy, PORT: String(await freePort()) };
  const databaseUrl = `mysql://shop@127.0.0.1:${await freePort()}/sale`;
  return startProcess({ databaseUrl, variables, waits: false });
}

async function twoNodes(variables: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const databaseUrl = newDatabaseUrl();
  const first = await startNode(databaseUrl, variables);
  const second = await startNode(databaseUrl, variables);
  return [first, second].map(hostOf);
}

function hostOf({ url }: { readonly url: string }): string {
  return new URL(url).host;
}

function many(count: number, url: string, path: string, asked: (index: number) => Asked) {
  return Promise.all(Array.from({ length: count }, (_, index) => askFrom(url, path, asked(index))));
}

const onNewConnection = () => ({ onNewConnection: true });

/** Resolves once ten requests at the same time are answered 200. */
function untilSteady(url: string): Promise<unknown> {
  return until(async () => statuses(await many(10, url, view, onNewConnection))[200] === 10, 100);
}

/** A node that reads a request and closes the connection without an answer. */
async function breakingNode(received: string[]): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const [line = ''] = data.toString().split('\r\n');
      if (!line.includes('/readyz')) {
        received.push(line);
      }
      socket.destroy();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => new Promise<void>((closed) => server.close(() => closed())));
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' ? `127.0.0.1:${address?.port}` : '';
}

const pathsOfOperators = [
  '/metrics',
  '/metrics?a=1',
  '/%6detrics',
  '/%6d%65trics',
  '/./metrics',
  '/a/../metrics',
  '//metrics',
  '/metrics/',
  '/readyz',
  '/%72eadyz',
];

const proxies: readonly ProxyExample[] = [nginx, haproxy];

for (const proxy of proxies) {
  describeNeeding(proxy.missing)(`the example of ${proxy.name}`, () => {
    it('is valid as it is, on any machine', () => {
      expect(proxy.check()).toMatchObject({ status: 0 });
    });

    it('passes a hold on, and each message of a live stream when it comes', async () => {
      // One node in both places: without Redis, another node would show the hold after CACHE_TTL_MS.
      const node = hostOf(await startNode(newDatabaseUrl()));
      const { url } = await proxy.start({ nodes: [node, node] });
      const stream = await watchProducts({ url });
      await stream.until('products');
      expect((await new CheckoutClient(url, '').hold(1, 2)).status).toBe(201);
      await stream.until('products', ({ products }) => products.some((each) => each.held_stock === 2));
    });

    it('answers a flood from one address with 429, and serves the others', async () => {
      const { url } = await proxy.start({ nodes: await twoNodes() });
      const flood = await many(900, url, view, () => ({ from: '127.0.0.2' }));
      expect(Object.keys(statuses(flood))).toEqual(['200', '429']);
      const refused = flood.find(({ status }) => status === 429);
      expect(refused?.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'retry-after': '1',
      });
      expect(JSON.parse(refused?.text ?? '')).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(statuses(await many(10, url, view, () => ({ from: '127.0.0.3' })))).toEqual({ 200: 10 });
    });

    it('keeps 100 live streams open for one address', async () => {
      const { url } = await proxy.start({ nodes: await twoNodes() });
      const streams = await Promise.all(Array.from({ length: 100 }, () => openStream({ url }, productsPath)));
      expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
      expect((await openStream({ url }, productsPath)).status).toBe(429);
      streams[0]?.leave();
      await until(async () => (await openStream({ url }, productsPath)).status === 200, 50);
    });

    it('tells the nodes the address of the peer, whatever the client sends', async () => {
      const { url } = await proxy.start({ nodes: await twoNodes({ RATE_LIMIT_HOLDS: '2' }) });
      const hold = { method: 'POST', body: { product_id: 1, qty: 1 } };
      const spoofed = await many(40, url, '/api/v1/holds', (index) => ({
        ...hold,
        headers: { 'x-forwarded-for': `198.51.100.${index}` },
      }));
      expect(statuses(spoofed)[429]).toBeGreaterThan(0);
      const others = await many(12, url, '/api/v1/holds', (index) => ({
        ...hold,
        from: `127.0.0.${index + 10}`,
      }));
      expect(statuses(others)).toEqual({ 201: 12 });
    });

    it('counts a /64 of IPv6 as one client', async () => {
      const { url } = await proxy.start({ nodes: await twoNodes(), behindLoadBalancer: true });
      const flood = (client: (index: number) => string) =>
        proxy === nginx
          ? many(900, url, view, (index) => ({ headers: { 'x-client': client(index) } }))
          : many(900, url, view, (index) => ({ proxied: client(index) }));
      expect(
        statuses(await flood((index) => `2001:db8:a0a:a0a::${index.toString(16)}`))[429],
      ).toBeGreaterThan(0);
      expect(statuses(await flood((index) => `2001:db8:b:${index.toString(16)}::1`))).toEqual({ 200: 900 });
    });

    it('logs each 401 with its address, and nothing else', async () => {
      const { url, log } = await proxy.start({ nodes: await twoNodes() });
      const asked = { from: '127.0.0.9', headers: { authorization: 'Bearer wrong' } };
      expect((await askFrom(url, '/api/v1/admin/orders', asked)).status).toBe(401);
      expect((await askFrom(url, view)).status).toBe(200);
      expect((await askFrom(url, '/api/v1/orders/1')).status).toBe(404);
      const line = await until(() => /.*\/api\/v1\/admin\/orders.*\n/.exec(log())?.[0]);
      expect(line).toContain('127.0.0.9');
      expect(line).toContain(' 401 ');
      expect(line).not.toContain('wrong');
      expect(log()).not.toMatch(/\/api\/v1\/(products|orders)/);
    });

    it('keeps /metrics and /readyz from the outside, however the path is written', async () => {
      const { url } = await proxy.start({ nodes: await twoNodes() });
      for (const path of pathsOfOperators) {
        const { status, text } = await askFrom(url, path);
        expect([path, status]).toEqual([path, 404]);
        expect(text).not.toContain('flash_sale_');
      }
    });

    it('closes the console and the admin API to other networks when its lines for that are switched on', async () => {
      const { url } = await proxy.start({ nodes: await twoNodes(), operators: '127.0.0.7' });
      for (const path of ['/console', '/%63onsole', '/api/v1/admin/orders', '/api/v1/admin/live']) {
        expect([path, (await askFrom(url, path, { from: '127.0.0.8' })).status]).toEqual([path, 403]);
        expect([path, (await askFrom(url, path, { from: '127.0.0.7' })).status]).not.toEqual([path, 403]);
      }
      expect((await askFrom(url, view, { from: '127.0.0.8' })).status).toBe(200);
    });

    it('sends a request to another node when one refuses connections', async () => {
      const [node = ''] = await twoNodes();
      const { url } = await proxy.start({ nodes: [`127.0.0.1:${await freePort()}`, node] });
      const hold = { method: 'POST', body: { product_id: 2, qty: 1 } };
      expect(statuses(await many(20, url, '/api/v1/holds', () => hold))).toEqual({ 201: 20 });
    });

    it('sends a POST once, even when its node dies before it responds', async () => {
      const received: string[] = [];
      const nodes = [addressOf(await breakingNode(received)), addressOf(await breakingNode(received))];
      const { url } = await proxy.start({ nodes });
      const { status } = await askFrom(url, '/api/v1/holds', {
        method: 'POST',
        body: { product_id: 1, qty: 1 },
      });
      expect([status, received]).toEqual([502, ['POST /api/v1/holds HTTP/1.1']]);
    });
  });
}

describeNeeding(haproxy.missing)('HAProxy', () => {
  it('sends requests to nodes whose /readyz is 200 only', async () => {
    const node = await startNode(newDatabaseUrl());
    const { url } = await haproxy.start({ nodes: [hostOf(node), hostOf(await startUnready())] });
    await untilSteady(url);
    expect(statuses(await many(60, url, view, () => ({})))).toEqual({ 200: 60 });
  });
});

describeNeeding(firstMissing('nginx', 'curl'))('nginx', () => {
  it('is without a node while deploy/nginx-readiness.sh finds its /readyz to be 503', async () => {
    const node = await startNode(newDatabaseUrl());
    const unready = await startUnready();
    const { url, folder } = await nginx.start({ nodes: [hostOf(node), hostOf(unready)] });
    const upstream = join(folder, 'nginx-upstream.conf');
    // The command of nginx may have options, but a shell splits it at spaces: the quoted one stands in a script.
    const program = join(folder, 'nginx.sh');
    const given = nginxArguments(join(folder, 'nginx.conf'), folder)
      .map((each) => `'${each}'`)
      .join(' ');
    writeFileSync(program, `exec ${nginx.program} ${given} "$@"\n`);
    const check = () =>
      execFileSync(resolve('deploy/nginx-readiness.sh'), [upstream], {
        env: { PATH: process.env.PATH, NGINX_COMMAND: `sh ${program}` },
      });

    expect(statuses(await many(60, url, view, onNewConnection))).toMatchObject({ 503: expect.any(Number) });
    check();
    expect(readFileSync(upstream, 'utf8').match(/.* down;/g)).toEqual([
      `server ${hostOf(unready)} max_fails=3 fail_timeout=5s down;`,
    ]);
    await untilSteady(url);
    expect(statuses(await many(60, url, view, onNewConnection))).toEqual({ 200: 60 });

    // No node is ready: both stay in, because their own answer has a code.
    await node.kill();
    check();
    expect(readFileSync(upstream, 'utf8')).not.toContain('down');
    const { status, text } = await until(async () => {
      const answer = await askFrom(url, view, onNewConnection());
      return answer.status === 503 && answer;
    }, 50);
    expect([status, JSON.parse(text).code]).toEqual([503, 'database_unavailable']);
  });
});
