import { priceMax, stockMax } from '../../domain/product.ts';
import { holdStatus } from './holds.ts';
import { disputeStatus, orderStatus, refundStatus } from './orders.ts';
import { paymentResult } from './payments.ts';
import { type TSchema, Type } from './type.ts';
import { currency, id, instant, key, nullable, printableText, strictObject } from './values.ts';

const name = printableText(200);
const price = Type.Number({ minimum: 0.01, maximum: priceMax });
const instantOrNull = nullable(instant);

export const createProductBody = strictObject(
  {
    name,
    price,
    currency,
    stock: Type.Integer({ minimum: 0, maximum: stockMax }),
    opens_at: Type.Optional(instantOrNull),
    closes_at: Type.Optional(instantOrNull),
  },
  { examples: [{ name: 'Phone', price: 1199.99, currency: 'USD', stock: 50 }] },
);

export const updateProductBody = strictObject(
  {
    name: Type.Optional(name),
    price: Type.Optional(price),
    opens_at: Type.Optional(instantOrNull),
    closes_at: Type.Optional(instantOrNull),
  },
  { minProperties: 1, examples: [{ price: 999.99 }] },
);

export const changeStockBody = strictObject(
  {
    change: Type.Integer({
      title: `an integer from -${stockMax} to ${stockMax} other than 0`,
      minimum: -stockMax,
      maximum: stockMax,
      not: { const: 0 },
    }),
    reason: printableText(255),
  },
  { examples: [{ change: 25, reason: 'second delivery' }] },
);

/** What every list takes. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(
    Type.String({ maxLength: 500, description: 'The `next_cursor` of the page before this one.' }),
  ),
};

export const ordersQuery = strictObject({
  ...pageQuery,
  status: Type.Optional(orderStatus),
  product_id: Type.Optional(id),
  hold_id: Type.Optional(id),
});
export const holdsQuery = strictObject({
  ...pageQuery,
  status: Type.Optional(holdStatus),
  product_id: Type.Optional(id),
  hold_id: Type.Optional(id),
});
export const paymentEventsQuery = strictObject({
  ...pageQuery,
  result: Type.Optional(paymentResult),
  order_id: Type.Optional(id),
  hold_id: Type.Optional(id),
  idempotency_key: Type.Optional(key),
  payment_reference: Type.Optional(key),
});
export const refundsQuery = strictObject({
  ...pageQuery,
  status: Type.Optional(refundStatus),
  order_id: Type.Optional(id),
  hold_id: Type.Optional(id),
});

export const disputesQuery = strictObject({
  ...pageQuery,
  status: Type.Optional(disputeStatus),
  order_id: Type.Optional(id),
  hold_id: Type.Optional(id),
});

/** One page of a list; each list says in which order. */
export function pageAnswer<Item extends TSchema>(item: Item) {
  return Type.Object(
    { items: Type.Array(item), next_cursor: nullable(Type.String()) },
    { description: '`next_cursor` continues, and is null on the last page.' },
  );
}

/** A count or an amount in minor units: text where it is too large to be exact as a number. */
const sum = Type.Unsafe<number | string>({ type: ['integer', 'string'] });

export const auditAnswer = Type.Object(
  {
    ok: Type.Boolean(),
    checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), expected: sum, found: sum })),
  },
  { description: 'What was recomputed from the rows, and whether it agrees.' },
);
