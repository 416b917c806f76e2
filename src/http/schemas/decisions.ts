import { decisionReasonMax } from '../../domain/operator-decision.ts';
import { pageQuery } from './admin.ts';
import { type Static, Type } from './type.ts';
import {
  amount,
  count,
  currency,
  described,
  id,
  instant,
  key,
  nullable,
  oneOf,
  printableText,
  strictObject,
} from './values.ts';

const reason = described(printableText(decisionReasonMax), 'Why. It is kept with the decision and shown.');
const positive = Type.Number({ exclusiveMinimum: 0 });

export const refundOrderBody = strictObject(
  {
    amount: Type.Optional(described(positive, 'In the currency of the order. Default: all that is left.')),
    reason,
    restock: Type.Optional(
      Type.Boolean({
        description: 'Puts the units back on the shelf. Only with a refund of all that is left.',
      }),
    ),
  },
  { examples: [{ amount: 40, reason: 'one of two arrived broken' }] },
);

export const payOrderBody = strictObject(
  {
    amount: described(positive, 'The total of the order.'),
    currency,
    reference: described(key, 'Names the payment, as `payment_reference` of a payment event does.'),
    reason,
  },
  { examples: [{ amount: 2399.98, currency: 'USD', reference: 'transfer-77', reason: 'paid by transfer' }] },
);

export const operatorChoice = oneOf('pay', 'refund', 'nothing_due');
const resolutionChoice = oneOf('refund', 'nothing_due');

export const resolveEventBody = strictObject(
  { idempotency_key: key, decision: resolutionChoice, reason },
  { examples: [{ idempotency_key: 'pay_abc123', decision: 'refund', reason: 'the buyer paid twice' }] },
);

export const decisionsQuery = strictObject({
  ...pageQuery,
  order_id: Type.Optional(id),
  idempotency_key: Type.Optional(key),
});

/** What an operator decided about money. */
export const decisionItem = Type.Object({
  decision_id: id,
  decision: operatorChoice,
  idempotency_key: Type.Optional(
    Type.String({ description: 'The payment event that was resolved. Absent for an order.' }),
  ),
  payment: Type.String({
    description: 'The payment: `ref:` and its reference, or `key:` and the key of its event.',
  }),
  order_id: nullable(id),
  hold_id: nullable(id),
  product_id: nullable(id),
  amount: nullable(amount),
  currency: nullable(currency),
  restocked: described(count, 'Units that went back on the shelf.'),
  reason: Type.String(),
  decided_at: instant,
});
export type DecisionItem = Static<typeof decisionItem>;
