import { type Static, Type } from './type.ts';
import { amount, count, currency, described, id, instant, nullable } from './values.ts';

const example = {
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
};

export const productAnswer = Type.Object(
  {
    id,
    name: Type.String(),
    price: described(amount, 'Of one unit, in major units: 1199.99.'),
    currency,
    stock: described(count, 'Units not yet sold, whether held or not.'),
    held_stock: described(count, 'Units that buyers hold until a deadline.'),
    available_stock: described(count, '`stock` less `held_stock`.'),
    next_release_at: described(
      nullable(instant),
      'The earliest deadline of a hold, when units may come back; `null` when none is held.',
    ),
    opens_at: described(nullable(instant), 'Before it nothing can be held; `null`: no such limit.'),
    closes_at: described(nullable(instant), 'From then on nothing can be held; `null`: no such limit.'),
  },
  {
    description: 'The product.',
    examples: [example],
  },
);
export type ProductAnswer = Static<typeof productAnswer>;

/** A product in answers to operators. */
export const adminProductAnswer = Type.Object(
  {
    ...productAnswer.properties,
    version: Type.String({
      description:
        'Names the state of name, price and sale window; holds and stock leave it as it is. Also the `ETag`.',
    }),
  },
  {
    description: 'The product. `If-Match` with its `ETag` keeps an edit from overwriting another one.',
    examples: [{ ...example, version: 'a1b2c3d4e5f60718' }],
  },
);
export type AdminProductAnswer = Static<typeof adminProductAnswer>;

export const productsAnswer = Type.Object(
  { products: Type.Array(productAnswer) },
  { description: 'All products.' },
);
