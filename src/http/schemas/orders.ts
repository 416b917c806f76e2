import { type Static, Type } from './type.ts';
import { amount, count, currency, described, id, instant, nullable, oneOf, strictObject } from './values.ts';

export const createOrderBody = strictObject({ hold_id: id }, { examples: [{ hold_id: 4738201964413057 }] });

export const orderStatus = oneOf(
  'pending',
  'paid',
  'failed',
  'cancelled',
  'expired',
  'refund_due',
  'refunded',
);
export const refundStatus = oneOf('due', 'succeeded');
export const disputeStatus = oneOf('open', 'won', 'lost');
const refundReason = oneOf(
  'late_payment',
  'amount_mismatch',
  'second_payment',
  'hold_ended',
  'requested',
  'returned',
  'returned_in_part',
);

const returned = described(
  amount,
  'What went back by other ways than this service: refunds made at the provider, and lost disputes. Absent when nothing did.',
);

const refundOfOrder = Type.Object({
  refund_id: id,
  amount,
  currency,
  status: refundStatus,
  reason: refundReason,
  returned: Type.Optional(returned),
});

const disputeOfOrder = Type.Object({
  dispute_id: Type.String({ description: "The provider's own id of the dispute." }),
  amount,
  currency,
  status: disputeStatus,
});

const payment = Type.Object(
  {
    provider: Type.String({ description: 'Who takes the payment: `stripe` or `simulated`.' }),
    client_secret: Type.String({ description: 'With it the page of the buyer pays; it is for them alone.' }),
  },
  {
    description:
      'What the buyer pays with while the order is pending. `null` where no provider is set or it has not answered yet: ask for the order again. Lists leave it out with `null`.',
  },
);

const orderProperties = {
  order_id: id,
  hold_id: id,
  product_id: id,
  quantity: count,
  total: described(amount, 'In major units, at the price of the moment of the hold.'),
  currency,
  status: orderStatus,
  payment_due_at: described(instant, 'Until then the units are held; a pending order expires then.'),
  payment: nullable(payment),
  refunds: Type.Array(refundOfOrder),
  disputes: Type.Optional(
    Type.Array(disputeOfOrder, {
      description: 'Claims of the bank of the buyer on the payment. Absent without any.',
    }),
  ),
};

export const orderAnswer = Type.Object(orderProperties, {
  description: 'The order.',
  examples: [
    {
      order_id: 6120948351207743,
      hold_id: 4738201964413057,
      product_id: 1,
      quantity: 2,
      total: 2399.98,
      currency: 'USD',
      status: 'pending',
      payment_due_at: '2026-11-27T09:11:00Z',
      payment: { provider: 'stripe', client_secret: 'pi_1_secret_2' },
      refunds: [],
    },
  ],
});
export type OrderAnswerBody = Static<typeof orderAnswer>;

/** An order in a list of the admin API. */
export const orderItem = Type.Object({ ...orderProperties, created_at: instant });
export type OrderItem = Static<typeof orderItem>;

/** A dispute in a list of the admin API, and in an event for others. */
export const disputeItem = Type.Object(
  {
    dispute_id: Type.String(),
    order_id: nullable(id),
    hold_id: nullable(id),
    product_id: nullable(id),
    payment: Type.String({
      description: 'The disputed payment: `ref:` and its reference, or `key:` and the key of its event.',
    }),
    amount,
    currency,
    status: disputeStatus,
    created_at: instant,
  },
  { description: 'The dispute.' },
);
export type DisputeItem = Static<typeof disputeItem>;

export const refundItem = Type.Object(
  {
    refund_id: id,
    order_id: nullable(id),
    hold_id: nullable(id),
    product_id: nullable(id),
    payment: Type.String({
      description:
        'The payment whose money goes back: `ref:` and its reference, or `key:` and the key of its event.',
    }),
    amount,
    currency,
    status: refundStatus,
    reason: refundReason,
    returned: Type.Optional(returned),
    created_at: instant,
  },
  { description: 'The refund.' },
);
export type RefundItem = Static<typeof refundItem>;
