import {
  CheckoutError,
  type Delivery,
  type Hold,
  type ListedHold,
  type ListedOrder,
  type ListedPaymentEvent,
  type Order,
  type OutgoingEvent,
  type Refund,
} from '../../src/client/checkout-client.ts';
import type { AdminApi } from './admin-api.ts';

/** All that is known of one purchase. */
export type Story = {
  readonly hold: Hold | ListedHold | null;
  readonly order: Order | ListedOrder | null;
  /** Told of the order, or parked until there is one. */
  readonly payments: readonly ListedPaymentEvent[];
  readonly refunds: readonly Refund[];
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
      return storyOf(api, order.hold_id, order);
    }
    const hold = await unlessMissing(api.hold(id));
    if (hold !== null) {
      return storyOf(api, hold.hold_id, null);
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
    ? { hold: null, order: null, payments, refunds: [], events: [] }
    : storyOf(api, holdId, order);
}

async function storyOf(api: AdminApi, holdId: number, known: Order | null): Promise<Story> {
  const [hold, [order = known], ofHold] = await Promise.all([
    unlessMissing(api.hold(holdId)),
    api.orders({ hold_id: holdId }),
    api.paymentEvents({ hold_id: holdId }),
  ]);
  if (order === null) {
    return { hold, order, payments: ofHold, refunds: [], events: [] };
  }
  const { order_id } = order;
  const [ofOrder, refunds, events] = await Promise.all([
    api.paymentEvents({ order_id }),
    api.refunds({ order_id }),
    api.events({ order_id }),
  ]);
  const payments = new Map([...ofHold, ...ofOrder].map((event) => [event.idempotency_key, event]));
  return {
    hold,
    order,
    payments: [...payments.values()],
    refunds,
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
