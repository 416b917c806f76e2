import { adminProductAnswer } from './products.ts';
import { type Static, Type } from './type.ts';
import { count, instant, nullable } from './values.ts';

const soldProduct = Type.Object({
  ...adminProductAnswer.properties,
  ordered_stock: count,
  sold: count,
});
export type SoldProduct = Static<typeof soldProduct>;

const second = Type.Object({
  at: instant,
  holds: count,
  orders: count,
  payments: count,
  refusals: count,
  p50_ms: nullable(Type.Number()),
  p99_ms: nullable(Type.Number()),
  waiting: count,
});

const secondsMessage = Type.Object({ processes: count, seconds: Type.Array(second) });
export type SecondsMessage = Static<typeof secondsMessage>;

const waiting = Type.Object({ count, oldest_at: nullable(instant) });

const attentionMessage = Type.Object({
  refunds_due: waiting,
  parked_events: count,
  unmatched_events: count,
  possible_second_payments: count,
  open_disputes: waiting,
  refused_payments: Type.Object({ ...waiting.properties, product_ids: Type.Array(count) }),
  dead_letters: count,
  failing_deliveries: count,
  switched_off_endpoints: count,
  overdue_holds: waiting,
});
export type AttentionMessage = Static<typeof attentionMessage>;

const auditMessage = Type.Object({
  ok: Type.Boolean(),
  failed: Type.Array(Type.String()),
  at: instant,
  duration_ms: count,
});
export type AuditMessage = Static<typeof auditMessage>;

/** A stream as OpenAPI can tell of it: a text. What its messages are made of stands in its description. */
export function streamAnswer(description: string) {
  return {
    description,
    content: { 'text/event-stream': { schema: Type.String({ description: 'Server-sent events.' }) } },
  };
}

export const watchHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      description:
        'The newest second that was seen: those behind it, and those that have changed since, are told.',
    }),
  ),
});
