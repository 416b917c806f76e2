import { describe, expect, it } from 'vitest';
import { isCurrency, minorPerMajor, toDecimal, toMinor, totalOf } from './money.ts';

describe('an amount', () => {
  it.each([
    [2399.98, 'USD', 239_998],
    [0.01, 'USD', 1],
    [0.07, 'USD', 7],
    [1.1, 'EUR', 110],
    [8.2, 'USD', 820],
    [9_999_999.99, 'USD', 999_999_999],
    [1200, 'JPY', 1200],
    [1.234, 'KWD', 1234],
    [1.2345, 'CLF', 12_345],
  ])('%d %s is %d minor units, and back', (amount, currency, minor) => {
    expect(toMinor(amount, currency)).toBe(minor);
    expect(toDecimal(minor, currency)).toBe(amount);
  });

  it.each([
    ['has a third decimal', 1.005, 'USD'],
    ['has a third decimal that rounds away', 2399.9800001, 'USD'],
    ['is a sum that a double cannot hold', 0.1 + 0.2, 'USD'],
    ['is smaller than a minor unit', 1e-7, 'USD'],
    ['has a decimal in a currency without', 1.5, 'JPY'],
    ['has a fourth decimal', 1.2345, 'KWD'],
    ['is too large to be exact', 1e14, 'USD'],
    ['is no number', Number.NaN, 'USD'],
    ['is endless', Number.POSITIVE_INFINITY, 'USD'],
  ])('is refused when it %s', (_case, amount, currency) => {
    expect(toMinor(amount, currency)).toBeNull();
  });
});

it.each([
  ['USD', true, 100],
  ['JPY', true, 1],
  ['KWD', true, 1000],
  ['CLF', true, 10_000],
  ['usd', false, 100],
  ['XYZ', false, 100],
  ['', false, 100],
])('knows whether %s is a currency: %s', (code, known, factor) => {
  expect(isCurrency(code)).toBe(known);
  expect(minorPerMajor(code)).toBe(factor);
});

it.each([
  ['no decimals', 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', 1],
  ['three decimals', 'BHD IQD JOD KWD LYD OMR TND', 1000],
  ['four decimals', 'CLF UYW', 10_000],
  ['two decimals, whether or not the runtime knows it', 'BOV CHE CHW COU MXV USN VED XCG ZWG', 100],
])('knows each currency of ISO 4217 with %s', (_case, codes, factor) => {
  for (const code of codes.split(' ')) {
    expect([code, isCurrency(code), minorPerMajor(code)]).toEqual([code, true, factor]);
  }
});

it.each([
  [119_999, 2, 239_998],
  [999_999_999, 1_000_000, 999_999_999_000_000],
  [9_999_999_990, 1_000_000, null],
  [Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER],
])('counts the total of %d × %d exactly or not at all', (priceMinor, quantity, total) => {
  expect(totalOf(priceMinor, quantity)).toBe(total);
});
