import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/client/checkout-client.ts';
import { availabilityOf, nextChangeOf, quantityMaxOf } from './availability.ts';

const product: Product = {
  id: 1,
  name: 'Phone',
  price: 1199.99,
  currency: 'USD',
  stock: 50,
  held_stock: 10,
  available_stock: 40,
  next_release_at: '2026-11-27T09:02:00Z',
  opens_at: null,
  closes_at: null,
};
const at = (time: string) => Date.parse(`2026-11-27T${time}Z`);
const window = { opens_at: '2026-11-27T09:00:00Z', closes_at: '2026-11-27T10:00:00Z' };

describe('what a buyer can get', () => {
  it.each([
    ['some', {}, { kind: 'available', left: 40, of: 50, isLow: false }],
    ['few', { available_stock: 5 }, { kind: 'available', left: 5, of: 50, isLow: true }],
    [
      'few of very many',
      { stock: 1_500, available_stock: 20 },
      { kind: 'available', left: 20, of: 1_500, isLow: true },
    ],
    [
      'a tenth that is not few',
      { stock: 1_500, available_stock: 150 },
      { kind: 'available', left: 150, of: 1_500, isLow: false },
    ],
    ['all of three', { stock: 3, available_stock: 3 }, { kind: 'available', left: 3, of: 3, isLow: true }],
    ['none now', { available_stock: 0 }, { kind: 'all_held', nextReleaseAt: '2026-11-27T09:02:00Z' }],
    ['none ever', { stock: 0, available_stock: 0 }, { kind: 'sold_out' }],
  ])('is %s', (_, fields, expected) => {
    expect(availabilityOf({ ...product, ...fields }, at('09:00:00'))).toEqual(expected);
  });

  it.each([
    ['08:59:59', 'not_open'],
    ['09:00:00', 'available'],
    ['09:59:59', 'available'],
    ['10:00:00', 'closed'],
  ])('depends on the time: at %s %s', (time, kind) => {
    expect(availabilityOf({ ...product, ...window }, at(time)).kind).toBe(kind);
  });

  it.each([
    ['08:59:59', window.opens_at],
    ['09:00:00', window.closes_at],
    ['10:00:00', null],
  ])('changes by the clock: at %s the next time is %s', (time, next) => {
    expect(nextChangeOf({ ...product, ...window }, at(time))).toBe(next);
  });

  it.each([
    [40, 10],
    [3, 3],
    [0, 1],
  ])('with %i left is at most %i at a time', (left, max) => {
    const availability = availabilityOf({ ...product, available_stock: left }, at('09:00:00'));
    expect(quantityMaxOf(availability)).toBe(max);
  });
});
