import { expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { paymentsAreSimulated } from './simulated-payments.ts';

it.each([
  { env: {}, simulated: true },
  { env: { NODE_ENV: 'test', WEBHOOK_SECRETS: 'whsec_c2VjcmV0' }, simulated: true },
  { env: { NODE_ENV: 'production' }, simulated: false },
  { env: { NODE_ENV: 'production', SIMULATED_PAYMENTS: 'true' }, simulated: false },
  { env: { STRIPE_API_KEY: 'sk_test_1', SIMULATED_PAYMENTS: 'true' }, simulated: false },
  { env: { SIMULATED_PAYMENTS: 'false' }, simulated: false },
  { env: { HOST: '0.0.0.0' }, simulated: false },
  { env: { HOST: '0.0.0.0', SIMULATED_PAYMENTS: 'true' }, simulated: true },
])('with $env payments are simulated: $simulated', ({ env, simulated }) => {
  expect(paymentsAreSimulated(loadConfig(env))).toBe(simulated);
});
