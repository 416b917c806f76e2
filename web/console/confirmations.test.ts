import { describe, expect, it } from 'vitest';
import { priceChange, stockChange } from './confirmations.ts';
import { aProduct } from './sale-samples.ts';

const phone = aProduct({ name: 'Phone', price: 899, currency: 'USD' });

describe('the question before a new price', () => {
  it.each([
    [899, 0.01, '$899.00 → $0.01 (-99.9%).', true],
    [899, 89.9, '$899.00 → $89.90 (-90%).', true],
    [899, 449.5, '$899.00 → $449.50 (-50%).', false],
    [100, 79.5, '$100.00 → $79.50 (-20.5%).', false],
    [100, 150.01, '$100.00 → $150.01 (+50%).', true],
    [0.01, 9_999_999.99, '$0.01 → $9,999,999.99 (+99,999,999,800%).', true],
    [9_999_999.99, 0.01, '$9,999,999.99 → $0.01 (-99.9%).', true],
  ])('of %d names the new one, %d, and the share: %s', (price, newPrice, text, isUnusual) => {
    const { sentences } = priceChange({ ...phone, price }, newPrice);
    expect(sentences[0]).toBe(`Price: ${text}`);
    expect(sentences.some((sentence) => sentence.startsWith('Check the amount'))).toBe(isUnusual);
  });
});

describe('the question before a change of stock', () => {
  it.each([
    [25, 'Add 25 units', ['On the shelf: 50 → 75.', 'Available to buyers: 40 → 65.']],
    [-1, 'Take 1 unit away', ['On the shelf: 50 → 49.', 'Available to buyers: 40 → 39.']],
    [
      -40,
      'Take 40 units away',
      [
        'On the shelf: 50 → 10.',
        'Available to buyers: 40 → 0.',
        'Buyers cannot hold this product until units become available.',
      ],
    ],
  ])('by %d units names what buyers see', (change, label, sentences) => {
    const product = { ...phone, stock: 50, held_stock: 10, available_stock: 40 };
    expect(stockChange(product, change)).toMatchObject({ label, sentences });
  });
});
