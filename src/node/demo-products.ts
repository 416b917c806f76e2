import type { SeedProduct } from '../domain/commands.ts';

/** What a new installation has to sell, so that it can be tried at once. */
export const demoProducts: readonly SeedProduct[] = [
  { name: 'Phone, 256 GB', priceMinor: 119_999, currency: 'USD', stock: 50 },
  { name: 'Sneakers, limited edition', priceMinor: 18_900, currency: 'USD', stock: 500 },
  { name: 'Concert ticket, front row', priceMinor: 24_950, currency: 'USD', stock: 40 },
  { name: 'Concert ticket, standing', priceMinor: 7_900, currency: 'USD', stock: 1_500 },
  { name: 'Game console', priceMinor: 49_999, currency: 'USD', stock: 200 },
  { name: 'Graphics card', priceMinor: 89_900, currency: 'USD', stock: 75 },
  { name: 'Signed vinyl record', priceMinor: 3_499, currency: 'USD', stock: 100 },
  { name: 'Festival weekend pass', priceMinor: 31_000, currency: 'USD', stock: 1_000 },
  { name: 'Mechanical keyboard', priceMinor: 15_990, currency: 'USD', stock: 120 },
  { name: 'Last piece in the box', priceMinor: 990, currency: 'USD', stock: 1 },
];
