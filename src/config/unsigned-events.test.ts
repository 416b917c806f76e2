import { expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { assertEventsCanBeTrusted, unsignedEventsAllowed } from './unsigned-events.ts';

const secret = { WEBHOOK_SECRETS: 'whsec_c2VjcmV0' };
const proxy = { TRUST_PROXY: '127.0.0.1' };
const stripeSecret = { STRIPE_WEBHOOK_SECRETS: 'whsec_of_an_endpoint_at_stripe' };

it.each([
  { env: {}, unsigned: true, starts: true },
  { env: { HOST: '::1' }, unsigned: true, starts: true },
  { env: { HOST: '127.0.0.2', NODE_ENV: 'test' }, unsigned: true, starts: true },
  { env: { HOST: '0.0.0.0' }, unsigned: false, starts: false },
  { env: { HOST: '::' }, unsigned: false, starts: false },
  { env: { HOST: 'shop.example' }, unsigned: false, starts: false },
  { env: { NODE_ENV: 'production' }, unsigned: false, starts: false },
  { env: { ...proxy }, unsigned: false, starts: false },
  { env: { ...proxy, ...secret }, unsigned: false, starts: true },
  { env: { ...secret }, unsigned: false, starts: true },
  { env: { ...stripeSecret, HOST: '0.0.0.0', NODE_ENV: 'production' }, unsigned: false, starts: true },
])('with $env: unsigned events taken: $unsigned, server starts: $starts', ({ env, unsigned, starts }) => {
  const config = loadConfig(env);
  expect(unsignedEventsAllowed(config)).toBe(unsigned);
  const start = () => assertEventsCanBeTrusted(config);
  if (starts) {
    expect(start).not.toThrow();
  } else {
    expect(start).toThrow(ConfigError);
    expect(start).toThrow(
      /^Unsigned payment events are not accepted while [^\n]+ set WEBHOOK_SECRETS [^\n]+$/,
    );
  }
});

it('says that a proxy is what forbids unsigned events', () => {
  expect(() => assertEventsCanBeTrusted(loadConfig(proxy))).toThrow(
    'while TRUST_PROXY is set: set WEBHOOK_SECRETS',
  );
});
