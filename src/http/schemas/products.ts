import { type Static, Type } from './type.ts';
import { amount, count, currency, id, instant, nullable } from './values.ts';

export const productAnswer = Type.Object(
  {
    id,
    name: Type.String(),
    price: amount,
    currency,
    stock: count,
    held_stock: count,
    available_stock: count,
    next_release_at: nullable(instant),
    opens_at: nullable(instant),
    closes_at: nullable(instant),
  },
  {
    description: 'The product.',
    examples: [
      {
        id: 1,
        name: 'Phone',
        price: 1199.99,
        currency: 'USD',
        stock: 50,
        held_stock: 2,
        available_stock: 48,
        next_release_at: '2026-11-27T09:02:00Z',
        opens_at: null,
        closes_at: null,
      },
    ],
  },
);
export type ProductAnswer = Static<typeof productAnswer>;

export const productsAnswer = Type.Object(
  { products: Type.Array(productAnswer) },
  { description: 'All products.' },
);
