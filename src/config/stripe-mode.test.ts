import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { stripeModesOf, stripeTestKeyLine } from './stripe-mode.ts';

const configOf = (STRIPE_API_KEY: string, NODE_ENV: string) => loadConfig({ STRIPE_API_KEY, NODE_ENV });

describe('events of the test mode', () => {
  it.each([
    ['sk_live_1', 'production'],
    ['sk_live_1', 'development'],
    ['rk_live_1', 'development'],
    ['', 'production'],
    ['key_of_another_form', 'production'],
  ])('are ignored with the key "%s" and NODE_ENV=%s', (key, nodeEnv) => {
    const { testEventsIgnored, hasTestKey } = stripeModesOf(configOf(key, nodeEnv));
    expect(testEventsIgnored).toMatch(/^livemode is false, .*STRIPE_API_KEY is/);
    expect(hasTestKey).toBe(false);
  });

  it.each([
    ['sk_test_1', 'production', true],
    ['rk_test_1', 'production', true],
    ['sk_test_1', 'development', true],
    ['', 'development', false],
    ['key_of_another_form', 'development', false],
  ])('are accepted with the key "%s" and NODE_ENV=%s', (key, nodeEnv, hasTestKey) => {
    expect(stripeModesOf(configOf(key, nodeEnv))).toEqual({ testEventsIgnored: null, hasTestKey });
  });
});

describe('a test key', () => {
  it.each(['sk_test_hunter2', 'rk_test_hunter2'])('in production is a warning without the key: %s', (key) => {
    const line = stripeTestKeyLine(configOf(key, 'production'));
    expect(line).toMatch(/^STRIPE_API_KEY is a test key.+sk_live_/);
    expect(line).not.toContain('hunter2');
  });

  it.each([
    ['sk_test_1', 'development'],
    ['sk_live_1', 'production'],
    ['', 'production'],
  ])('is not warned of with "%s" and NODE_ENV=%s', (key, nodeEnv) => {
    expect(stripeTestKeyLine(configOf(key, nodeEnv))).toBeNull();
  });
});
