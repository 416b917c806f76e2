import { expect, it } from 'vitest';
import { moneyText } from './number-text.ts';

it.each([
  [1199.99, 'USD', '1,199.99'],
  [10, 'JPY', '10'],
  [1.005, 'BHD', '1.005'],
  // Languages write these without decimals, but they are asked for.
  [10.505, 'IQD', '10.505'],
  [10.5, 'ALL', '10.5'],
])('%s %s is written with all of its decimals', (amount, currency, digits) => {
  expect(moneyText(amount, currency)).toMatch(new RegExp(`\\D${digits}$`));
});

it('a total has no more decimals than its price', () => {
  expect(moneyText(0.1 * 3, 'USD')).toBe(moneyText(0.3, 'USD'));
  expect(moneyText(1.005 * 7, 'BHD')).toBe(moneyText(7.035, 'BHD'));
});
