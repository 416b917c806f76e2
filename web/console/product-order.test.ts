import { describe, expect, it } from 'vitest';
import { idsInOrder } from './product-order.ts';
import { aProduct, aSale, sampleMs } from './sale-samples.ts';

const numbered = (count: number, name = (id: number) => `Shoe ${id}`) =>
  Array.from({ length: count }, (_, index) => aProduct({ id: index + 1, name: name(index + 1) }));
const bustle = new Map([
  [7, { units: 3, atMs: sampleMs }],
  [9, { units: 8, atMs: sampleMs }],
  // Was busier, but a while ago.
  [4, { units: 16, atMs: sampleMs - 90_000 }],
]);

describe('the order of the products', () => {
  it('is that of their numbers as long as they are few', () => {
    expect(idsInOrder(aSale(numbered(10), { bustle }), '', sampleMs)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('has the busiest first when they are many', () => {
    expect(idsInOrder(aSale(numbered(1_000), { bustle }), '', sampleMs).slice(0, 5)).toEqual([9, 7, 4, 1, 2]);
  });

  it('has those that are held most first where nothing moves', () => {
    const products = [...numbered(30), aProduct({ id: 31, held_stock: 5 })];
    expect(idsInOrder(aSale(products), '', sampleMs).slice(0, 2)).toEqual([31, 1]);
  });
});

describe('the filter', () => {
  const sale = aSale(numbered(300, (id) => `${id % 2 === 0 ? 'Red' : 'Blue'} shoe, size ${30 + (id % 20)}`));

  it.each([
    ['', 300],
    ['RED', 150],
    ['shoe red', 150],
    ['red 34', 15],
    ['green', 0],
    ['  ', 300],
  ])('%j leaves %d', (filter, count) => {
    expect(idsInOrder(sale, filter, sampleMs)).toHaveLength(count);
  });

  it('finds a product by its id', () => {
    expect(idsInOrder(sale, '217', sampleMs)).toEqual([217]);
  });
});
