import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, readDotEnv } from './config.ts';

function refusalOf(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was accepted');
}

describe('the configuration', () => {
  it('has the documented defaults when nothing is set', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8000,
      databaseUrl: 'sqlite:data/flash-sale.db',
      pages: true,
      redisUrl: null,
      processes: 1,
      worker: true,
      workerPort: null,
      holdSeconds: 120,
      paymentSeconds: 600,
      parkedSeconds: 86_400,
      parkedMax: 100_000,
      cacheTtlMs: 5000,
      webhookSecrets: [],
      stripeWebhookSecrets: [],
      stripeApiKey: null,
      stripeApiUrl: 'https://api.stripe.com',
      simulatedPayments: null,
      eventWebhookUrls: [],
      eventWebhookSecrets: [],
      eventWebhookAllowPrivate: false,
      adminToken: null,
      adminCorsOrigins: [],
      corsOrigins: [],
      docs: true,
      trustProxy: [],
      liveViewersMax: 10_000,
      rateLimitHolds: 0,
      queueMax: 10_000,
      batchMax: 500,
      requestTimeoutMs: 5000,
      retentionDays: 30,
      logLevel: 'info',
      logFile: 'storage/logs/flash-sale.log',
      dbLogQueries: false,
      slowQueryMs: 100,
      migrate: true,
      seed: true,
      nodeEnv: 'development',
      otelExporterOtlpEndpoint: null,
      otelServiceName: 'flash-sale-checkout',
      otelTracesSampler: 'parentbased_always_on',
      otelTracesSamplerArg: 1,
    });
  });

  it('limits the rate of holds in production, unless told otherwise', () => {
    expect(loadConfig({ NODE_ENV: 'production' }).rateLimitHolds).toBe(20);
    expect(loadConfig({}, { nodeEnv: 'production' }).rateLimitHolds).toBe(20);
    expect(loadConfig({ NODE_ENV: 'production', RATE_LIMIT_HOLDS: '0' }).rateLimitHolds).toBe(0);
  });

  it('prefers flags to the environment, the environment to .env, and .env to the defaults', () => {
    const dotEnv = { PORT: '1', HOLD_SECONDS: '1', QUEUE_MAX: '1' };
    const env = { PORT: '2', HOLD_SECONDS: '2' };
    const config = loadConfig(env, { port: '3' }, dotEnv);
    expect([config.port, config.holdSeconds, config.queueMax, config.slowQueryMs]).toEqual([3, 2, 1, 100]);
  });

  it('takes an empty variable as not set, and an empty LOG_FILE as no file', () => {
    const config = loadConfig({ PORT: '', ADMIN_TOKEN: ' ', LOG_FILE: '' }, {}, { PORT: '9' });
    expect([config.port, config.adminToken, config.logFile]).toEqual([9, null, null]);
  });

  it('ignores spaces around a value', () => {
    expect(loadConfig({ PORT: ' 8001 ' }).port).toBe(8001);
  });

  it('cannot be changed', () => {
    const config = loadConfig({ WEBHOOK_SECRETS: 'whsec_b25l,whsec_dHdv' });
    expect(config.webhookSecrets).toEqual(['whsec_b25l', 'whsec_dHdv']);
    expect([Object.isFrozen(config), Object.isFrozen(config.webhookSecrets)]).toEqual([true, true]);
  });

  it.each([
    [{ HOLD_SECONDS: '2 minutes' }, 'HOLD_SECONDS: expected a whole number from 1 to 86400, got "2 minutes"'],
    [{ PORT: '70000' }, 'PORT: expected a whole number from 0 to 65535, got "70000"'],
    [{ WORKER: 'perhaps' }, 'WORKER: expected true or false, got "perhaps"'],
    [{ HOST: 'a\nb' }, 'HOST: expected a host name or an IP address without a port, got "a\\nb"'],
  ])('refuses %j and says what was expected', (env, message) => {
    expect(refusalOf(() => loadConfig(env))).toBe(message);
  });

  it('says whether a refused value came from a flag or from .env', () => {
    const expected = 'expected a whole number from 1 to 86400';
    expect(refusalOf(() => loadConfig({}, { holdSeconds: '' }))).toBe(
      `--hold-seconds: ${expected}, got nothing`,
    );
    expect(refusalOf(() => loadConfig({}, {}, { HOLD_SECONDS: '0' }))).toBe(
      `HOLD_SECONDS in .env: ${expected}, got "0"`,
    );
  });

  it.each([
    'DATABASE_URL',
    'REDIS_URL',
    'WEBHOOK_SECRETS',
    'EVENT_WEBHOOK_URLS',
    'EVENT_WEBHOOK_SECRETS',
    'ADMIN_TOKEN',
  ])('refuses a bad %s without showing it', (name) => {
    const message = refusalOf(() => loadConfig({ [name]: 'ftp://root:hunter2@db\u0000' }));
    expect(message).toContain(`${name}: expected `);
    expect(message).not.toContain('hunter2');
  });

  it.each(['sqlite::memory:', 'sqlite:/var/lib/sale data/sale.db'])('takes %s as a database', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  it('refuses a database that this version does not know', () => {
    expect(refusalOf(() => loadConfig({ DATABASE_URL: 'oracle://root:hunter2@db/sale' }))).toBe(
      'DATABASE_URL: expected sqlite:<path>, sqlite::memory:, mysql://…, mariadb://… or postgres://…, got something else (not shown, because it is secret)',
    );
  });
});

describe('.env', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flash-sale-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read when it is there', () => {
    writeFileSync(join(folder, '.env'), '# a comment\nHOLD_SECONDS=5\nLOG_FILE=\nADMIN_TOKEN="quoted"\n');
    expect(readDotEnv(folder)).toEqual({ HOLD_SECONDS: '5', LOG_FILE: '', ADMIN_TOKEN: 'quoted' });
  });

  it('may be missing', () => {
    expect(readDotEnv(folder)).toEqual({});
  });

  it('is not ignored when it cannot be read', () => {
    mkdirSync(join(folder, '.env'));
    expect(refusalOf(() => readDotEnv(folder))).toBe(
      '.env cannot be read (EISDIR): make it a readable file, or remove it',
    );
  });
});
