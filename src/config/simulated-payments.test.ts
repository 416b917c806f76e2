import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal-of.ts';
import { loadConfig } from './config.ts';
import { assertSimulationIsMeant, paymentsAreSimulated } from './simulated-payments.ts';

const signs = [
  { env: { NODE_ENV: 'production' }, shown: 'NODE_ENV=production' },
  { env: { STRIPE_API_KEY: 'sk_test_1' }, shown: 'STRIPE_API_KEY' },
  {
    env: { WEBHOOK_SECRETS: 'whsec_YSBzZWNyZXQgb2YgMzIgYnl0ZXMgZm9yIGEgdGVzdA==' },
    shown: 'WEBHOOK_SECRETS',
  },
  { env: { STRIPE_WEBHOOK_SECRETS: 'whsec_of_an_endpoint_at_stripe' }, shown: 'STRIPE_WEBHOOK_SECRETS' },
  { env: { TRUST_PROXY: '127.0.0.1' }, shown: 'TRUST_PROXY' },
];

it.each([
  { env: {}, simulated: true },
  { env: { NODE_ENV: 'test' }, simulated: true },
  { env: { SIMULATED_PAYMENTS: 'true' }, simulated: true },
  { env: { SIMULATED_PAYMENTS: 'false' }, simulated: false },
  { env: { HOST: '0.0.0.0' }, simulated: false },
  { env: { HOST: '0.0.0.0', SIMULATED_PAYMENTS: 'true' }, simulated: true },
])('with $env payments are simulated: $simulated', ({ env, simulated }) => {
  expect(paymentsAreSimulated(loadConfig(env))).toBe(simulated);
  expect(() => assertSimulationIsMeant(loadConfig(env))).not.toThrow();
});

describe.each(signs)('with $shown payments are never simulated', ({ env, shown }) => {
  it.each([{}, { SIMULATED_PAYMENTS: 'false' }])('by default or when they are switched off: %j', (more) => {
    const config = loadConfig({ ...env, ...more });
    expect(paymentsAreSimulated(config)).toBe(false);
    expect(() => assertSimulationIsMeant(config)).not.toThrow();
  });

  it('and the start stops when SIMULATED_PAYMENTS says that they are', () => {
    const config = loadConfig({ ...env, SIMULATED_PAYMENTS: 'true' });
    expect(paymentsAreSimulated(config)).toBe(false);
    expect(refusalOf(() => assertSimulationIsMeant(config))).toBe(
      `SIMULATED_PAYMENTS is true, which contradicts ${shown}: ` +
        'set SIMULATED_PAYMENTS to false for a real sale, or unset the other settings for a trial',
    );
  });
});

it('names every setting that contradicts simulated payments', () => {
  const all = Object.assign({ SIMULATED_PAYMENTS: 'true' }, ...signs.map(({ env }) => env));
  expect(refusalOf(() => assertSimulationIsMeant(loadConfig(all)))).toContain(
    `contradicts ${signs.map(({ shown }) => shown).join(', ')}: `,
  );
});
