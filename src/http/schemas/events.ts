import { pageQuery } from './admin.ts';
import { type Static, Type } from './type.ts';
import { count, id, instant, nullable, oneOf, strictObject } from './values.ts';

const eventType = oneOf(
  'order.created',
  'order.paid',
  'order.expired',
  'order.failed',
  'order.cancelled',
  'refund.due',
  'refund.succeeded',
  'refund.failed',
  'dispute.opened',
  'dispute.won',
  'dispute.lost',
  'payment.unmatched',
  'product.sold_out',
  'product.available_again',
);
const deliveryStatus = oneOf('pending', 'delivered', 'dead');
/** The host of the endpoint and a part of a hash of its URL. */
const endpoint = Type.String({
  title: 'the id of an endpoint such as shop.example-1f3a9c2e',
  minLength: 1,
  maxLength: 255,
  pattern: '^[a-z\\d.-]+$',
});

export const eventsQuery = strictObject({
  ...pageQuery,
  type: Type.Optional(eventType),
  product_id: Type.Optional(id),
  order_id: Type.Optional(id),
  hold_id: Type.Optional(id),
});
export const deliveriesQuery = strictObject({
  ...pageQuery,
  endpoint: Type.Optional(endpoint),
  status: Type.Optional(deliveryStatus),
  event_id: Type.Optional(id),
});
export const endpointParams = strictObject({ endpoint });

/** An event for others. */
export const eventItem = Type.Object({
  event_id: id,
  webhook_id: Type.String({ description: 'The `webhook-id` that its receivers know.' }),
  type: eventType,
  product_id: nullable(id),
  order_id: nullable(id),
  hold_id: nullable(id),
  data: Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    additionalProperties: true,
    description: 'What the event is about, as it was then; `type` says what it is.',
  }),
  created_at: instant,
});
export type EventItem = Static<typeof eventItem>;

/** An event on its way to one endpoint. */
export const deliveryItem = Type.Object({
  event_id: id,
  webhook_id: Type.String(),
  type: eventType,
  order_id: nullable(id),
  endpoint: Type.String(),
  status: deliveryStatus,
  attempts: count,
  next_attempt_at: nullable(instant),
  last_error: nullable(Type.String()),
  created_at: instant,
});
export type DeliveryItem = Static<typeof deliveryItem>;

export const endpointItem = Type.Object(
  {
    endpoint: Type.String(),
    configured: Type.Boolean({ description: 'Whether `EVENT_WEBHOOK_URLS` of this process has it.' }),
    pending: count,
    dead: count,
    switched_off_at: nullable(instant),
    reason: nullable(Type.String()),
  },
  { description: 'The endpoint.' },
);
export type EndpointItem = Static<typeof endpointItem>;

export const endpointsAnswer = Type.Object(
  { endpoints: Type.Array(endpointItem) },
  { description: 'All endpoints.' },
);

export const resentAnswer = Type.Object(
  { resent: count },
  { description: 'To how many endpoints the event is on its way again.', examples: [{ resent: 1 }] },
);
