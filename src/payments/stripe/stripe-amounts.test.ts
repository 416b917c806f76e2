import { expect, it } from 'vitest';
import { fromStripeAmount, refusalOfStripePrice, toStripeAmount } from './stripe-amounts.ts';

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

it.each([
  ['KWD', 5124, 'expected a multiple of 0.01 KWD, because Stripe takes only such amounts, got 5.124'],
  ['TND', 1, 'expected a multiple of 0.01 TND, because Stripe takes only such amounts, got 0.001'],
  ['MGA', 550, 'expected a multiple of 1 MGA, because Stripe takes only such amounts, got 5.5'],
  ['USD', 10, 'expected at least 0.5 USD, the smallest payment that Stripe takes, got 0.1'],
  ['USD', 49, 'expected at least 0.5 USD, the smallest payment that Stripe takes, got 0.49'],
  ['GBP', 29, 'expected at least 0.3 GBP, the smallest payment that Stripe takes, got 0.29'],
  ['JPY', 49, 'expected at least 50 JPY, the smallest payment that Stripe takes, got 49'],
  ['HUF', 17_499, 'expected at least 175 HUF, the smallest payment that Stripe takes, got 174.99'],
])('in %s a price of %i minor units is refused', (currency, minor, refusal) => {
  expect(refusalOfStripePrice(minor, currency)).toBe(refusal);
});

it.each([
  ['KWD', 5120],
  ['MGA', 500],
  ['USD', 50],
  ['GBP', 30],
  ['JPY', 50],
  ['HUF', 17_500],
  ['ISK', 1],
  ['TWD', 1],
  ['USD', 999_999_999],
  ['IDR', 999_999_999],
  ['KWD', 9_999_999_990],
])('in %s a price of %i minor units is not known to be refused', (currency, minor) => {
  expect(refusalOfStripePrice(minor, currency)).toBeNull();
});
