import { describe, expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import { stripeModesOf } from '../../src/config/stripe-mode.ts';
import { paymentEventsOf } from '../../src/node/payment-parts.ts';
import { stripeEvents } from '../../src/payments/stripe/stripe-events.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { serverWith } from '../support/server-with.ts';
import { bothSecrets, stripePath, webhookPath } from '../support/signed-events.ts';

const { WEBHOOK_SECRETS, STRIPE_WEBHOOK_SECRETS } = bothSecrets;
const secretSets = {
  none: {},
  standard: { WEBHOOK_SECRETS },
  stripe: { STRIPE_WEBHOOK_SECRETS },
  both: bothSecrets,
} as const;
const loopback = ['127.0.0.1', '127.8.9.10', '::1', 'localhost'];
const open = ['0.0.0.0', '::', '192.0.2.1', 'shop.example'];

type Row = {
  readonly secrets: keyof typeof secretSets;
  readonly host: string;
  readonly nodeEnv: string;
};
const rows: readonly Row[] = (['none', 'standard', 'stripe', 'both'] as const).flatMap((secrets) =>
  [...loopback, ...open].flatMap((host) =>
    ['development', 'test', 'production'].map((nodeEnv) => ({ secrets, host, nodeEnv })),
  ),
);
/** Where anybody would be believed. */
const refused = rows.filter(
  ({ secrets, host, nodeEnv }) => secrets === 'none' && (open.includes(host) || nodeEnv === 'production'),
);
const configOf = ({ secrets, host, nodeEnv }: Row) =>
  loadConfig({
    ...secretSets[secrets],
    HOST: host,
    NODE_ENV: nodeEnv,
    PORT: '0',
    LOG_FILE: '',
    DATABASE_URL: 'sqlite::memory:',
  });

describe('the endpoints of payment events', () => {
  const expected = {
    none: { [webhookPath]: 'unsigned', [stripePath]: 'closed' },
    standard: { [webhookPath]: 'signed', [stripePath]: 'closed' },
    stripe: { [webhookPath]: 'closed', [stripePath]: 'signed' },
    both: { [webhookPath]: 'signed', [stripePath]: 'signed' },
  } as const;

  test.each(rows.filter((row) => !refused.includes(row)))(
    'with the secrets: $secrets, HOST $host and NODE_ENV $nodeEnv are open as they should be',
    async (row) => {
      const config = configOf(row);
      const { app, commands } = serverWith({
        deps: {
          paymentEvents: await paymentEventsOf(config),
          stripeEvents: await stripeEvents(config.stripeWebhookSecrets, stripeModesOf(config)),
        },
      });
      const found: Record<string, string> = {};
      for (const url of [webhookPath, stripePath]) {
        const { statusCode } = await app.inject({ method: 'POST', url, payload: {} });
        found[url] = { 404: 'closed', 401: 'signed', 422: 'unsigned' }[statusCode] ?? `answers ${statusCode}`;
      }
      expect(found).toEqual(expected[row.secrets]);
      expect(commands).toEqual([]);
    },
  );

  test.each(refused)('are not served with HOST $host and NODE_ENV $nodeEnv without a secret', async (row) => {
    const config = configOf(row);
    const pipeline = createLogger(config, { stdout: null });
    onTestFinished(() => pipeline.close());
    await expect(startServer(config, { log: pipeline.log })).rejects.toThrow(
      /^Unsigned payment events are not accepted/,
    );
  });
});
