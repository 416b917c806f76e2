import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { plainEndpointsLine } from './plain-endpoints.ts';

const lineFor = (EVENT_WEBHOOK_URLS: string, NODE_ENV = 'production') =>
  plainEndpointsLine(loadConfig({ EVENT_WEBHOOK_URLS, NODE_ENV }));

describe('endpoints over plain HTTP', () => {
  it('are one warning in production that names hosts and nothing secret', () => {
    const urls =
      'http://me:hunter2@shop.example/in/hunter2?token=hunter2,https://b.example/,http://8.8.8.8:9000/x';
    expect(lineFor(urls)).toBe(
      'EVENT_WEBHOOK_URLS: events for shop.example, 8.8.8.8:9000 travel unencrypted over http://: use https://',
    );
    expect(lineFor(urls, 'development')).toBeNull();
  });

  it.each([
    'http://127.0.0.1:9000/',
    'http://127.9.9.9/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://169.254.1.1/',
    'http://[::1]/',
    'http://[fe80::1]/',
    'http://[fd12::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://shop/',
    'http://shop.internal/',
    'http://Shop.LOCAL./',
    'http://a.localhost/',
    'https://shop.example/',
  ])('are fine inside a private network, and over TLS: %s', (url) => {
    expect(lineFor(url)).toBeNull();
  });

  it.each([
    'http://shop.example/',
    'http://172.32.0.1/',
    'http://11.0.0.1/',
    'http://[2001:db8::1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://local.example/',
    'http://internal.example/',
  ])('are a warning outside: %s', (url) => {
    expect(lineFor(url)).toContain(new URL(url).host);
  });
});
