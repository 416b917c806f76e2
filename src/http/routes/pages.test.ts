import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';
import { HttpCounts } from '../../telemetry/metrics/http-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'flash-sale-pages-'));
mkdirSync(join(folder, 'assets'));
for (const [path, content] of [
  ['index.html', 'the storefront'],
  ['console.html', 'the console'],
  ['icon.svg', '<svg></svg>'],
  ['assets/main-1f3a.js', 'run()'],
] as const) {
  writeFileSync(join(folder, path), content);
  writeFileSync(join(folder, `${path}.gz`), gzipSync(content));
}
afterAll(() => rmSync(folder, { recursive: true }));
const get = (url: string, headers = {}) =>
  serverWith({ deps: { pages: folder } }).app.inject({ url, headers });

describe('the pages', () => {
  it.each([
    ['/', 'the storefront', 'text/html; charset=utf-8', 'no-cache'],
    ['/console', 'the console', 'text/html; charset=utf-8', 'no-cache'],
    ['/icon.svg', '<svg></svg>', 'image/svg+xml', 'no-cache'],
    [
      '/assets/main-1f3a.js',
      'run()',
      'application/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ],
  ])('%s is served, with its kind and how long it may be kept', async (url, body, type, cacheControl) => {
    const answer = await get(url);
    expect(answer.body).toBe(body);
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'cache-control': cacheControl,
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    });
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
  });

  it('come compressed to who takes that', async () => {
    const answer = await get('/', { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBe('gzip');
  });

  it.each([
    '/index.html',
    '/console.html',
    '/console/',
    '/cart',
    '/assets/',
    '/assets/unknown.js',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/main-1f3a.js.gz/',
  ])('%s is an unknown address like any other', async (url) => {
    const answer = await get(url);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-request-id': answer.json().request_id,
    });
  });

  it('are counted like all else that is answered', async () => {
    const counts = new HttpCounts();
    const { app } = serverWith({ deps: { pages: folder, counts } });
    for (const url of ['/', '/console', '/assets/main-1f3a.js', '/assets/unknown.js']) {
      await app.inject(url);
    }
    const answered = [...counts.routes()].flatMap((route) =>
      route.byStatus().map(([status, count]) => [route.route, status, count]),
    );
    expect(answered).toEqual([
      ['/', 200, 1],
      ['/console', 200, 1],
      ['/assets/*', 200, 1],
      ['/assets/*', 404, 1],
    ]);
  });

  it('are only read', async () => {
    const answer = await serverWith({ deps: { pages: folder } }).app.inject({
      method: 'POST',
      url: '/console',
    });
    expect([answer.statusCode, answer.json().code]).toEqual([405, 'method_not_allowed']);
  });

  it('are not there where they are switched off', async () => {
    const answer = await serverWith().app.inject('/');
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
  });
});
