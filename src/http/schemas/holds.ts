import { quantityMax } from '../../domain/product.ts';
import { type Static, Type } from './type.ts';
import { count, described, id, instant, nullable, oneOf, strictObject } from './values.ts';

export const createHoldBody = strictObject(
  {
    product_id: id,
    qty: Type.Integer({
      minimum: 1,
      maximum: quantityMax,
      description: 'How many units: all of them are held, or none.',
    }),
  },
  { examples: [{ product_id: 1, qty: 2 }] },
);

export const holdStatus = oneOf('held', 'ordered', 'consumed', 'released');

const holdProperties = {
  hold_id: id,
  expires_at: described(
    instant,
    'The deadline: from then on the units are available to others. An order moves it to that of the payment.',
  ),
  product_id: id,
  quantity: count,
  status: holdStatus,
};
const holdExample = {
  hold_id: 4738201964413057,
  expires_at: '2026-11-27T09:02:00Z',
  product_id: 1,
  quantity: 2,
  status: 'held',
};

export const createdHoldAnswer = Type.Object(holdProperties, {
  description:
    'The hold. `Location` leads to it; `Idempotency-Replayed: true` says that an earlier request made it.',
  examples: [holdExample],
});
export type CreatedHoldAnswer = Static<typeof createdHoldAnswer>;

export const holdAnswer = Type.Object(
  { ...holdProperties, order_id: described(nullable(id), 'The order that it became.') },
  { description: 'The hold.', examples: [{ ...holdExample, order_id: null }] },
);
export type HoldAnswer = Static<typeof holdAnswer>;

/** A hold in a list of the admin API. */
export const holdItem = Type.Object({ ...holdProperties, order_id: nullable(id), created_at: instant });
export type HoldItem = Static<typeof holdItem>;
