import { expect, it } from 'vitest';
import { fromStripeAmount, toStripeAmount } from './stripe-amounts.ts';

it.each([
  ['USD', 239_998, 239_998],
  ['HUF', 10_045, 10_045],
  ['TWD', 80_045, 80_045],
  ['JPY', 500, 500],
  ['KRW', 500, 500],
  ['ISK', 5, 500],
  ['UGX', 5, 500],
  ['MGA', 500, 5],
  ['KWD', 5120, 5120],
])('in %s %i minor units are the amount %i, and back', (currency, minor, amount) => {
  expect(toStripeAmount(minor, currency)).toBe(amount);
  expect(fromStripeAmount(amount, currency)).toBe(minor);
});

it.each([
  ['MGA', 550],
  ['KWD', 5124],
  ['ISK', Number.MAX_SAFE_INTEGER],
])('in %s Stripe has no amount for %i minor units', (currency, minor) => {
  expect(toStripeAmount(minor, currency)).toBeNull();
});

it('an amount with a part of a unit that cannot be parted is none', () => {
  expect(fromStripeAmount(550, 'ISK')).toBeNull();
});
