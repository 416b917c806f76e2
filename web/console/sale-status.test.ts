import { describe, expect, it } from 'vitest';
import type { SaleProduct } from './sale-messages.ts';
import { aProduct, at, sampleMs } from './sale-samples.ts';
import { saleStatus } from './sale-status.ts';
import { unitParts } from './unit-bar.tsx';

describe('the status of a sale', () => {
  it.each<[string, Partial<SaleProduct>, object]>([
    ['on sale without an end', {}, { kind: 'on_sale', until: null }],
    ['on sale from its first instant', { opens_at: at(0) }, { kind: 'on_sale', until: null }],
    ['on sale until its last', { closes_at: at(0.001) }, { kind: 'on_sale', until: at(0.001) }],
    ['closed from its end on', { closes_at: at(0) }, { kind: 'closed', at: at(0) }],
    ['to be opened', { opens_at: at(1) }, { kind: 'opens', at: at(1) }],
    ['sold out', { stock: 0, available_stock: 0 }, { kind: 'sold_out' }],
    [
      'all held',
      { held_stock: 50, available_stock: 0, next_release_at: at(9) },
      { kind: 'all_held', backAt: at(9) },
    ],
  ])('%s', (_name, over, expected) => {
    expect(saleStatus(aProduct(over), sampleMs)).toEqual(expected);
  });
});

describe('the units of a product', () => {
  it.each([
    [
      'add up to all that it ever had',
      { stock: 40, held_stock: 9, available_stock: 31, ordered_stock: 4, sold: 10 },
      { sold: 10, ordered: 4, held: 5, available: 31 },
    ],
    [
      'count an order whose deadline has come as available',
      { stock: 40, held_stock: 0, available_stock: 40, ordered_stock: 4, sold: 10 },
      { sold: 10, ordered: 0, held: 0, available: 40 },
    ],
  ])('%s', (_promise, over, expected) => {
    expect(unitParts(aProduct(over))).toEqual(expected);
  });
});
