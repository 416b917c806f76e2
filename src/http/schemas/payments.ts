import { type Static, Type } from './type.ts';
import { amount, count, currency, described, id, instant, key, nullable, oneOf } from './values.ts';

/** The last second of the year 9999: RFC 3339 writes no later one. */
const secondsMax = 253_402_300_799;

const factStatuses = ['refunded', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost'] as const;

/**
 * Fields that only a refund or a dispute has. With any other event they are the provider's own and may hold anything, as they could
 * before there were refunds and disputes.
 */
const factFields = {
  occurred_at: instant,
  refund_id: key,
  dispute_id: key,
} as const;
function factField(description: string) {
  return Type.Optional(Type.Unsafe<string>({ description }));
}

/** A payment event. Providers may add what they like, so other fields are let through and left unread. */
export const paymentEventBody = Type.Object(
  {
    idempotency_key: key,
    order_id: Type.Optional(id),
    hold_id: Type.Optional(id),
    status: described(
      oneOf('paid', 'succeeded', 'success', 'failed', 'failure', ...factStatuses),
      'The first five report the money of a payment, the others what became of it later.',
    ),
    amount: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          'What was paid. With `refunded` the sum returned so far, with `refund_failed` the refund that failed, with a dispute the disputed amount; without an amount all of the payment. 0 goes with `refunded` only.',
      }),
    ),
    currency: Type.Optional(currency),
    payment_reference: Type.Optional(
      described(
        key,
        'The payment. Without it a refund or dispute is about the payment that bought the order.',
      ),
    ),
    occurred_at: factField(
      'When a refund or dispute took place at the provider. The latest fact counts. An RFC 3339 time; default: the time of arrival.',
    ),
    refund_id: factField('With `refund_failed`: the refund. Each counts once.'),
    dispute_id: factField('With a dispute: which one. A payment may have several.'),
  },
  {
    description: 'One of `order_id` and `hold_id` is required; `amount` and `currency` go together.',
    if: { properties: { status: { enum: [...factStatuses] } } },
    // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema, in an object that is not awaited.
    then: { properties: factFields },
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
    order_id: nullable(id),
    order_status: nullable(Type.String()),
    stock_deducted: count,
  },
  {
    description:
      'The event was decided; it has its effect and will never have it again. Without an order, as for the refund of a hold that ended, its fields are `null`.',
    examples: [{ result: 'processed', order_id: 6120948351207743, order_status: 'paid', stock_deducted: 2 }],
  },
);
export type PaymentAnswerBody = Static<typeof paymentAnswer>;

export const parkedAnswer = Type.Object(
  { result: oneOf('parked') },
  { description: 'The event is kept until its order comes.', examples: [{ result: 'parked' }] },
);

/**
 * An event of Stripe, as far as all of them are alike; what it is about depends on its type. `data` is optional and `created` may be a
 * text for thin events only: `readStripeEvent` checks both.
 */
export const stripeEventBody = Type.Object(
  {
    id: key,
    type: key,
    object: Type.Optional(Type.Unsafe<unknown>({})),
    created: Type.Optional(
      Type.Unsafe<number | string>({
        title: 'a time in whole seconds since 1970',
        type: ['integer', 'string'],
        minimum: 0,
        maximum: secondsMax,
      }),
    ),
    livemode: Type.Optional(Type.Unsafe<boolean>({ title: 'true or false', type: 'boolean' })),
    account: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
    data: Type.Optional(
      Type.Unsafe<{ readonly object?: unknown }>({ title: 'an object with object', type: 'object' }),
    ),
  },
  {
    description: "As Stripe sends it, with the payload style snapshot; other fields are Stripe's business.",
    examples: [
      {
        id: 'evt_1',
        object: 'event',
        type: 'payment_intent.succeeded',
        created: 1795770000,
        livemode: true,
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
  resolution: Type.Optional(
    Type.Object(
      { decision: oneOf('pay', 'refund', 'nothing_due'), reason: Type.String(), decided_at: instant },
      { description: 'What an operator decided about the event, and why. Absent without a decision.' },
    ),
  ),
});
export type PaymentEventItem = Static<typeof paymentEventItem>;
