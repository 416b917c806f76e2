import {
  CheckoutError,
  type Decision,
  type Delivery,
  type Dispute,
  type ListedHold,
  type ListedOrder,
  type ListedPaymentEvent,
  type OutgoingEvent,
  type Refund,
} from '../../src/client/checkout-client.ts';
import type { AdminApi } from './admin-api.ts';

/** All that is known of one purchase. */
export type Story = {
  readonly hold: ListedHold | null;
  readonly order: ListedOrder | null;
  /** Told of the order, or parked until there is one. */
  readonly payments: readonly ListedPaymentEvent[];
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  /** Of operators, about the order. Those about payment events are part of the events. */
  readonly decisions: readonly Decision[];
  /** What others were told, and how that went. */
  readonly events: readonly { readonly event: OutgoingEvent; readonly deliveries: readonly Delivery[] }[];
};

/**
 * Looks for an order, a hold or a payment of this name.
 *
 * @returns null when there is none
 */
export async function loadStory(api: AdminApi, searched: string): Promise<Story | null> {
  const id = /^\d{1,16}$/.test(searched) ? Number(searched) : null;
  if (id !== null && Number.isSafeInteger(id) && id > 0) {
    const order = await unlessMissing(api.order(id));
    if (order !== null) {
      return storyOf(api, order.hold_id);
    }
    const [hold] = await api.holds({ hold_id: id });
    if (hold !== undefined) {
      return storyOf(api, id);
    }
  }
  return byPayment(api, searched);
}

async function byPayment(api: AdminApi, name: string): Promise<Story | null> {
  const byReference = await api.paymentEvents({ payment_reference: name });
  const payments = byReference.length > 0 ? byReference : await api.paymentEvents({ idempotency_key: name });
  const [payment] = payments;
  if (payment === undefined) {
    return null;
  }
  const order = payment.order_id === null ? null : await unlessMissing(api.order(payment.order_id));
  const holdId = order?.hold_id ?? payment.hold_id;
  return holdId === null
    ? { hold: null, order: null, payments, refunds: [], disputes: [], decisions: [], events: [] }
    : storyOf(api, holdId);
}

async function storyOf(api: AdminApi, holdId: number): Promise<Story> {
  const ofHold = { hold_id: holdId };
  const [[hold = null], [order = null], payments, refunds, disputes, events] = await Promise.all([
    api.holds(ofHold),
    api.orders(ofHold),
    api.paymentEvents(ofHold),
    api.refunds(ofHold),
    api.disputes(ofHold),
    api.events(ofHold),
  ]);
  // Events that named the order only.
  const named = order === null ? null : { order_id: order.order_id };
  const ofOrder = named === null ? [] : await api.paymentEvents(named);
  const decisions = named === null ? [] : await api.decisions(named);
  const byKey = new Map([...payments, ...ofOrder].map((event) => [event.idempotency_key, event]));
  return {
    hold,
    order,
    payments: [...byKey.values()],
    refunds,
    disputes,
    decisions: decisions.filter(({ idempotency_key }) => idempotency_key === undefined),
    events: await Promise.all(
      events.map(async (event) => ({
        event,
        deliveries: await api.deliveries({ event_id: event.event_id }),
      })),
    ),
  };
}

async function unlessMissing<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CheckoutError && error.status === 404) {
      return null;
    }
    throw error;
  }
}
