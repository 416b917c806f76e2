import { orderStatus } from './orders.ts';
import { type Static, Type } from './type.ts';
import { amount, count, currency, id, instant, key, nullable, oneOf } from './values.ts';

/** A payment event. Providers may add what they like, so other fields are let through and left unread. */
export const paymentEventBody = Type.Object(
  {
    idempotency_key: key,
    order_id: Type.Optional(id),
    hold_id: Type.Optional(id),
    status: oneOf('paid', 'succeeded', 'success', 'failed', 'failure'),
    amount: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    currency: Type.Optional(currency),
    payment_reference: Type.Optional(key),
  },
  {
    description: 'One of `order_id` and `hold_id` is required; `amount` and `currency` go together.',
    examples: [
      {
        idempotency_key: 'pay_abc123',
        order_id: 6120948351207743,
        status: 'paid',
        amount: 2399.98,
        currency: 'USD',
        payment_reference: 'pi_1',
      },
    ],
  },
);
export type PaymentEventBody = Static<typeof paymentEventBody>;

const answeredResults = [
  'processed',
  'ignored',
  'amount_mismatch',
  'refund_due',
  'possible_second_payment',
] as const;

export const paymentAnswer = Type.Object(
  {
    result: oneOf(...answeredResults),
    order_id: id,
    order_status: orderStatus,
    stock_deducted: count,
  },
  {
    description: 'The event was decided; it has its effect and will never have it again.',
    examples: [{ result: 'processed', order_id: 6120948351207743, order_status: 'paid', stock_deducted: 2 }],
  },
);
export type PaymentAnswerBody = Static<typeof paymentAnswer>;

export const parkedAnswer = Type.Object(
  { result: oneOf('parked') },
  { description: 'The event is kept until its order comes.', examples: [{ result: 'parked' }] },
);

/** An event of Stripe, as far as all of them are alike; what it is about depends on its type. */
export const stripeEventBody = Type.Object(
  {
    id: key,
    type: key,
    data: Type.Object({ object: Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' }) }),
  },
  {
    description: "As Stripe sends it; fields that are not named here are Stripe's business.",
    examples: [
      {
        id: 'evt_1',
        object: 'event',
        type: 'payment_intent.succeeded',
        data: {
          object: {
            id: 'pi_1',
            object: 'payment_intent',
            amount_received: 239998,
            currency: 'usd',
            metadata: { flash_sale_order_id: '6120948351207743' },
          },
        },
      },
    ],
  },
);

export const stripeAnswer = Type.Object(
  {
    result: oneOf(...answeredResults),
    order_id: nullable(id),
    order_status: nullable(Type.String()),
    stock_deducted: count,
  },
  {
    description:
      'The event was decided, or is `ignored`: it is of no concern here, and then nothing of it is kept. Without an order its fields are `null`.',
    examples: [{ result: 'processed', order_id: 6120948351207743, order_status: 'paid', stock_deducted: 2 }],
  },
);
export type StripeAnswerBody = Static<typeof stripeAnswer>;

export const paymentResult = oneOf('parked', ...answeredResults, 'unmatched');

/** A payment event in a list of the admin API. */
export const paymentEventItem = Type.Object({
  idempotency_key: Type.String(),
  order_id: nullable(id),
  hold_id: nullable(id),
  product_id: nullable(id),
  status: oneOf(
    'paid',
    'failed',
    'declined',
    'refunded',
    'refund_failed',
    'disputed',
    'dispute_won',
    'dispute_lost',
  ),
  amount: nullable(amount),
  currency: nullable(currency),
  payment_reference: nullable(Type.String()),
  result: paymentResult,
  order_status: nullable(Type.String()),
  stock_deducted: nullable(count),
  received_at: instant,
});
export type PaymentEventItem = Static<typeof paymentEventItem>;
