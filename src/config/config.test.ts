import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal-of.ts';
import { loadConfig } from './config.ts';

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
      localHosts: [],
      liveViewersMax: 10_000,
      liveViewersPerAddressMax: 0,
      rateLimitHolds: 0,
      rateLimitUnknownIds: 0,
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

  it.each(['sqlite:file:/var/lib/sale.db', 'sqlite://file:sale.db'])(
    'refuses the URI of a file in %s, which SQLite reads as another path',
    (url) => {
      expect(refusalOf(() => loadConfig({ DATABASE_URL: url }))).toMatch(
        /^DATABASE_URL: expected sqlite:<path>, /,
      );
    },
  );

  it('refuses a database that this version does not know', () => {
    expect(refusalOf(() => loadConfig({ DATABASE_URL: 'oracle://root:hunter2@db/sale' }))).toBe(
      'DATABASE_URL: expected sqlite:<path>, sqlite::memory:, mysql://…, mariadb://… or postgres://…, got something else (not shown, because it is secret)',
    );
  });
});

describe('secrets in production', () => {
  const production = { NODE_ENV: 'production' };
  const notShown = 'got something else (not shown, because it is secret)';
  const whsec = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

  it.each([
    { name: 'ADMIN_TOKEN', short: 'a'.repeat(31), long: 'a'.repeat(32), expected: 'at least 32 characters' },
    { name: 'WEBHOOK_SECRETS', short: whsec(23), long: whsec(24), expected: 'at least 24 bytes' },
    { name: 'EVENT_WEBHOOK_SECRETS', short: whsec(23), long: whsec(24), expected: 'at least 24 bytes' },
    {
      name: 'STRIPE_WEBHOOK_SECRETS',
      short: 's'.repeat(23),
      long: 's'.repeat(24),
      expected: 'at least 24 characters',
    },
  ])(
    'are refused when $name is too short, and taken from the limit on',
    ({ name, short, long, expected }) => {
      const message = refusalOf(() => loadConfig({ ...production, [name]: short }));
      expect(message).toContain(`${name}: in production expected `);
      expect(message).toContain(expected);
      expect(message).toContain(notShown);
      expect(message).not.toContain(short);
      expect(() => loadConfig({ ...production, [name]: long })).not.toThrow();
      expect(() => loadConfig({ [name]: short })).not.toThrow();
    },
  );

  it('are refused when one item of a list is too short', () => {
    const list = { WEBHOOK_SECRETS: `${whsec(32)},${whsec(8)}` };
    expect(refusalOf(() => loadConfig({ ...production, ...list }))).toContain('at least 24 bytes');
  });

  it('are measured also where NODE_ENV is a flag or stands in .env', () => {
    const env = { ADMIN_TOKEN: 'short' };
    expect(refusalOf(() => loadConfig(env, { nodeEnv: 'production' }))).toContain('at least 32 characters');
    expect(refusalOf(() => loadConfig(env, {}, production))).toContain('at least 32 characters');
  });

  it('come with two ways to make an admin token', () => {
    expect(refusalOf(() => loadConfig({ ...production, ADMIN_TOKEN: 'short' }))).toBe(
      'ADMIN_TOKEN: in production expected at least 32 characters of printable ASCII without spaces ' +
        `(openssl rand -hex 32, or node -p "crypto.randomBytes(32).toString('hex')", makes one), ${notShown}`,
    );
  });
});

describe('flags of secrets', () => {
  const keyOfSecret = [
    ['adminToken', 'ADMIN_TOKEN'],
    ['webhookSecrets', 'WEBHOOK_SECRETS'],
    ['stripeWebhookSecrets', 'STRIPE_WEBHOOK_SECRETS'],
    ['stripeApiKey', 'STRIPE_API_KEY'],
    ['eventWebhookUrls', 'EVENT_WEBHOOK_URLS'],
    ['eventWebhookSecrets', 'EVENT_WEBHOOK_SECRETS'],
  ] as const;
  it.each(keyOfSecret)('are refused, and the variables are named: %s', (key, name) => {
    const message = refusalOf(() => loadConfig({}, { [key]: 'hunter2' }));
    expect(message).toBe(
      `--${name.toLowerCase().replaceAll('_', '-')}: a secret on the command line is visible to other users ` +
        `of the machine: use ${name} or ${name}_FILE`,
    );
  });

  it.each([
    ['databaseUrl', 'mysql://root:hunter2@db/sale'],
    ['databaseUrl', 'postgres://u:p@ss:hunter2@db/sale'],
    ['databaseUrl', 'postgres://u@x:hunter2@db/sale'],
    ['databaseUrl', 'postgres://db/sale?password=hunter2'],
    ['redisUrl', 'redis://:hunter2@cache:6379'],
    ['redisUrl', 'rediss://cache?password=hunter2'],
    ['otelExporterOtlpEndpoint', 'https://me:hunter2@traces.example'],
  ])('--%s: a URL with a password is refused: %s', (key, url) => {
    const message = refusalOf(() => loadConfig({}, { [key]: url }));
    expect(message).toContain(
      'a password on the command line is visible to other users of the machine: use ',
    );
    expect(message).not.toContain('hunter2');
  });

  it.each([
    ['databaseUrl', 'sqlite:data/a:b@c.db'],
    ['databaseUrl', 'sqlite://data/a:b@c.db'],
    ['databaseUrl', 'mysql://root@db:3306/sale'],
    ['databaseUrl', 'mysql://root:@db/sale'],
    ['databaseUrl', 'postgres://[::1]:5432/sale'],
    ['redisUrl', 'redis://cache:6379'],
    ['otelExporterOtlpEndpoint', 'http://127.0.0.1:4318/'],
  ])('--%s takes a URL without a password: %s', (key, url) => {
    expect(loadConfig({}, { [key]: url })).toMatchObject({ [key]: url });
  });
});
